"""Chuẩn hóa văn bản: from what an office writes to what a person would say."""
