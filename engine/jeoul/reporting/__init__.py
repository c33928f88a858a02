"""What a person reads: one self-contained HTML file per run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jeoul.reporting.page import render_html

__all__ = ["render_html"]


def __getattr__(name: str) -> Any:
    """Return ``render_html``, loaded when it is used: a line of text needs no page."""
    if name != "render_html":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from jeoul.reporting.page import render_html

    return render_html
