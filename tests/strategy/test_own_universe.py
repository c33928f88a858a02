"""A universe of one's own: what may be left out, and what then counts."""

from __future__ import annotations

from math import fsum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul import assets
from jeoul.errors import StrategyError
from jeoul.model.instrument import AccountKind
from jeoul.strategy.load import find_strategy, load_strategy
from jeoul.strategy.tables.universe import UniverseTable
from jeoul.strategy.universe import load_universe

HEAD = 'schema = 1\nname = "own"\ncalendar = "XKRX"\ncurrency = "KRW"\n'
MEMBER = '[members.one]\nclass = "stocks"\ncodes = ["123456"]\n'


@pytest.fixture
def read(tmp_path: Path) -> Any:
    def load(text: str, head: str = HEAD) -> Any:
        (tmp_path / "own.toml").write_text(head + text, "utf-8")
        return load_universe(tmp_path / "own.toml")

    return load


@pytest.fixture
def refused(read: Any) -> Any:
    def load(text: str) -> str:
        with pytest.raises(StrategyError) as caught:
            read(text)
        return str(caught.value)

    return load


def test_a_code_and_a_class_are_a_fund_of_which_everything_else_is_unknown(read: Any) -> None:
    universe = read(MEMBER)
    fund = universe.instruments["123456"]
    assert (universe.classes, fund.asset_class) == (("stocks",), "stocks")
    assert (fund.name_ko, fund.name_en) == ("123456", "123456")
    assert (fund.expense_ratio, fund.risk_grade, fund.hedged, fund.exposure_currency) == (None,) * 4
    assert (fund.tax_kind, fund.irp) == ("krx_other_etf", "risk")
    assert fund.accounts == {AccountKind.GENERAL, AccountKind.ISA}
    assert fund.unverified == ("tax", "irp", "accounts")


def test_in_new_york_only_an_ordinary_account_holds_an_unknown_fund(read: Any) -> None:
    head = HEAD.replace("XKRX", "XNYS").replace("KRW", "USD")
    fund = read(MEMBER.replace("123456", "BRK.B"), head).instruments["BRK.B"]
    assert (fund.accounts, fund.tax_kind) == ({AccountKind.GENERAL}, "us_etf")


@pytest.mark.parametrize(("irp", "holds"), [("risk", True), ("safe", True), ("barred", False)])
def test_what_is_said_of_an_irp_decides_whether_one_holds_the_fund(
    read: Any, irp: str, holds: bool
) -> None:
    facts = f'[instruments."123456"]\nclass = "stocks"\nirp = "{irp}"\n'
    fund = read(MEMBER + facts).instruments["123456"]
    assert (AccountKind.IRP in fund.accounts) == holds
    assert AccountKind.PENSION_SAVINGS not in fund.accounts
    assert fund.unverified == ("tax", "accounts")


def test_one_text_is_a_name_in_both_languages(read: Any) -> None:
    fund = read(MEMBER + '[instruments."123456"]\nclass = "stocks"\nname = "내 ETF"\n')
    assert {fund.instruments["123456"].name_ko, fund.instruments["123456"].name_en} == {"내 ETF"}


def test_a_fund_is_added_to_a_whole_universe_by_its_class_and_code(tmp_path: Path) -> None:
    text = assets.data("universes", "krx-core.toml").read_text("utf-8")
    added = text + '\n[members.mine]\nclass = "gold"\ncodes = ["319640"]\n'
    (tmp_path / "more.toml").write_text(added, "utf-8")
    found, shipped = load_universe(tmp_path / "more.toml"), load_universe("krx-core")
    weights = {member.name: member.reference for member in found.members}
    assert weights["mine"] == weights["gold"]  # the average of its class
    assert weights["gold"] == pytest.approx(0.0208 / 1.0208)
    assert fsum(weights.values()) == pytest.approx(1.0, abs=1e-12)
    assert [m.name for m in found.members][:-1] == [m.name for m in shipped.members]


REFERENCE = st.one_of(st.none(), st.floats(0.001, 0.2))


@given(st.lists(REFERENCE, min_size=1, max_size=20).filter(lambda given: None in given))
def test_references_are_positive_and_sum_to_one_whichever_are_given(given: Any) -> None:
    stated = fsum(weight for weight in given if weight is not None)
    if stated > 1.0:
        given = [None if weight is None else weight / stated for weight in given]
        stated = 1.0
    members = {
        f"m{place}": {"class": f"c{place % 3}", "codes": (f"{place:06d}",), "reference": weight}
        for place, weight in enumerate(given)
    }
    head = {"schema": 1, "name": "own", "calendar": "XKRX", "currency": "KRW"}
    found = UniverseTable.model_validate(head | {"members": members}).references()
    assert all(weight > 0.0 for weight in found.values())
    assert fsum(found.values()) == pytest.approx(1.0, abs=1e-9)
    if stated < 1.0 - 1e-9:  # what is given is kept
        kept = [(found[f"m{place}"], weight) for place, weight in enumerate(given) if weight]
        assert all(mine == weight for mine, weight in kept)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (MEMBER.replace("stocks", "cash"), "cash is the money that is not invested"),
        (MEMBER.replace("stocks", "two words"), "members.one.class"),
        (MEMBER + '[class_names]\nbonds = "Bonds"\n', "bonds is not a class of this file"),
        (MEMBER + "reference = 1.5\n", "members.one.reference"),
        ("[members]\n", "members"),
        (MEMBER.replace("123456", "12 456"), "members.one.codes"),
    ],
)
def test_what_cannot_be_a_universe_is_refused(refused: Any, text: str, says: str) -> None:
    assert says in refused(text)


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ("own.toml", "there is no file"),
        ("own", "there is no universe 'own'; use one of krx-core, us-core, or the path of a file"),
        ("krx_core.toml", "there is no file"),
    ],
)
def test_a_universe_that_is_not_there_is_named(tmp_path: Path, named: str, says: str) -> None:
    text = find_strategy("static").read_text("utf-8").replace('"krx-core" ', f'"{named}"')
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    with pytest.raises(StrategyError, match=says):
        load_strategy(str(tmp_path / "mine.toml"))


def test_a_universe_without_its_suffix_is_recognised_beside_the_strategy(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(HEAD + MEMBER, "utf-8")
    text = find_strategy("static").read_text("utf-8").replace('"krx-core" ', '"own"')
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    with pytest.raises(StrategyError, match=r'write universe = "own\.toml"'):
        load_strategy(str(tmp_path / "mine.toml"))
