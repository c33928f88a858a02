"""The embedded font: only the glyphs that a page uses, so that Korean shows on any machine."""

from __future__ import annotations

import base64
from functools import lru_cache
from io import BytesIO

from jeoul import assets

FAMILY = "Jeoul Sans"
WEIGHTS = {"Regular": 400, "Bold": 700}


def font_faces(text: str) -> str:
    """Return ``@font-face`` rules that embed the glyphs of a text, in both weights.

    Characters outside the font fall back to the fonts of the reader's machine.

    >>> font_faces("저울").count("@font-face")
    2
    """
    characters = "".join(sorted(set(text)))
    return "\n".join(
        f'@font-face{{font-family:"{FAMILY}";font-weight:{weight};'
        f"src:url(data:font/woff;base64,{_subset(style, characters)}) format('woff')}}"
        for style, weight in WEIGHTS.items()
    )


@lru_cache(maxsize=8)
def _subset(style: str, characters: str) -> str:
    """Return the font with these glyphs alone, as WOFF in base64; the same bytes every time."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    # Glyphs are copied as they are; their boxes need no working out again.
    file = assets.data("fonts", f"JeoulSans-{style}.ttf")
    font = TTFont(file, recalcTimestamp=False, recalcBBoxes=False)
    options = Options()
    options.layout_features = ["kern"]
    options.notdef_outline = True
    subsetter = Subsetter(options)
    subsetter.populate(text=characters)
    subsetter.subset(font)
    font.flavor = "woff"
    out = BytesIO()
    font.save(out, reorderTables=True)
    return base64.b64encode(out.getvalue()).decode("ascii")
