"""Báo cáo as files that an office uses: Word, a spreadsheet, CSV. The same tables in each, so that no two disagree."""

from gateway.reports.document import to_docx
from gateway.reports.sentences import Sentence, sentences
from gateway.reports.tables import Table, long_table, tables
from gateway.reports.workbook import to_xlsx

__all__ = ["Sentence", "Table", "long_table", "sentences", "tables", "to_docx", "to_xlsx"]
