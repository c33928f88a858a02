"""What a statement says: the same in a terminal, on a page and as JSON, and no gap as 0."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from math import nan
from typing import Any

import pytest
from statement_facts import figures, general, overseas, returns, statement_facts

from jeoul.errors import UsageError
from jeoul.reporting.columns import width
from jeoul.reporting.statement.document import statement_document
from jeoul.reporting.statement.facts import Inflation, YearTax
from jeoul.reporting.statement.page import render_statement
from jeoul.reporting.statement.text import statement_lines
from jeoul.reporting.statement.words import MISSED, StatementWords

LANGUAGES = ("ko", "en")


class Tags(HTMLParser):
    """The tags of a page that are still open at its end, and what it refers to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.left: list[str] = []
        self.references: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.references += [value for name, value in attrs if name in ("href", "src") and value]
        if tag not in ("meta", "path", "rect", "br"):
            self.left.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("meta", "path", "rect", "br"):
            assert self.left.pop() == tag


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_whole_and_loads_nothing(language: str) -> None:
    page = Tags(render_statement(statement_facts(), language))
    assert page.left == []
    assert all(each.startswith("#") for each in page.references)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_facts_are_the_same_page(language: str) -> None:
    assert render_statement(statement_facts(), language) == render_statement(
        statement_facts(), language
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_terminal_and_the_page_have_the_same_sentences(language: str) -> None:
    facts = statement_facts()
    words = StatementWords(facts, language)
    lines = statement_lines(facts, language)
    text, page = " ".join(" ".join(lines).split()), render_statement(facts, language)
    assert max(map(width, lines)) <= 80
    for sentence in (words.lead, *words.notes, *words.missed(general().done)):
        assert sentence in text
        assert sentence.replace("&", "&amp;").replace("'", "&#39;") in page


def test_another_language_is_refused() -> None:
    with pytest.raises(UsageError):
        render_statement(statement_facts(), "de")


def test_less_than_a_year_is_shown_as_the_span_and_longer_per_year() -> None:
    words = StatementWords(statement_facts(), "en")
    short = returns(time_weighted=nan, total_return=-0.0123, money_weighted=nan, days=31)
    shown = dict(zip(words.rates, words.returns(short), strict=True))
    assert (shown["time_weighted"], shown["currency"]) == ("−1.23%", "2.10%")
    assert shown["real"] == "−6.82%"
    shown = dict(zip(words.rates, words.returns(returns(days=730)), strict=True))
    assert (shown["time_weighted"], shown["currency"]) == ("5.12%", "1.05%")
    assert shown["real"] == "3.36%"  # the root of 1.1324 / 1.06


def test_a_statement_of_its_first_day_has_no_gain_to_speak_of() -> None:
    day = figures().end
    begun = statement_facts(figures=figures(start=day, value=60_000_000))
    assert StatementWords(begun, "en").lead.startswith(f"Started on {day}")
    assert "gained" in StatementWords(statement_facts(), "en").lead


def test_what_nobody_knows_is_not_0() -> None:
    facts = statement_facts(inflation=None, rates=None)
    words = StatementWords(facts, "en")
    assert words.rates == ["time_weighted", "money_weighted"]
    assert "--inflation" in words.inflation
    assert words.income(None).startswith("Unknown")
    premiums = dict(words.year_parts(facts.taxes[0]))
    assert premiums["Health premiums"] == "unknown"


def test_the_price_index_of_another_country_is_named() -> None:
    words = StatementWords(statement_facts(inflation=Inflation("cpi_us", "US", None)), "en")
    assert "US consumer prices (cpi_us)" in words.inflation
    given = StatementWords(statement_facts(inflation=Inflation(None, None, 0.02)), "en")
    assert "2.00% a year" in given.inflation


def test_a_loss_is_called_one() -> None:
    loss = figures(value=40_000_000, returns=returns(total_return=-0.2, time_weighted=-0.09))
    words = StatementWords(statement_facts(figures=loss), "en")
    assert words.lead.startswith("You lost ₩15,000,000: −9.00% a year")


def test_the_newest_missed_orders_are_listed_and_the_rest_counted() -> None:
    done: Any = general().done
    many = done.__class__(**{**{k: getattr(done, k) for k in done.__slots__},
                             "missed": done.missed * (MISSED + 2)})  # fmt: skip
    lines = StatementWords(statement_facts(), "en").missed(many)
    assert len(lines) == MISSED + 1
    assert "2 more" in lines[-1]


def test_one_account_alone_is_not_assessed() -> None:
    alone = statement_facts(taxes=(YearTax("", 2026, False, 12_000, None),))
    words = StatementWords(alone, "en")
    assert not words.assessed
    assert [name for name, _ in words.year_parts(alone.taxes[0])] == ["At source"]
    assert words.say("law_alone") in " ".join(" ".join(statement_lines(alone, "en")).split())


def test_the_document_has_the_figures_of_the_whole_and_of_each_account() -> None:
    found = json.loads(json.dumps(statement_document(statement_facts(), "en")))
    assert found["gain"] == 61_234_567 - 60_000_000 + 5_000_000
    keys = (
        "from", "to", "opening", "value", "paid_in", "taken_out", "gain", "costs", "taxes",
        "distributions", "time_weighted", "money_weighted",
    )  # fmt: skip
    for account in found["accounts"]:
        assert {"id", *keys} <= account.keys()
    assert [each["id"] for each in found["accounts"]] == ["general", "us"]
    assert found["accounts"][1]["decided"] is None
    assert found["windows"][2] == {"span": "3y", "from": "2023-06-30", "returns": None}
    assert found["accounts"][0]["drift"]["drift"] == 0.035
    assert overseas().figures.gain == found["accounts"][1]["gain"]
