"""Kho dữ liệu: what must survive a power cut. One SQLite file, one folder of audio; nothing else opens either."""
