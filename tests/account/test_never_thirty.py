"""Dividends of US shares are taxed once on every way to a person: never 15 % twice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from jeoul import api
from jeoul.account.tax_rules import tax_rules
from jeoul.account.withholding import distributed
from jeoul.korea.tables import load_rules

DAY = date(2026, 6, 30)
PAID = 1_000_000
TREATY = 0.15


def on_the_day(universe: Any, code: str, account: str, amount: int) -> int:
    """Return what an account's day withholds from a distribution."""
    rules = tax_rules(load_rules(2026), universe.instruments, account)
    return distributed(rules, DAY, code, amount, amount, lambda won: won).taken


def test_a_fund_listed_in_new_york_pays_on_the_day_and_its_series_has_not() -> None:
    universe = api.universe_of("us-core")
    for member in universe.members:
        assert all(p.charges is None or p.charges.kept == 1.0 for p in member.proxies)
        for code in member.codes:
            assert on_the_day(universe, code, "general", PAID) == TREATY * PAID


@pytest.mark.parametrize("account", ["general", "isa", "pension_savings", "irp"])
def test_a_fund_listed_in_seoul_has_paid_inside_and_korea_credits_it(account: str) -> None:
    universe = api.universe_of("krx-core")
    rules = tax_rules(load_rules(2026), universe.instruments, account)
    shares = [
        code for code, fund in universe.instruments.items() if fund.asset_class == "equity_us"
    ]
    assert "360750" in shares
    for code in shares:
        inside = float(rules.foreign[code]) * PAID
        outside = on_the_day(universe, code, account, round(PAID - inside))
        assert inside + outside == TREATY * PAID


def test_a_proxy_has_paid_what_the_fund_in_its_place_pays_inside() -> None:
    universe = api.universe_of("krx-core")
    rules = tax_rules(load_rules(2026), universe.instruments, "general")
    seen = set()
    for member in universe.members:
        inside = rules.foreign.get(member.codes[0], Decimal(0))
        for proxy in member.proxies:
            kept = 1.0 if proxy.charges is None else proxy.charges.kept
            if member.asset_class == "equity_us":
                assert kept == pytest.approx(float(1 - inside))
            assert 1.0 - kept <= TREATY + 1e-12, proxy.column
            seen.add((proxy.column, round(1.0 - kept, 4)))
    # Funds of the world: the tax of other countries is inside the series, that of the US is not.
    assert {("ACWI", 0.0705), ("VT", 0.0645), ("EFA", 0.0)} <= seen
    # Interest of treasuries is exempt, and gold pays nothing.
    assert {("IEF", 0.0), ("SHY", 0.0), ("GLD", 0.0)} <= seen


def test_no_account_holds_a_proxy_so_nothing_is_withheld_on_it_again() -> None:
    for name in ("krx-core", "us-core"):
        universe = api.universe_of(name)
        held = {code for member in universe.members for code in member.codes}
        for member in universe.members:
            taxed = {p.column for p in member.proxies if p.charges and p.charges.kept < 1.0}
            assert not taxed & held
