"""Đọc tệp văn bản: files that people send, opened in a process of their own that cannot hang or starve the gateway."""

from gateway.papers.child import PaperReader

__all__ = ["PaperReader"]
