"""Records as files: CSV, Parquet and Excel with the frame, HTML with the page."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from jeoul.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

ENDINGS = (".csv", ".parquet", ".xlsx", ".html")


def target_of(path: str) -> Path:
    """Return a path whose ending is one that can be written."""
    file = Path(path)
    if file.suffix.lower() not in ENDINGS:
        raise UsageError(f"{file.name} ends in none of {', '.join(ENDINGS)}; choose one of them")
    return file


def write_page(text: str, file: Path) -> None:
    """Write a page; a fragment is complete enough for every browser once its letters are named."""
    head = "" if text.lstrip().startswith("<!") else '<!doctype html><meta charset="utf-8">'
    file.write_text(head + text, "utf-8")


def write_frame(found: pd.DataFrame, file: Path, name: str) -> None:
    """Write a frame as the kind of file that the ending names; ``name`` is that of a sheet."""
    ending = file.suffix.lower()
    if ending == ".csv":
        # With a byte order mark, without which Excel shows Korean names as signs.
        found.to_csv(file, encoding="utf-8-sig", lineterminator="\n")
    elif ending == ".xlsx":
        _need("openpyxl", "an Excel file needs openpyxl, which is not installed")
        for column in found.select_dtypes("datetimetz").columns:
            found[column] = found[column].dt.tz_localize(None)  # a cell holds no zone
        found.to_excel(file, sheet_name=name)
    else:
        _need("pyarrow", "a Parquet file needs pyarrow, which is not installed")
        found.to_parquet(file)


def _need(module: str, otherwise: str) -> None:
    """Raise :class:`UsageError` without a module of the extra."""
    if find_spec(module) is None:
        raise UsageError(f"{otherwise}; pip install 'jeoul[export]'")
