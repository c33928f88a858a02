"""The one way to a page: a template over the base of all pages, filled with frozen facts.

``docs/pages.md`` shows how a new page is made.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from jeoul.reporting.font import font_faces
from jeoul.reporting.templating import checked_language, environment, speaker

_SECTION = re.compile(
    r'<section id="([^"]+)" aria-labelledby="[^"]+"[^>]*>\s*<h2 id="[^"]+">(.*?)</h2>', re.DOTALL
)
_INSIDE = re.compile(r"<(small|a)\b.*?</\1>|<[^>]+>", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageHead:
    """What the top of a page says, in its language.

    ``kind`` is what the page is ("Statement"), ``title`` whose or what it is about; ``simulated``
    puts the banner of simulated data above it. ``meta`` are pairs of a name and a value on one
    line, with an empty name where the value speaks for itself; ``notes`` are whole sentences.
    """

    language: str
    kind: str
    title: str
    simulated: bool
    day: date | None = None
    meta: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()


def render_page(template: str, head: PageHead, messages: str, **shown: object) -> str:
    """Return one self-contained HTML page: the same values give the same bytes.

    ``messages`` is the table of the catalogues that the template speaks from as ``t``; ``shown``
    are its other names. The page loads nothing: style, charts and the glyphs it uses are inside.
    What fills it is escaped. Raises :class:`~jeoul.errors.UsageError` for another language than
    ``ko`` and ``en``.
    """
    view = page_view(head, messages, **shown)
    page = environment().get_template(template).render(view, fonts="/*fonts*/")
    return page.replace("/*fonts*/", font_faces(page), 1)


def page_view(head: PageHead, messages: str, **shown: object) -> dict[str, object]:
    """Return what a template over the base of all pages reads, its own names among it."""
    language = checked_language(head.language)
    return {
        "head": head,
        "lang": language,
        "t": speaker(language, messages),
        "page": speaker(language, "page"),
        "jumps": jumps,
        **shown,
    }


def jumps(body: str) -> list[tuple[str, str]]:
    """Return the sections of a page's body as anchors and titles, without tags inside a title.

    >>> jumps('<section id="a" aria-labelledby="a-title"><h2 id="a-title">One <b>day</b></h2>')
    [('a', 'One day')]
    """
    return [(name, _INSIDE.sub("", title).strip()) for name, title in _SECTION.findall(body)]
