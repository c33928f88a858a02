"""Closes far from the net asset value: planted ones are found, clean ones pass.

Closes and net asset values are simulated: the close strays from the value by a fat-tailed premium
(Student's t, 5 degrees) with the standard deviations that such funds show, 0.12 % for funds of
Korean assets and 0.30 % for funds of foreign assets. No recorded net asset values are at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from jeoul.market.fetching.plan import Premium
from jeoul.market.gates.gated import Gated
from jeoul.market.gates.trading import trading_findings
from jeoul.market.raw.answer import AS_TRADED
from jeoul.market.raw.corrections import TradedCloses
from jeoul.market.raw.series import Raw, SeriesKey, Stamp
from jeoul.model.calendar import Reals
from jeoul.model.finding import Finding, Severity
from jeoul.model.valued import OF_VALUES

SESSIONS = 1000
FUNDS = 20
DEVIATION = {"domestic": 0.0012, "overseas": 0.0030}
LIMIT = {"domestic": Premium().domestic, "overseas": Premium().overseas}
DAYS = np.datetime64("2020-01-01") + np.arange(SESSIONS).astype("timedelta64[D]")

Made = Callable[[str, Reals], set[tuple[date, bool]]]


def found(
    kind: str, strayed: Reals, *, shown: float = 1.0, times: Reals | float = 1.0
) -> set[tuple[date, bool]]:
    """Return the days with a premium, and whether it stops a decision.

    The source of the values shows ``shown`` times the close that the fund is traded at.
    """
    seen = [f for f in findings(kind, strayed, shown, times) if f.kind == "gate.premium"]
    return {(f.day, f.severity is Severity.SERIOUS) for f in seen}


def findings(
    kind: str, strayed: Reals, shown: float = 1.0, times: Reals | float = 1.0
) -> list[Finding]:
    """Return what is found where values are shown as ``times`` what a share is worth."""
    return list(trading_findings(at_the_gates(kind, strayed, shown, times)))


def at_the_gates(
    kind: str, strayed: Reals, shown: float = 1.0, times: Reals | float = 1.0
) -> Gated:
    """Return a fund with values at the gates."""
    nav = np.linspace(10_000.0, 20_000.0, SESSIONS)
    close = nav * (1.0 + strayed)
    nothing = np.full(SESSIONS, np.nan)
    stamp = Stamp(1, 0, date(2020, 1, 1), date(2022, 9, 26), AS_TRADED, "KRW", "A", False)
    raw = Raw(
        key=SeriesKey("krx", "069500"),
        stamps=(stamp,),
        days=DAYS,
        close=close * shown,
        confirmed_at=np.zeros(SESSIONS, dtype=np.int64),
        volume=np.full(SESSIONS, 1e7),
        nav=nav * times,
        benchmark=nothing,
        payments=(),
        versions={},
        notes=(),
    )
    return Gated(
        name="A",
        raw=raw,
        known_at=raw.confirmed_at,
        traded=TradedCloses(DAYS, close, ()),
        before=None,
        currency="KRW",
        priced=True,
        valued=raw,
        premium=LIMIT[kind],
    )


def clean(kind: str, chance: np.random.Generator) -> Reals:
    scale = DEVIATION[kind] / np.sqrt(5 / 3)
    drawn: Reals = chance.standard_t(5, SESSIONS) * scale
    return drawn


def funds(kind: str) -> Iterator[tuple[Reals, np.random.Generator]]:
    chance = np.random.default_rng([7, len(kind)])
    for _ in range(FUNDS):
        yield clean(kind, chance), chance


@pytest.mark.parametrize("kind", LIMIT)
def test_thirty_planted_premiums_are_found_and_clean_sessions_pass(kind: str) -> None:
    held_up = 0
    for strayed, chance in funds(kind):
        held_up += len(found(kind, strayed))
        planted = chance.choice(SESSIONS, 30, replace=False)
        far = strayed.copy()
        far[planted] = chance.choice([-1, 1], 30) * (LIMIT[kind] + chance.uniform(0.001, 0.05, 30))
        days = {day for day, _ in found(kind, far)}
        assert days >= set(DAYS[planted].tolist())
    assert held_up < FUNDS * SESSIONS / 1000


@pytest.mark.parametrize("kind", LIMIT)
def test_only_a_newest_close_that_the_exchange_does_not_show_stops_a_decision(kind: str) -> None:
    strayed = np.zeros(SESSIONS)
    strayed[[10, -1]] = 2 * LIMIT[kind]
    unlike = found(kind, strayed, shown=0.99)
    assert unlike == {(DAYS[10].item(), False), (DAYS[-1].item(), True)}
    assert found(kind, strayed) == {(DAYS[10].item(), False), (DAYS[-1].item(), False)}


@pytest.mark.parametrize("unit", [100.0, 1_000.0, 0.001, 1 / 1_387.4])
def test_values_in_another_unit_are_one_finding_and_no_premium(unit: float) -> None:
    """One of every session would bury all others, and a day that is right is still looked at."""
    strayed = np.zeros(SESSIONS)
    strayed[[10, -1]] = 0.05
    told = [f for f in findings("domestic", strayed, 0.99, unit) if f.kind != "gate.tracking"]
    assert [(f.kind, f.severity, f.day) for f in told] == [
        ("gate.nav_unit", Severity.NOTICE, DAYS[0].item())
    ]
    since = np.where(np.arange(SESSIONS) < 500, 1.0, 100.0)
    mixed = findings("domestic", strayed, 1.0, since)
    assert {(f.kind, f.day) for f in mixed} == {
        ("gate.premium", DAYS[10].item()),
        ("gate.nav_unit", DAYS[500].item()),
    }


@pytest.mark.parametrize("unknown", [0.0, -1.0])
def test_a_value_that_the_source_did_not_have_hides_no_other(unknown: float) -> None:
    strayed, times = np.zeros(SESSIONS), np.ones(SESSIONS)
    strayed[-1], times[5] = 0.05, unknown
    assert found("domestic", strayed, times=times) == {(DAYS[-1].item(), False)}


def test_the_findings_that_only_values_show_are_those_that_an_earlier_decision_had_not() -> None:
    """A decision of before a value was published is made again without what the value shows."""
    strayed = np.zeros(SESSIONS)
    strayed[500] = 0.05
    units = np.where(np.arange(SESSIONS) < 400, 100.0, 1.0)
    gated = at_the_gates("domestic", strayed, times=units)
    index = np.where(np.arange(SESSIONS) % 2, 1.0, 1.1)
    assert gated.valued is not None
    astray = replace(gated, valued=replace(gated.valued, benchmark=index))
    kinds, without = (
        {each.kind for each in trading_findings(one)}
        for one in (astray, replace(gated, valued=None))
    )
    assert kinds - without == OF_VALUES
