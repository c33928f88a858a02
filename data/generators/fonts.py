"""Cut the report's two fonts out of NanumGothic: Korean syllables of KS X 1001, Latin, signs.

python data/generators/fonts.py NanumGothic.ttf NanumGothicBold.ttf

The licence reserves the name Nanum for the unchanged fonts, so the subsets are called Jeoul Sans.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

FOLDER = Path(__file__).parents[1] / "fonts"
STYLES = ("Regular", "Bold")
SIGNS = "·–—‘’“”…※§°±×÷−≈≠≤≥∞√←↑→↓↔▲▼△▽■□●○◆◇★☆✓₩€£¥％℃①②③④⑤"
COPYRIGHT = 0  # the name record to keep as it is
LICENCE = "This Font Software is licensed under the SIL Open Font License, Version 1.1."
MINUS, EN_DASH = 0x2212, 0x2013


def characters() -> set[int]:
    """Return the code points to keep."""
    syllables = {
        ord(bytes((high, low)).decode("euc_kr"))
        for high in range(0xB0, 0xC9)
        for low in range(0xA1, 0xFF)
    }
    jamo = set(range(0x3131, 0x3164))
    punctuation = {0x3000, 0x3001, 0x3002, 0x300A, 0x300B, 0x300C, 0x300D}
    latin = {*range(0x20, 0x7F), *range(0xA0, 0x180)}
    return syllables | jamo | punctuation | latin | {ord(sign) for sign in SIGNS}


def cut(source: Path, style: str) -> Path:
    """Write the subset of one font under its new name."""
    font = TTFont(source, recalcTimestamp=False)
    options = Options()
    options.hinting = False
    options.layout_features = ["kern"]
    options.name_IDs = [COPYRIGHT]
    options.drop_tables += ["TSI0", "TSI1", "TSI2", "TSI3", "TSI5"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters())
    subsetter.subset(font)
    names = font["name"]
    names.names = [record for record in names.names if record.nameID == COPYRIGHT]
    family, full = "Jeoul Sans", f"Jeoul Sans {style}"
    titles = {1: family, 2: style, 3: full, 4: full, 6: f"JeoulSans-{style}"}
    titles |= {13: LICENCE, 14: "https://openfontlicense.org"}
    for place, text in titles.items():
        names.setName(text, place, 3, 1, 0x409)
    for table in font["cmap"].tables:  # NanumGothic has no minus sign; its en dash serves as one
        if EN_DASH in table.cmap:
            table.cmap[MINUS] = table.cmap[EN_DASH]
    path = FOLDER / f"JeoulSans-{style}.ttf"
    font.save(path, reorderTables=True)
    return path


if __name__ == "__main__":
    for file, style in zip(sys.argv[1:], STYLES, strict=True):
        print(cut(Path(file), style))
