"""Records in a notebook: frames, pages, pictures and files of every public record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jeoul.api.showing.files import target_of, write_frame, write_page
from jeoul.api.showing.frames import frame_of
from jeoul.api.showing.pictures import picture
from jeoul.api.showing.views import currency_of, view_of
from jeoul.messages import used_language
from jeoul.reporting.formats import Formats
from jeoul.reporting.notebook import view_html
from jeoul.reporting.report import Report

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from jeoul.model.shown import Path as AnyPath

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
    file = target_of(path if isinstance(path, str) else path.__fspath__())
    if file.suffix.lower() == ".html":
        write_page(record.html() if isinstance(record, Report) else page(record), file)
    else:
        write_frame(frame(record), file, type(record).__name__)
