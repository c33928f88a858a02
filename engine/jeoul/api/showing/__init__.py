"""Records in a notebook: frames, pages, pictures and files of every public record."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jeoul.api.showing.frames import frame_of
from jeoul.api.showing.pictures import picture
from jeoul.api.showing.views import currency_of, view_of
from jeoul.errors import UsageError
from jeoul.messages import used_language
from jeoul.reporting.formats import Formats
from jeoul.reporting.notebook import view_html
from jeoul.reporting.report import Report

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from jeoul.model.shown import Path as AnyPath

ENDINGS = (".csv", ".parquet", ".xlsx", ".html")
_SEOUL = "Asia/Seoul"  # no instant is shown in a notebook


def frame(record: Any) -> pd.DataFrame:
    """Return a record as a frame."""
    return frame_of(record, used_language())


def page(record: Any, language: str | None = None) -> str:
    """Return a record as a fragment of HTML."""
    formats = Formats(used_language(language), _SEOUL, currency_of(record))
    return view_html(view_of(record, formats), formats)


def draw(record: Any, ax: Axes | None, language: str | None = None) -> Axes:
    """Return axes with a picture of a record."""
    formats = Formats(used_language(language), _SEOUL, currency_of(record))
    return picture(record, ax, formats)


def export(record: Any, path: AnyPath | str) -> None:
    """Write a record to a file of the kind that its ending names."""
    file = Path(path)
    ending = file.suffix.lower()
    if ending not in ENDINGS:
        raise UsageError(f"{file.name} ends in none of {', '.join(ENDINGS)}; choose one of them")
    if ending == ".html":
        whole = record.html() if isinstance(record, Report) else page(record)
        file.write_text(whole, "utf-8")
    elif ending == ".csv":
        # With a byte order mark, without which Excel shows Korean names as signs.
        frame(record).to_csv(file, encoding="utf-8-sig", lineterminator="\n")
    elif ending == ".xlsx":
        _workbook(frame(record), file, type(record).__name__)
    else:
        _parquet(frame(record), file)


def _workbook(found: pd.DataFrame, file: Path, name: str) -> None:
    """Write a workbook; its instants lose their zone, which a cell cannot hold."""
    for column in found.select_dtypes("datetimetz").columns:
        found[column] = found[column].dt.tz_localize(None)
    found.to_excel(file, sheet_name=name)


def _parquet(found: pd.DataFrame, file: Path) -> None:
    if find_spec("pyarrow") is None:
        raise UsageError(
            "a Parquet file needs pyarrow, which is not installed; pip install 'jeoul[export]'"
        )
    found.to_parquet(file)
