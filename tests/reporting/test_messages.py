"""Every text of the page exists in both languages, with the same places to fill."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from string import Formatter

import pytest

from jeoul import assets
from jeoul.messages import say
from jeoul.model.instrument import AccountKind
from jeoul.reporting import templating, views
from jeoul.reporting.charts.rows import colours
from jeoul.reporting.font import font_faces
from jeoul.reporting.history_charts import CHARTED

SOURCES = [*templating.TEMPLATES.glob("report/**/*.j2"), *Path(views.__file__).parent.glob("*.py")]
FIRST_SCREEN = ("away", "risk", "volatility", "now", "after", "target")
BUILT = {
    *(f"account_{kind}" for kind in AccountKind),
    *(f"label_{key}" for key in CHARTED),
}


def entries(lang: str, part: str) -> dict[str, str]:
    return tomllib.loads(assets.data("messages", lang, f"{part}.toml").read_text("utf-8"))[part]  # type: ignore[no-any-return]


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def used() -> set[str]:
    found = set(BUILT)
    for source in SOURCES:
        text = source.read_text("utf-8")
        found |= set(re.findall(r'\bt\("([a-z_]+)"(?! ~)', text))
        found |= set(re.findall(r'"report\.([a-z_]+)"', text))
        found |= set(re.findall(r'else "([a-z_]+)", level', text))
    return found


@pytest.mark.parametrize("part", ["report", "facts", "today", "terms"])
def test_both_languages_have_the_same_messages_with_the_same_places(part: str) -> None:
    korean, english = entries("ko", part), entries("en", part)
    assert korean.keys() == english.keys()
    assert {k for k in korean if places(korean[k]) != places(english[k])} == set()


def test_every_message_that_the_page_uses_exists() -> None:
    assert used() - {"account_"} - entries("en", "report").keys() == set()


def test_no_message_lies_unused() -> None:
    assert entries("en", "report").keys() - used() == set()


@pytest.mark.parametrize("part", ["today", "terms"])
def test_the_first_screen_uses_what_it_can_say(part: str) -> None:
    sources = " ".join(source.read_text("utf-8") for source in SOURCES)
    built = {f"{name}_{end}" for name in ("nothing", "bar") for end in FIRST_SCREEN}
    said = set(re.findall(rf'{part}(?:\.|\(")([a-z_]+)', sources)) | built | {"buy", "sell"}
    said |= set(re.findall(r'say\("([a-z_]+)"', sources)) | {"nothing", "next"}
    assert entries("en", part).keys() - said == set()


@pytest.mark.parametrize("weight", ["Regular", "Bold"])
def test_the_shipped_font_covers_every_text(weight: str) -> None:
    from fontTools.ttLib import TTFont

    glyphs = TTFont(assets.data("fonts", f"JeoulSans-{weight}.ttf")).getBestCmap()
    texts = "".join(
        path.read_text("utf-8") for path in assets.data("messages").rglob("*.toml")
    ) + assets.data("universes", "krx-core.toml").read_text("utf-8")
    lacking = {c for c in texts if c.isprintable() and ord(c) not in glyphs}
    assert lacking == set()


def test_the_font_does_not_carry_the_reserved_name() -> None:
    from fontTools.ttLib import TTFont

    names = TTFont(assets.data("fonts", "JeoulSans-Regular.ttf"))["name"]
    assert "anum" not in names.getDebugName(1) + names.getDebugName(4) + names.getDebugName(6)
    assert "SIL Open Font License" in names.getDebugName(13)


def test_embedded_fonts_hold_only_the_glyphs_in_use() -> None:
    assert (
        len(font_faces("저울")) < 10_000 < len(font_faces("".join(map(chr, range(0xAC00, 0xB000)))))
    )


def test_colours_tell_neighbouring_classes_apart() -> None:
    from jeoul.reporting.facts import AssetClass
    from jeoul.reporting.text import Text

    classes = [
        AssetClass(key=key, name=Text(key, key), risk=key.startswith("equity"))
        for key in ("equity_kr", "equity_us", "krw_bond", "gold", "cash_like", "cash")
    ]
    assert list(colours(classes).values()) == ["r0", "r1", "w0", "w1", "c0", "c1"]


def test_prices_that_may_be_simulated_are_not_called_traded() -> None:
    assert say("ko", "facts.source_raw") == "조정하지 않은 가격, 분배금과 분할은 따로 반영"
    assert "traded" not in say("en", "facts.source_raw")
