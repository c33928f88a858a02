"""Tables in files that brokers and spreadsheets write: CSV in any dress, .xlsx and HTML."""

from jeoul.files.sheets.read import SheetFormat, read_sheets
from jeoul.files.sheets.sheet import Sheet, SheetRow

__all__ = ["Sheet", "SheetFormat", "SheetRow", "read_sheets"]
