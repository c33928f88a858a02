"""Universes beside the catalogue of funds: what is shipped, and what a person's own file states."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jeoul import api, assets
from jeoul.errors import Infeasible, StrategyError
from jeoul.korea.catalogue_files import load_catalogue
from jeoul.korea.fund import held_in, missing_for_order
from jeoul.korea.tables import load_rules
from jeoul.model.instrument import AccountKind
from jeoul.strategy.load import load_strategy
from jeoul.strategy.universe import load_universe
from jeoul.translation import in_language

FUNDS = load_catalogue().funds
BOOK = load_rules(2026)
STRATEGIES = sorted(path.stem for path in assets.root().glob("strategies/*.toml"))
HEAD = 'schema = 1\nname = "own"\ncalendar = "XKRX"\ncurrency = "KRW"\n'


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize("account", AccountKind)
def test_every_fund_of_an_allocation_is_confirmed_for_its_account(
    name: str, account: AccountKind
) -> None:
    strategy = load_strategy(name)
    for profile in strategy.profiles:
        mandate = api.mandate(strategy, profile, account)
        if mandate.universe.calendar != "XKRX":
            continue
        for place in mandate.members:
            for code in mandate.allowed[place]:
                assert held_in(BOOK, FUNDS[code], account) is True, code
                assert missing_for_order(BOOK, FUNDS[code], account) == (), code


@pytest.mark.parametrize("account", [kind for kind in AccountKind if kind != "general"])
def test_funds_listed_abroad_are_ordered_in_an_ordinary_account_only(account: AccountKind) -> None:
    with pytest.raises(Infeasible, match="may hold no fund of universe us-core"):
        _ = api.mandate(load_strategy("managed-us"), "balanced", account).members


def test_the_shipped_universe_says_what_the_catalogue_confirms() -> None:
    for code, fund in load_universe("krx-core").instruments.items():
        listed = FUNDS[code]
        assert listed.value("irp") == fund.irp, code
        assert listed.value("tax") == fund.tax_kind, code
        assert listed.value("multiple") == fund.multiple, code
        assert fund.listed in (None, listed.value("listed")), code
        for account in AccountKind:
            assert held_in(BOOK, listed, account) == (account.ruled_as in fund.accounts), code


# --- a person's own file -----------------------------------------------------------------------


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def load(text: str) -> Any:
        (tmp_path / "own.toml").write_text(HEAD + text, "utf-8")
        return load_universe(tmp_path / "own.toml")

    return load


def own(code: str, facts: str) -> str:
    return (
        f'[members.one]\nclass = "stocks"\ncodes = ["{code}"]\n'
        f'[instruments."{code}"]\nclass = "stocks"\n{facts}\n'
    )


SOURCE = (
    'sources = ["page"]\n'
    '[sources.page]\ntitle = "a page"\nurl = "https://example.org"\nretrieved = 2026-11-01'
)


def test_a_class_that_nobody_confirms_needs_a_source_of_ones_own(read: Any) -> None:
    """435530 is a target-date fund; no page at hand says whether it is a qualified one."""
    with pytest.raises(StrategyError) as caught:
        read(own("435530", 'irp = "safe"'))
    (problem,) = caught.value.problems
    assert problem.message == "no page confirms what an IRP counts 435530 as"
    assert "add sources" in str(problem.remedy)
    assert "확인한 자료가 없습니다" in in_language(problem, "ko").message
    assert read(own("435530", f'irp = "safe"\n{SOURCE}')).instruments["435530"].irp == "safe"


def test_an_account_that_nobody_confirms_needs_a_source_too(read: Any) -> None:
    with pytest.raises(StrategyError, match="no page confirms"):
        read(own("435530", 'accounts = ["general", "irp"]'))


def test_left_out_it_is_held_where_any_fund_may_be(read: Any) -> None:
    fund = read(own("435530", "")).instruments["435530"]
    assert fund.accounts == {AccountKind.GENERAL, AccountKind.ISA}


def test_a_class_that_a_page_denies_is_refused(read: Any) -> None:
    with pytest.raises(StrategyError, match=r"an IRP counts 357870 as risk \(2026-09-22\), by"):
        read(own("357870", 'irp = "safe"'))
    assert read(own("357870", 'irp = "risk"')).instruments["357870"].irp == "risk"
    assert read(own("357870", f'irp = "safe"\n{SOURCE}')).instruments["357870"].irp == "safe"


def test_a_barred_fund_is_not_given_to_an_irp(read: Any) -> None:
    with pytest.raises(StrategyError, match="an IRP counts 305080 as barred"):
        read(own("305080", 'accounts = ["general", "irp"]'))


def test_a_geared_fund_is_not_a_member_by_leaving_its_multiple_out(read: Any) -> None:
    with pytest.raises(StrategyError, match="122630 gives 2 times a day's return; leave it out"):
        read(own("122630", ""))


def test_what_a_page_confirms_needs_no_source(read: Any) -> None:
    universe = read(own("069500", 'irp = "risk"\naccounts = ["general", "isa", "irp"]'))
    assert AccountKind.IRP in universe.instruments["069500"].accounts


def test_a_fund_that_the_catalogue_lacks_is_the_persons_word(read: Any) -> None:
    assert read(own("999999", 'irp = "safe"')).instruments["999999"].irp == "safe"
