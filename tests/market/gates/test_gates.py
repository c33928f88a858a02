"""One fixture for each gate, and clean rows that pass them all."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jeoul.market import as_problem, describe
from jeoul.market.cache.store import RawStore
from jeoul.market.gates.agreement import disagreements
from jeoul.market.gates.answer import unique_days
from jeoul.market.gates.gated import Gated, finished
from jeoul.market.gates.series import gate
from jeoul.market.raw.answer import AS_TRADED, SPLIT_ADJUSTED, Fetched, Payment, VendorRow
from jeoul.market.raw.corrections import TradedCloses, as_traded
from jeoul.market.raw.series import SeriesKey
from jeoul.messages import LANGUAGES
from jeoul.model.finding import Severity

KEY = SeriesKey("vendor", "A")
FIRST = date(2024, 1, 2)
CLOSE = 15 * 3600 // 2  # 16:30 in Seoul is 07:30 UTC
LATER = 2_000_000_000


def days(count: Any) -> Any:
    return [FIRST + timedelta(days=n) for n in range(count)]


def rows(closes: Any, **columns: Any) -> Any:
    made = []
    for place, (day, close) in enumerate(zip(days(len(closes)), closes, strict=True)):
        made.append(
            VendorRow(day, close, **{name: column[place] for name, column in columns.items()})
        )
    return tuple(made)


def answer(
    closes: Any,
    payments: Any = (),
    basis: Any = AS_TRADED,
    title: Any = "A Fund",
    currency: Any = "KRW",
    **columns: Any,
) -> Any:
    return Fetched(basis, rows(closes, **columns), tuple(payments), currency, title)


@pytest.fixture
def pass_through(tmp_path: Path) -> Any:
    """Store answers one after another and return what the gates say of the result."""

    def passed(
        *answers: Any,
        at: Any = LATER,
        currency: Any = "KRW",
        priced: Any = True,
        overseas: Any = False,
        gone: Any = False,
    ) -> Any:
        with RawStore(tmp_path / "raw.sqlite3") as store:
            for fetched in answers:
                unique, notes = unique_days(fetched)
                store.record(KEY, unique, at, notes)
            if gone:
                store.record_gone(KEY, at)
            raw = store.read(KEY)
            first = store.read(KEY, raw.stamps[0].fetch)
        known_at = raw.days.astype("datetime64[s]").astype(np.int64) + CLOSE
        traded = as_traded(raw, finished(raw, known_at))  # type: ignore[arg-type]
        before = None
        if len(answers) > 1:
            before = as_traded(first, np.ones(len(first.days), dtype=bool))  # type: ignore[arg-type]
        limit = 0.02 if overseas else 0.01
        gated = Gated("A", raw, known_at, traded, before, currency, priced, raw, limit)  # type: ignore[arg-type]
        return sorted(gate(gated))

    return passed


def told(found: Any) -> Any:
    return [(f.kind.partition(".")[2], str(f.day), f.severity.value) for f in found]


STEADY = [10_000.0 + 10 * (n % 5) for n in range(40)]
TRADED = {"volume": [50_000.0] * 40}


def test_clean_rows_pass_every_gate(pass_through: Any) -> None:
    nav = [close * 1.001 for close in STEADY]
    full = {**TRADED, "nav": nav, "benchmark": [value / 10 for value in nav]}
    assert pass_through(answer(STEADY, **full), answer(STEADY, **full)) == []


def test_duplicate_a_day_twice_with_two_closes(pass_through: Any) -> None:
    good = answer(STEADY, **TRADED)
    twice = Fetched(AS_TRADED, (*good.rows, good.rows[-1]._replace(close=9_000.0)), (), "KRW")
    assert told(pass_through(twice)) == [("duplicate", "2024-02-10", "serious")]


def test_duplicate_a_day_twice_with_one_close_is_no_reason_to_stop(pass_through: Any) -> None:
    good = answer(STEADY, **TRADED)
    twice = Fetched(AS_TRADED, (good.rows[0], *good.rows), (), "KRW")
    assert told(pass_through(twice)) == [("duplicate", "2024-01-02", "notice")]


def test_a_duplicate_is_forgotten_when_the_vendor_has_put_it_right(pass_through: Any) -> None:
    good = answer(STEADY, **TRADED)
    twice = Fetched(AS_TRADED, (*good.rows, good.rows[-1]._replace(close=9_000.0)), (), "KRW")
    assert pass_through(twice, good) == []


def test_empty_bar(pass_through: Any) -> None:
    assert told(pass_through(answer([*STEADY[:-1], None]))) == [
        ("empty_bar", "2024-02-10", "notice")
    ]


@pytest.mark.parametrize(
    ("minutes", "kinds"), [(-60, ["unfinished"]), (29, ["unfinished"]), (30, [])]
)
def test_unfinished_until_half_an_hour_after_the_close(
    pass_through: Any, minutes: int, kinds: Any
) -> None:
    last = int(np.datetime64(days(40)[-1], "s").astype(np.int64)) + CLOSE
    found = pass_through(answer(STEADY, **TRADED), at=last + minutes * 60)
    assert [f.kind.partition(".")[2] for f in found] == kinds


def test_currency(pass_through: Any) -> None:
    found = pass_through(answer(STEADY, currency="USD", **TRADED))
    assert told(found) == [("currency", "2024-02-10", "serious")]
    assert pass_through(answer(STEADY, currency="", **TRADED)) == []


@pytest.mark.parametrize(("factor", "times"), [(100.0, "100"), (0.01, "1/100"), (0.1, "1/10")])
def test_unit_a_hundred_times_overnight(pass_through: Any, factor: float, times: str) -> None:
    closes = STEADY[:20] + [close * factor for close in STEADY[20:]]
    found = pass_through(answer(closes, volume=[1e9] * 40))
    assert told(found) == [("unit", "2024-01-22", "serious")]
    assert dict(found[0].detail)["times"] == times


def test_unit_a_ten_for_one_split_is_none(pass_through: Any) -> None:
    closes = STEADY[:20] + [close / 10 for close in STEADY[20:]]
    split = Payment(days(40)[20], 0.0, Fraction(10))
    assert pass_through(answer(closes, [split], volume=[500_000.0] * 40)) == []


def test_rescaled_the_whole_history_changes_its_unit_between_two_fetches(pass_through: Any) -> None:
    found = pass_through(
        answer(STEADY, **TRADED), answer([close / 100 for close in STEADY], volume=[1e9] * 40)
    )
    assert told(found) == [("rescaled", "2024-02-10", "serious")]


def test_a_new_split_is_no_rescaling_and_no_restatement(pass_through: Any) -> None:
    paid = Payment(days(40)[3], 50.0)
    before = answer(STEADY[:30], [paid], SPLIT_ADJUSTED, volume=[50_000.0] * 30)
    split = Payment(days(40)[32], 0.0, Fraction(2))
    after = answer(
        [close / 2 for close in STEADY],
        [paid._replace(dividend=25.0), split],
        SPLIT_ADJUSTED,
        **TRADED,
    )
    assert pass_through(before, after) == []


def test_withdrawn_a_dividend_that_is_gone(pass_through: Any) -> None:
    paid = Payment(days(40)[3], 50.0)
    found = pass_through(answer(STEADY, [paid], **TRADED), answer(STEADY, **TRADED))
    assert told(found) == [("withdrawn", "2024-01-05", "serious")]
    assert dict(found[0].detail) == {"before": "50", "now": "0"}


def test_restated_a_dividend_of_another_amount(pass_through: Any) -> None:
    old, new = Payment(days(40)[3], 50.0), Payment(days(40)[3], 55.0)
    found = pass_through(answer(STEADY, [old], **TRADED), answer(STEADY, [new], **TRADED))
    assert told(found) == [("restated", "2024-01-05", "notice")]


def test_renamed(pass_through: Any) -> None:
    found = pass_through(
        answer(STEADY, title="ARIRANG 고배당주", **TRADED),
        answer(STEADY, title="PLUS 고배당주", **TRADED),
    )
    assert told(found) == [("renamed", "2024-02-10", "notice")]


def test_gone(pass_through: Any) -> None:
    found = pass_through(answer(STEADY, **TRADED), gone=True)
    assert told(found) == [("gone", "2024-02-10", "serious")]


@pytest.mark.parametrize(("still", "kinds"), [(4, []), (5, ["suspended"])])
def test_suspended_after_five_sessions_without_a_trade(
    pass_through: Any, still: int, kinds: Any
) -> None:
    closes = STEADY[: 40 - still] + [9_990.0] * still
    volume = [50_000.0] * (40 - still) + [0.0] * still
    found = [f for f in pass_through(answer(closes, volume=volume)) if "thin" not in f.kind]
    assert [f.kind.partition(".")[2] for f in found] == kinds


@pytest.mark.parametrize(
    ("volume", "kinds"),
    [
        ([11_000.0] * 40, []),
        ([9_000.0] * 40, ["thin"]),  # 90 million won a session
        ([50_000.0, 50_000.0, 0.0, 50_000.0] * 10, ["thin"]),  # a quarter without a trade
    ],
)
def test_thin_below_a_hundred_million_won_a_session(
    pass_through: Any, volume: Any, kinds: Any
) -> None:
    found = pass_through(answer([10_000.0 + n for n in range(40)], volume=volume))
    assert [f.kind.partition(".")[2] for f in found] == kinds


@pytest.mark.parametrize(
    ("overseas", "premium", "severity"),
    [
        (False, 0.009, None),
        (False, 0.011, "notice"),
        (True, 0.019, None),
        (True, -0.021, "notice"),
    ],
)
def test_premium_over_one_percent_at_home_and_two_abroad(
    pass_through: Any, overseas: bool, premium: float, severity: str | None
) -> None:
    nav = [*STEADY[:-1], STEADY[-1] / (1 + premium)]
    found = pass_through(answer(STEADY, nav=nav, **TRADED), overseas=overseas)
    assert told(found) == ([("premium", "2024-02-10", severity)] if severity else [])


def test_premium_of_an_earlier_day_is_worth_knowing_only(pass_through: Any) -> None:
    nav = [STEADY[0] * 1.05, *STEADY[1:]]
    found = pass_through(answer(STEADY, nav=nav, **TRADED))
    assert told(found) == [("premium", "2024-01-02", "notice")]


def test_tracking(pass_through: Any) -> None:
    benchmark = [100.0 * 1.001**n for n in range(40)]
    stray = [level * (1.0 + 0.003 * (n % 2)) * 100 for n, level in enumerate(benchmark)]
    full = {"volume": TRADED["volume"], "nav": stray, "benchmark": benchmark}
    (found,) = pass_through(answer(stray, **full))
    assert found.kind == "gate.tracking"
    assert found.severity is Severity.NOTICE
    # Differences of +0.3 and -0.3 percent in turn: 0.3 % x sqrt(245) = 4.7 % a year.
    assert dict(found.detail)["error"] == "4.8%"


def test_volume_means_nothing_for_an_index(pass_through: Any) -> None:
    assert pass_through(answer([2_500.0] * 40, volume=[0.0] * 40), priced=False) == []


def test_disagreement_is_serious_on_the_newest_day_only() -> None:
    labels = np.array(days(4), dtype="datetime64[D]")
    ours = TradedCloses(labels, np.array([100.0, 101.0, 102.0, 103.0]), ())
    theirs = TradedCloses(labels[:3], np.array([100.0, 103.0, 100.0]), ())
    found = list(disagreements("A", ours, theirs, 0.005, "csv"))
    assert told(found) == [
        ("disagree", "2024-01-03", "notice"),
        ("disagree", "2024-01-04", "serious"),
    ]
    assert list(disagreements("A", ours, theirs, 0.05, "csv")) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_gate_reads_as_a_sentence_and_a_serious_one_says_what_releases_it(
    pass_through: Any, language: str
) -> None:
    paid = Payment(days(40)[3], 50.0)
    found = pass_through(
        answer(STEADY, [paid], title="Old", **TRADED),
        answer([close / 100 for close in STEADY], title="New", currency="USD", volume=[1.0] * 40),
        gone=True,
    )
    assert {f.kind for f in found} >= {"gate.withdrawn", "gate.rescaled", "gate.currency"}
    for finding in found:
        assert "{" not in describe(finding, language)
        problem = as_problem(finding, language)
        assert (problem.remedy is not None) == (finding.severity is Severity.SERIOUS)
