"""The page of a household: what is on it, that it loads nothing, that sums add up."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from jeoul.errors import UsageError
from jeoul.household.problem.records import PlanStatus
from jeoul.reporting.household.facts import FurtherAnswers, RuleConflict
from jeoul.reporting.household.page import render_household
from jeoul.reporting.household.words import HouseholdWords
from jeoul.reporting.text import Text

VOID = {"meta", "br", "rect"}


class Outline(HTMLParser):
    """The tags of a page in order, with what is wrong for someone who does not see it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.texts.append(data.strip())

    @property
    def text(self) -> str:
        return " ".join(text for text in self.texts if text)

    def tags(self, name: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.seen if tag == name]


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_tag_is_closed_and_nothing_is_loaded(household: Any, lang: str) -> None:
    page = render_household(household, lang)
    assert Outline(page).open == []
    bare = re.sub(r"base64,[A-Za-z0-9+/=]+", "", page)
    assert not re.search(r"https?:|//[a-z]|@import|<script|<link|<iframe|\bsrc=", bare)
    assert set(re.findall(r"url\(([a-z]+:[a-z]+/[a-z]+)", page)) == {"data:font/woff"}
    assert f'<html lang="{lang}">' in page


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_reader_without_sight_finds_landmarks_headings_and_tables(
    household: Any, lang: str
) -> None:
    outline = Outline(render_household(household, lang))
    assert len(outline.tags("main")) == len(outline.tags("header")) == len(outline.tags("h1")) == 1
    ids = [attrs["id"] for _, attrs in outline.seen if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert all(each["aria-labelledby"] in ids for each in outline.tags("section"))
    levels = [int(tag[1]) for tag, _ in outline.seen if re.fullmatch(r"h[1-6]", tag)]
    assert all(below - above <= 1 for above, below in pairwise(levels))
    assert all(each.get("scope") in {"col", "row"} for each in outline.tags("th"))
    assert all(each["role"] == "img" and each["aria-label"] for each in outline.tags("svg"))
    assert len(outline.tags("table")) >= len(outline.tags("svg"))


def test_a_cell_of_an_order_names_itself_where_the_table_is_stacked(household: Any) -> None:
    page = render_household(household, "ko")
    for table in re.findall(r'<table class="orders taxed">.*?</table>', page, re.DOTALL):
        cells = re.findall(r'<td class="n[^>]*>(?!</td>)', table)
        assert cells
        assert all("data-label=" in cell for cell in cells)
    phone = page.partition("@media (max-width:719px)")[2]
    assert ".orders.taxed tr{grid-template-columns" in phone


def test_what_to_do_comes_first_and_accounts_that_sell_come_before_the_rest(
    household: Any,
) -> None:
    text = Outline(render_household(household, "en")).text
    lead = "Sell ₩60,999,832 (2 orders), deposit ₩3,160,000 (2 accounts), buy ₩39,976,200 (1 order)"
    assert lead in text
    orders = text[text.index("Orders by account", text.index(lead)) :]
    assert orders.index("Ordinary") < orders.index("US account") < orders.index("ISA")


def test_an_account_in_dollars_counts_in_dollars_and_the_household_in_won(household: Any) -> None:
    text = Outline(render_household(household, "ko")).text
    assert "535.71달러 14,999.88달러 0.00달러 10.50달러" in text
    assert "수수료 25,938원" in text  # of all orders together


def test_a_tax_that_may_be_lower_is_shown_with_both_ends(household: Any) -> None:
    text = Outline(render_household(household, "en")).text
    assert "₩20,000 at least ₩0" in text
    assert "The tax may turn out lower" in text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (PlanStatus.PROVEN, "no other is better by more than ₩1"),
        (PlanStatus.WITHIN_GAP, "saves at most ₩6,000 (0.41% of the cost)"),
        (PlanStatus.UNPROVEN, "Not proven to be the best plan"),
        (PlanStatus.NO_TRADE, "no trade saves ₩5,000 or more"),
        (PlanStatus.INFEASIBLE, "No plan keeps all the rules"),
    ],
)
def test_the_certificate_is_in_words(household: Any, status: PlanStatus, words: str) -> None:
    text = Outline(render_household(replace(household, status=status), "en")).text
    assert words in text


def test_rules_that_conflict_are_named_with_the_smallest_change(household: Any) -> None:
    conflict = RuleConflict(
        rules=(Text("ISA 납입 한도", "Room of the ISA"), Text("출금", "The withdrawal")),
        relaxations=(Text("출금을 10,000원 줄이기", "Withdraw ₩10,000 less"),),
    )
    stuck = replace(household, status=PlanStatus.INFEASIBLE, conflict=conflict)
    text = Outline(render_household(stuck, "en")).text
    assert text.index("Room of the ISA The withdrawal") < text.index("Withdraw ₩10,000 less")


@pytest.mark.parametrize(("lang", "word"), [("ko", "모의 데이터"), ("en", "Simulated data")])
def test_simulated_data_is_called_so_before_anything_else(
    household: Any, lang: str, word: str
) -> None:
    page = render_household(household, lang)
    assert page.index(word) < page.index("<h1>")
    assert word not in render_household(replace(household, simulated=False), lang)


def test_names_from_files_are_escaped(household: Any) -> None:
    hostile = "<script>alert(1)</script>"
    name = Text(hostile, hostile)
    accounts = tuple(
        replace(
            account,
            id=hostile,
            title=name,
            orders=tuple(replace(order, name=name, code=hostile) for order in account.orders),
            holdings=tuple(replace(each, name=name, code=hostile) for each in account.holdings),
        )
        for account in household.accounts
    )
    needs = tuple(replace(need, title=name) for need in household.needs)
    hidden = replace(
        household,
        title=hostile,
        strategy=hostile,
        inputs_id=hostile,
        accounts=accounts,
        needs=needs,
        notes=(name,),
        assumptions=(name,),
    )
    for lang in ("ko", "en"):
        page = render_household(hidden, lang)
        assert Outline(page).open == []
        assert "<script" not in page


def test_a_household_with_nothing_to_do_says_so(household: Any) -> None:
    still = tuple(replace(each, orders=(), deposit=0) for each in household.accounts)
    calm = replace(
        household,
        accounts=still,
        status=PlanStatus.NO_TRADE,
        new_money=0,
        cost=household.nothing,
        taxes=(),
        waiting=0,
        answers=FurtherAnswers(),
    )
    text = Outline(render_household(calm, "en")).text
    assert "No trades today." in text
    assert "Doing nothing costs no more." in text
    assert "Deposits" not in text


def test_the_same_facts_give_the_same_bytes_and_few_of_them(household: Any) -> None:
    page = render_household(household, "ko")
    assert page == render_household(household, "ko")
    assert len(page.encode()) < 300_000


def test_another_language_is_refused(household: Any) -> None:
    with pytest.raises(UsageError, match="use one of ko, en"):
        render_household(household, "de")


def test_an_account_is_called_by_its_kind_and_by_its_name_only_where_it_has_one(
    household: Any,
) -> None:
    first = household.accounts[0]
    assert first.id == first.kind
    assert f"<small>{first.id}</small>" not in render_household(household, "ko")
    second = replace(first, id="for-the-house")
    facts = replace(household, accounts=(second, *household.accounts[1:]))
    assert "<small>for-the-house</small>" in render_household(facts, "ko")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_what_to_do_today_is_followed_by_what_it_saves_and_the_proof_comes_later(
    household: Any, lang: str
) -> None:
    page = render_household(household, lang)
    words = HouseholdWords(household, lang)
    today = page[page.index('id="today"') : page.index("</section>", page.index('id="today"'))]
    assert str(words.nothing) in today
    assert str(words.status) not in today
    assert str(words.status) in page
