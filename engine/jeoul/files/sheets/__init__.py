"""Tables in files that brokers and spreadsheets write: CSV in any dress, .xlsx and HTML."""

from jeoul.files.sheets.read import SheetFormat, read_sheets
from jeoul.files.sheets.sheet import Row, Sheet

__all__ = ["Row", "Sheet", "SheetFormat", "read_sheets"]
