"""What every page holds: language, landmarks, headings, banner, tables, nothing from outside."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from kinds import KINDS

import jeoul
from jeoul.messages import say
from jeoul.reporting.templating import TEMPLATES

VOID = {"meta", "br", "path", "rect", "circle", "line"}
Page = Callable[[str, str], str]


class Outline(HTMLParser):
    """The tags of a page in order, with their parents; a tag that is left open fails."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str]]] = []
        self.seen: list[tuple[str, dict[str, str], list[tuple[str, dict[str, str]]]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        found = {name: value or "" for name, value in attrs}
        self.seen.append((tag, found, list(self.open)))
        if tag not in VOID:
            self.open.append((tag, found))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop()[0] == tag

    def tags(self, name: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes, _ in self.seen if tag == name]


@pytest.fixture
def page(made: Page, kind: str, language: str) -> str:
    return made(kind, language)


def test_every_template_of_a_page_is_registered() -> None:
    extending = {
        place.parent.name
        for place in TEMPLATES.rglob("*.j2")
        if '{% extends "base.html.j2" %}' in place.read_text("utf-8")
    }
    assert extending == set(KINDS)


def test_no_page_is_written_but_over_the_base() -> None:
    """What the server shows has a shell of its own around the same style and kit."""
    engine = Path(jeoul.__file__).parent
    sources = [*engine.rglob("*.py"), *engine.rglob("*.j2")]
    writing = [
        place.relative_to(engine).as_posix()
        for place in sources
        if "<!doctype html" in place.read_text("utf-8") and engine / "web" not in place.parents
    ]
    # A record that is exported is a table with a head, not a page.
    assert writing == ["api/showing/files.py", "reporting/templates/base.html.j2"]


def test_a_page_says_its_language_and_every_tag_is_closed(page: str, language: str) -> None:
    outline = Outline(page)
    assert outline.open == []
    assert outline.tags("html") == [{"lang": language}]
    other = "ko" if language == "en" else "en"
    assert say(other, "page.table") not in page


def test_a_reader_without_sight_finds_landmarks_and_headings(page: str) -> None:
    outline = Outline(page)
    for tag in ("main", "header", "h1"):
        assert len(outline.tags(tag)) == 1, tag
    ids = [attributes["id"] for _, attributes, _ in outline.seen if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"] for attributes in outline.tags("a")]
    assert links[0] == "#main"
    assert {link[1:] for link in links} <= set(ids)
    sections = outline.tags("section")
    assert sections
    assert all(each["aria-labelledby"] in ids for each in sections)
    levels = [int(tag[1]) for tag, _, _ in outline.seen if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))
    assert all(each.get("scope") in {"col", "row"} for each in outline.tags("th"))


def test_simulated_data_is_called_so_before_the_title(page: str, language: str) -> None:
    banner = say(language, "page.simulated_long")
    assert page.count(banner) == 1
    assert page.index(banner) < page.index("<h1>")


def test_behind_each_figure_is_a_table(page: str) -> None:
    outline = Outline(page)
    tables = {attributes.get("id") for attributes in outline.tags("table")}
    drawings = [
        (attributes, parents)
        for tag, attributes, parents in outline.seen
        if tag in ("svg", "table") and attributes.get("role") == "img"
    ]
    assert all(attributes["aria-label"] for attributes, _ in drawings)
    inside = [
        next(attributes for tag, attributes in reversed(parents) if tag == "figure")
        for _, parents in drawings
    ]
    assert len(inside) == len(outline.tags("figure"))  # a figure has one drawing
    behind = re.findall(r"<figure[^>]*>(.*?)</figure>", page, re.DOTALL)
    for figure, attributes in zip(behind, inside, strict=True):
        assert "<figcaption>" in figure
        behind_it = figure.replace('<table class="heat"', "")  # itself a drawing
        assert "<table" in behind_it or attributes["aria-details"] in tables


def test_a_page_asks_nobody_for_anything(page: str) -> None:
    bare = re.sub(r"base64,[A-Za-z0-9+/=]+", "", page)
    assert not re.search(r"https?:|//[a-z]|@import|<script|<link|<iframe|<object|\bsrc=", bare)
    assert set(re.findall(r"url\(([a-z]+:[a-z]+/[a-z]+)", page)) == {"data:font/woff"}
    assert not re.search(r"\bon[a-z]+=|style=", bare)


def test_a_page_is_small(kind: str, page: str) -> None:
    most = 750_000 if kind == "report" else 200_000  # three profiles with all their past returns
    assert len(page.encode()) < most
