"""Charges of proxies: each distribution is taxed once, a year pays what was known before it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.market import assemble
from jeoul.market.charges import charged
from jeoul.market.levels import total_return
from jeoul.model.charges import Charges, ProxyCorrection
from jeoul.model.history import Origin
from jeoul.model.instrument import Proxy, ProxyKind
from jeoul.model.series import PriceTable
from jeoul.research.proxy_gap import uncharged

YIELDS = ((2020, 0.02), (2021, 0.01), (2022, 0.03))
CORRECTION = ProxyCorrection(
    yearly=-0.0054, error=0.0022, start=date(2014, 6, 2), end=date(2024, 6, 28)
)


def days_of(first: str, last: str) -> Any:
    sessions = np.arange(first, last, dtype="datetime64[D]")
    return sessions, np.concatenate(([0.0], np.ones(len(sessions) - 1)))


def yearly(charges: Charges, year: int, **exact: bool) -> float:
    """Return the log return that a flat level has after the charges of one year of 365 days."""
    sessions, days = days_of("2018-12-31", "2026-01-01")
    level = charged(np.ones(len(sessions)), sessions, days, charges, **exact)
    end = np.searchsorted(sessions, np.datetime64(f"{year}-12-31"))
    return float(np.log(level[end] / level[end - 365]))


def test_a_year_pays_tax_on_the_yield_of_the_year_before() -> None:
    charges = Charges(withholding=0.15, yields=YIELDS)
    assert yearly(charges, 2022) == pytest.approx(-0.15 * 0.01)
    assert yearly(charges, 2023) == pytest.approx(-0.15 * 0.03)
    assert yearly(charges, 2025) == pytest.approx(-0.15 * 0.03)  # the newest that is known
    assert yearly(charges, 2019) == pytest.approx(-0.15 * 0.02)  # before all of them the first


def test_a_yield_that_becomes_known_later_changes_no_earlier_level() -> None:
    sessions, days = days_of("2020-01-01", "2024-01-01")
    early, late = (
        charged(np.ones(len(sessions)), sessions, days, Charges(withholding=0.15, yields=known))
        for known in (YIELDS[:2], YIELDS)
    )
    new_year = np.searchsorted(sessions, np.datetime64("2023-01-01"))
    assert np.array_equal(early[:new_year], late[:new_year])
    assert (late[new_year:] < early[new_year:]).all()


def test_shares_of_other_countries_are_not_taxed_a_second_time() -> None:
    half = Charges(withholding=0.15, taxed=0.47, yields=YIELDS)
    assert yearly(half, 2022) == pytest.approx(-0.15 * 0.47 * 0.01)


def test_a_fee_and_a_correction_are_taken_in_every_year() -> None:
    charges = Charges(fee=0.0029, correction=CORRECTION)
    assert yearly(charges, 2021) == pytest.approx(-0.0029 - 0.0054)
    assert yearly(charges, 2021, withheld=True) == pytest.approx(-0.0029 - 0.0054)


def test_a_series_without_distributions_pays_no_tax_to_the_last_bit() -> None:
    sessions, days = days_of("2020-01-01", "2022-01-01")
    level = np.linspace(1.0, 2.0, len(sessions))
    nothing = Charges(withholding=0.15, yields=((2018, 0.0), (2020, 0.0)))
    assert np.array_equal(charged(level, sessions, days, nothing), level)


def test_tax_is_taken_from_each_distribution_that_the_folder_has() -> None:
    days = np.array(["2020-01-02", "2020-01-03", "2020-01-06"], dtype="datetime64[D]")
    raw = PriceTable(
        "XNYS", "USD", "raw", ("SPY",), days, np.arange(3),
        np.array([[100.0], [99.0], [99.0]]),
        np.array([[0.0], [2.0], [0.0]]),
        np.ones((3, 1)),
    )  # fmt: skip
    kept = Charges(withholding=0.15).kept
    index = total_return(raw, 0, kept)
    assert index[1] / index[0] == pytest.approx((99 + 1.7) / 100)
    assert index[2] == index[1]
    growth = total_return(raw, 0)[1] / index[1]
    assert np.log(growth) == pytest.approx(0.15 * 0.02, rel=0.02)  # as yields would have it


def test_charges_change_returns_of_proxies_alone(market: Any) -> None:
    universe, calendars = api.universe_of("krx-core"), api.calendars()
    snapshot = market.as_of(date(2015, 6, 30), "XKRX")
    after = assemble(snapshot, universe, calendars)
    bare = assemble(snapshot, uncharged(universe), calendars)
    assert np.array_equal(after.origin, bare.origin)
    differ = ~np.isclose(after.returns, bare.returns, rtol=0, atol=0, equal_nan=True)
    paying = [any(proxy.charges for proxy in member.proxies) for member in universe.members]
    stood_in = after.origin == Origin.PROXY
    assert not differ[~stood_in].any()
    assert differ.any(axis=0).tolist() == (stood_in.any(axis=0) & paying).tolist()


def test_a_charge_moves_the_mean_and_leaves_the_risk_alone(real_market: Any) -> None:
    universe, calendars = api.universe_of("krx-core"), api.calendars()
    snapshot = real_market.as_of(date(2012, 6, 29), "XKRX")
    after, bare = (assemble(snapshot, each, calendars) for each in (universe, uncharged(universe)))
    place = after.members.index("treasury_3y")
    seen = np.flatnonzero(np.isfinite(after.returns[:, place]))
    ours, theirs = np.log1p(after.returns[seen, place]), np.log1p(bare.returns[seen, place])
    assert ours.std() == pytest.approx(theirs.std(), rel=1e-3)
    days = np.diff(after.sessions[seen]) / np.timedelta64(1, "D")
    near = days < 5  # a longer silence may be one in which another source led
    assert (ours - theirs)[1:][near] == pytest.approx(-0.0054 * days[near] / 365, abs=1e-12)
    assert near.sum() > 2000


def test_another_charge_is_another_rule_and_another_error_is_not() -> None:
    from jeoul.pipeline.content import universe_digest

    universe = api.universe_of("krx-core")

    def with_charges(charges: Charges | None) -> str:
        members = tuple(
            replace(m, proxies=tuple(replace(p, charges=charges) for p in m.proxies))
            for m in universe.members
        )
        return universe_digest(replace(universe, members=members))

    found = Charges(fee=0.001, correction=CORRECTION)
    again = replace(found, correction=replace(CORRECTION, error=0.01, end=date(2025, 1, 2)))
    assert with_charges(found) == with_charges(again)
    for other in (None, replace(found, fee=0.002), replace(found, correction=None)):
        assert with_charges(other) != with_charges(found)


def test_a_proxy_that_pays_nothing_is_written_as_it_was_before_proxies_could_pay() -> None:
    """So the rules of a universe of one's own keep their name, and an account's memory is good."""
    from jeoul.pipeline.inputs import _plain

    proxy = Proxy(kind=ProxyKind.CONVERTED, column="SPY")
    assert _plain(proxy) == {"kind": "converted", "column": "SPY", "maturity": None}
    paying = replace(proxy, charges=Charges(fee=0.001))
    assert isinstance(found := _plain(paying), dict)
    assert found["charges"]["fee"] == 0.001
