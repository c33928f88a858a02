"""What a person reads: one self-contained HTML file per run."""

from jeoul.reporting.page import render_html

__all__ = ["render_html"]
