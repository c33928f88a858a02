"""Universe files: the facts about the funds, the rules they obey, and how a bad file is refused."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from jeoul import assets, messages
from jeoul.errors import StrategyError
from jeoul.model.instrument import AccountKind, Proxy, ProxyKind, Universe
from jeoul.strategy.universe import EXCLUDED_FEATURES, load_universe

SHIPPED = ("krx-core", "us-core")


@pytest.fixture(scope="module", params=SHIPPED)
def universe(request: pytest.FixtureRequest) -> Universe:
    return load_universe(request.param)


@pytest.fixture(scope="module")
def krx() -> Universe:
    return load_universe("krx-core")


def member_codes(universe: Universe) -> list[str]:
    return [code for member in universe.members for code in member.codes]


# --- what holds for every universe ----------------------------------------------------------------


def test_reference_weights_are_a_portfolio(universe: Universe) -> None:
    weights = [member.reference for member in universe.members]
    assert min(weights) > 0
    assert sum(weights) == pytest.approx(1.0, abs=1e-12)
    assert universe.reference_source is not None
    assert universe.reference_source.url.startswith("https://")


def test_every_class_has_a_member_and_a_way_out(universe: Universe) -> None:
    assert {member.asset_class for member in universe.members} == set(universe.classes)
    assert set(universe.fallback) == set(universe.classes)
    assert all(other in universe.classes for other in universe.fallback.values())


def test_every_fact_has_a_source_and_a_confidence(universe: Universe) -> None:
    for code, fund in universe.instruments.items():
        assert fund.code == code
        assert fund.sources, code
        assert "other" in fund.confidence, code
        assert all(source.retrieved <= date(2026, 11, 28) for source in fund.sources)


def test_every_fund_has_a_risk_grade_and_says_how_sure_it_is(universe: Universe) -> None:
    for code, fund in universe.instruments.items():
        assert fund.risk_grade is not None, code
        assert fund.confidence.get("risk_grade", fund.confidence["other"]) in ("low", "medium"), (
            code
        )
        if fund.features & {"leveraged", "inverse"}:
            assert fund.risk_grade == 1, code


def test_a_fee_is_a_fraction_and_no_percentage(universe: Universe) -> None:
    for code, fund in universe.instruments.items():
        if fund.expense_ratio is not None:
            assert 0.00005 <= fund.expense_ratio <= 0.01, code


def test_only_what_an_irp_may_hold_lists_the_irp(universe: Universe) -> None:
    for fund in universe.instruments.values():
        assert (fund.irp != "barred") == (AccountKind.IRP in fund.accounts)


def test_members_and_excluded_funds_do_not_meet(universe: Universe) -> None:
    assert not set(member_codes(universe)) & set(universe.excluded)
    for code, fund in universe.instruments.items():
        assert (code in universe.excluded) == bool(fund.features & set(EXCLUDED_FEATURES))


def test_the_reason_of_an_exclusion_can_be_said_in_both_languages(universe: Universe) -> None:
    for language in messages.LANGUAGES:
        for reason in universe.excluded.values():
            assert messages.say(language, reason)
        for name in universe.classes:
            assert messages.say(language, f"universe.{name}")


# --- the Korean universe --------------------------------------------------------------------------


def test_krx_core_is_broad_enough(krx: Universe) -> None:
    assert len(member_codes(krx)) >= 14
    assert set(krx.classes) == {
        "equity_kr",
        "equity_us",
        "equity_world",
        "krw_bond",
        "us_bond",
        "usd_short",
        "gold",
        "cash_like",
    }


def test_krx_substitutes_stand_in_the_agreed_order(krx: Universe) -> None:
    codes = {member.name: member.codes for member in krx.members}
    assert codes["kr_large"] == ("069500", "102110")
    assert codes["us_large"] == ("360750", "379800")
    assert codes["usd_short"] == ("329750", "455030")
    assert codes["gold"] == ("411060", "132030")


def test_krx_reference_follows_the_arithmetic_written_beside_it(krx: Universe) -> None:
    shares, bonds, gold = 50 / 96, 44 / 96, 2 / 96
    home_shares = 14.9 / (14.9 + 35.9)
    home_bonds = 26.5 / (26.5 + 8.0)
    foreign = shares * (1 - home_shares)
    expected = {
        "equity_kr": shares * home_shares,
        "equity_us": foreign * 0.593,
        "equity_world": foreign * (1 - 0.593),
        "krw_bond": bonds * home_bonds - 0.01,
        "us_bond": bonds * (1 - home_bonds) / 2,
        "usd_short": bonds * (1 - home_bonds) / 2,
        "gold": gold,
        "cash_like": 0.01,
    }
    for name in krx.classes:
        total = sum(m.reference for m in krx.members if m.asset_class == name)
        assert total == pytest.approx(expected[name], abs=2e-4), name


def test_leveraged_inverse_and_covered_call_funds_are_excluded_with_their_reason(
    krx: Universe,
) -> None:
    assert krx.excluded == {
        "122630": "universe.excluded_leveraged",
        "233740": "universe.excluded_leveraged",
        "114800": "universe.excluded_inverse",
        "252670": "universe.excluded_leveraged",
        "458760": "universe.excluded_covered_call",
    }


@pytest.mark.parametrize("code", ["122630", "252670", "114800", "233740"])
def test_leverage_and_inverse_are_barred_from_both_pension_accounts(
    krx: Universe, code: str
) -> None:
    assert not krx.instruments[code].accounts & {AccountKind.IRP, AccountKind.PENSION_SAVINGS}


def test_a_futures_fund_is_barred_from_the_irp_and_a_swap_on_a_security_is_not(
    krx: Universe,
) -> None:
    assert krx.instruments["132030"].irp == "barred"
    assert AccountKind.PENSION_SAVINGS in krx.instruments["132030"].accounts
    assert krx.instruments["459580"].irp == "safe"
    assert krx.instruments["455030"].irp == "risk"


def test_the_irp_finds_a_fund_of_every_class_but_bond_futures(krx: Universe) -> None:
    for member in krx.members:
        if member.asset_class == "us_bond":
            continue
        assert any(krx.instruments[code].irp != "barred" for code in member.codes), member.name
    assert all(
        krx.instruments[member.codes[0]].irp == "safe"
        for member in krx.members
        if member.asset_class in ("krw_bond", "cash_like")
    )


def test_only_funds_on_korean_shares_have_the_exempt_gain(krx: Universe) -> None:
    exempt = {c for c, fund in krx.instruments.items() if fund.tax_kind == "kr_equity_etf"}
    assert exempt == {"069500", "102110", "161510", "211900"}


def test_hedged_gold_differs_from_spot_gold(krx: Universe) -> None:
    assert krx.instruments["132030"].hedged
    assert not krx.instruments["411060"].hedged
    assert krx.instruments["411060"].former_names == ("KINDEX KRX금현물",)


def test_listing_dates_are_no_later_than_the_first_known_price(krx: Universe) -> None:
    first_price = {
        "069500": date(2002, 10, 14),
        "133690": date(2010, 10, 18),
        "273130": date(2017, 6, 29),
        "329750": date(2019, 7, 24),
        "360750": date(2020, 8, 7),
        "458730": date(2023, 6, 20),
        "459580": date(2023, 6, 8),
    }
    for code, day in first_price.items():
        listed = krx.instruments[code].listed
        assert listed is not None
        assert listed <= day


def test_proxies_of_a_korean_fund_come_in_order(krx: Universe) -> None:
    proxies = {member.name: member.proxies for member in krx.members}
    assert proxies["kr_large"] == (Proxy(kind=ProxyKind.SERIES, column="kospi200"),)
    assert [proxy.column for proxy in proxies["us_dividend"]] == ["SCHD", "VYM"]
    (ten_years,) = proxies["treasury_10y"]
    assert (ten_years.kind, ten_years.column, ten_years.maturity) == (
        ProxyKind.PAR_BOND,
        "kr10y",
        10.0,
    )
    assert [proxies[name][0].maturity for name in ("treasury_3y", "aggregate")] == [3.0, 5.0]


def test_a_proxy_pays_the_fee_of_the_first_fund_whose_fee_is_known(krx: Universe) -> None:
    """Gold takes its fee from the catalogue of listed funds, as its universe names none."""
    for member in krx.members:
        known = [krx.instruments[code].expense_ratio for code in member.codes]
        fees = {p.charges.fee for p in member.proxies if p.charges and not p.charges.correction}
        if fees and member.name != "gold":
            assert fees == {next(fee for fee in known if fee is not None)}, member.name
    (gold,) = next(m.proxies for m in krx.members if m.name == "gold")
    catalogue = assets.data("catalogue", "krx-funds.csv").read_text("utf-8").splitlines()
    row = next(line for line in catalogue if line.startswith("411060,"))
    assert gold.charges is not None
    assert f",{gold.charges.fee * 100:.2f}," in row


def test_yields_are_plausible_and_end_before_the_later_years(krx: Universe) -> None:
    taxed = [p.charges for m in krx.members for p in m.proxies if p.charges and p.charges.yields]
    assert len(taxed) == 6
    for charges in taxed:
        years, yields = zip(*charges.yields, strict=True)
        assert list(years) == list(range(years[0], years[-1] + 1))
        assert years[-1] <= 2023
        assert max(yields) < 0.04


# --- the American universe ------------------------------------------------------------------------


def test_us_core_can_be_held_from_2007_without_a_proxy() -> None:
    universe = load_universe("us-core")
    old = {"SPY", "EFA", "EEM", "AGG", "IEF", "SHY", "BIL", "GLD"}
    first = {member.codes[0] for member in universe.members}
    assert old <= first
    assert {universe.instruments[code].asset_class for code in old} == set(universe.classes)


def test_no_tax_favoured_account_holds_a_foreign_listed_fund() -> None:
    for fund in load_universe("us-core").instruments.values():
        assert fund.accounts == {AccountKind.GENERAL}


# --- against real data ----------------------------------------------------------------------------


def test_every_proxy_is_a_column_of_the_market_folder(universe: Universe) -> None:
    folder = os.environ.get("JEOUL_MARKET")
    if folder is None:
        pytest.skip("JEOUL_MARKET names no market folder")
    columns: set[str] = set()
    for name in ("prices-us.csv", "signals.csv", "macro-monthly.csv"):
        with (Path(folder) / name).open(encoding="utf-8") as lines:
            columns |= set(next(lines).strip().split(","))
    for member in universe.members:
        for proxy in member.proxies:
            assert proxy.column in columns, member.name


# --- loading --------------------------------------------------------------------------------------


def test_loading_brings_no_heavy_library() -> None:
    program = (
        "import sys; from jeoul.strategy.universe import load_universe; load_universe('us-core');"
        "print(sorted({'pandas', 'cvxpy', 'numpy', 'numba'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(assets.root() / "engine"), "SYSTEMROOT": "C:\\Windows"},
    )
    assert done.stdout.strip() == "[]"


@pytest.fixture
def edited(tmp_path: Path) -> Any:
    """Return a function that loads the Korean universe after some replacements in its text."""
    text = assets.data("universes", "krx-core.toml").read_text("utf-8")

    def load(*changes: tuple[str, str]) -> tuple[list[str], str]:
        changed = text
        for old, new in changes:
            assert old in changed
            changed = changed.replace(old, new, 1)
        path = tmp_path / "mine.toml"
        path.write_text(changed, "utf-8")
        with pytest.raises(StrategyError) as refusal:
            load_universe(path)
        return [str(problem).removeprefix(str(path)) for problem in refusal.value.problems], changed

    return load


def line_of(text: str, fragment: str) -> int:
    return text[: text.index(fragment)].count("\n") + 1


def test_a_code_without_quotes_is_told_to_take_quotes(edited: Any) -> None:
    problems, text = edited(('codes     = ["069500", "102110"]', 'codes     = [069500, "102110"]'))
    line = line_of(text, "codes     = [069500")
    assert problems == [
        f':{line}: 069500 without quotes is not the code of a fund; write codes in quotes: "069500"'
    ]


def test_a_code_that_reads_as_a_number_is_told_to_take_quotes(edited: Any) -> None:
    problems, text = edited(('codes     = ["360750", "379800"]', "codes     = [360750, 379800]"))
    line = line_of(text, "codes     = [360750")
    assert problems == [
        f":{line}: members.us_large.codes.0: 360750 is a number, not text; write codes in quotes",
        f":{line}: members.us_large.codes.1: 379800 is a number, not text; write codes in quotes",
    ]


def test_a_wrong_key_is_named_with_its_line_and_the_likely_key(edited: Any) -> None:
    problems, text = edited(("reference = 0.1637", "referense = 0.1637"))
    line = line_of(text, "referense")
    assert f":{line}: unknown key 'referense' in [members.us_large]; " in problems[-1]
    assert "did you mean 'reference'?" in problems[-1]


def test_all_problems_of_a_file_come_at_once_in_their_order(edited: Any) -> None:
    problems, text = edited(
        ('currency = "KRW"', 'currency = "YEN"'),
        ('kind = "par-bond", column = "kr10y", maturity = 10', 'kind = "rate", column = "kr10y"'),
        ("hedged        = false", 'hedged        = "perhaps"'),
        ("reference = 0.0208", "reference = -0.0208"),
    )
    assert len(problems) == 3
    lines = [int(re.match(r":(\d+):", problem)[1]) for problem in problems]  # type: ignore[index]
    assert all(a < b for a, b in pairwise(lines))
    assert lines[0] == line_of(text, 'currency = "YEN"')


def test_crossed_references_are_checked_in_one_pass(edited: Any) -> None:
    problems, _ = edited(
        ('codes     = ["411060", "132030"]', 'codes     = ["411060", "122630"]'),
        ("reference = 0.0100", "reference = 0.0200"),
        ('gold         = "krw_bond"', 'gold         = "silver"'),
        ('sources       = ["kodex_cd", "irp_safe"', 'sources       = ["hearsay", "irp_safe"'),
    )
    joined = "\n".join(problems)
    assert "fallback.gold: silver is not a class of this file" in joined
    assert "members.gold.codes: 122630 is excluded: leveraged" in joined
    assert "instruments.459580.sources: hearsay is not a source of this file" in joined
    assert "members: the reference weights sum to 1.01; make them sum to 1" in joined
    assert len(problems) == 4


def test_a_fund_that_fits_no_irp_cannot_list_it(edited: Any) -> None:
    problems, _ = edited(('irp           = "barred"', 'irp           = "risk"'))
    assert "a barred fund has no irp among its accounts" in problems[0]


def test_the_substitute_shares_the_class(edited: Any) -> None:
    problems, _ = edited(('codes     = ["459580", "357870"]', 'codes     = ["459580", "273130"]'))
    assert any("273130 belongs to krw_bond, not cash_like" in problem for problem in problems)
    assert any("273130 is also in aggregate" in problem for problem in problems)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("name = 'x", r":1: is not TOML"),
        ("", r"schema: is missing"),
        ("a = 1\na = 2\n", r":2: is not TOML"),
        ("x = [1,\n", r"is not TOML"),
    ],
)
def test_a_broken_file_is_one_clear_message(tmp_path: Path, content: str, expected: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(StrategyError, match=expected):
        load_universe(path)


def test_a_missing_file_and_an_unknown_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StrategyError, match="there is no such file"):
        load_universe(tmp_path / "none.toml")
    with pytest.raises(StrategyError, match="use one of krx-core, us-core"):
        load_universe("krx-cor")


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes("name = '국'".encode("cp949"))
    with pytest.raises(StrategyError, match="save it as UTF-8"):
        load_universe(path)


def test_tax_on_a_series_without_dividends_is_refused_and_dividends_without_tax(
    edited: Any,
) -> None:
    problems, text = edited(
        ("[dividends.QQQ]", "[dividends.DIA]"),
        ('sources = ["treaty", "unadjusted_closes", "closes_both"]', 'sources = ["hearsay"]'),
    )
    joined = "\n".join(problems)
    assert "withholds tax on QQQ, whose dividends this file does not have" in joined
    assert "add [dividends.QQQ] with the yield of each year" in joined
    assert f":{line_of(text, '[dividends.DIA]')}: dividends.DIA: no proxy withholds tax" in joined
    assert "dividends.SPY.sources: hearsay is not a source of this file" in joined


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "maturity = 3, correction = {",
            "maturity = 3, withholding = 0.15, correction = {",
            "withholding belongs to converted and hedged proxies and this one is par-bond",
        ),
        ("from = 2014-06-02, to = 2024-06-28", "from = 2024-06-28, to = 2014-06-02", "swap them"),
        ("withholding = 0.15", "withholding = 15", "15"),
        ("1993 = 0.0248", "199 = 0.0248", "199"),
    ],
)
def test_charges_that_cannot_be_are_refused_at_their_line(
    edited: Any, old: str, new: str, said: str
) -> None:
    problems, text = edited((old, new))
    assert said in "\n".join(problems)
    assert any(f":{line_of(text, new)}:" in problem for problem in problems)
