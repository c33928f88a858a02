"""A forward record: months that began after the rules, and no line that is ever another."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul import api, assets
from jeoul.backtesting import prepare, simulated
from jeoul.errors import DataError, UsageError
from jeoul.research.forward import (
    ForwardRecord,
    added,
    begun,
    figures_of,
    open_months,
    read_record,
    rules_of,
)
from jeoul.research.forward.document import strategy_forward
from jeoul.research.forward.record import GENESIS, written
from jeoul.strategy.load import shipped

ON = date(2024, 1, 15)
RULES = {"balanced": "a" * 64}
MONTH = {"balanced": {"return": 0.01, "volatility": 0.05, "max_drawdown": -0.01,
                      "turnover": 0.02, "cost": 0.0001}}  # fmt: skip


def record_of(*lines: str) -> ForwardRecord:
    return read_record("".join(f"{line}\n" for line in lines), "r.jsonl")


def begin() -> str:
    return begun(None, "static", RULES, on=ON, version="0.2.0")


def month(record: ForwardRecord, name: str, *, simulated: bool = False, rules: Any = RULES) -> str:
    return added(
        record, name, MONTH, rules, on=date(2024, 9, 1), data="d" * 64, simulated=simulated
    )


@pytest.fixture
def lines() -> list[str]:
    """Rules of January, and the months from February to April."""
    found = [begin()]
    for name in ("2024-02", "2024-03", "2024-04"):
        found.append(month(record_of(*found), name))
    return found


def test_a_record_is_read_back(lines: list[str]) -> None:
    record = record_of(*lines)
    assert [line.month for line in record.months] == ["2024-02", "2024-03", "2024-04"]
    assert record.months[0].figures == MONTH
    assert record.rules.on == ON
    assert record.head == f"4:{record.lines[-1].hash}"


@pytest.mark.parametrize("place", range(4))
def test_a_changed_line_is_found(lines: list[str], place: int) -> None:
    body = json.loads(lines[place])
    if "figures" in body:
        body["figures"]["balanced"]["return"] = 0.02
    else:
        body["on"] = "2023-01-15"
    lines[place] = json.dumps(body)
    with pytest.raises(DataError, match=f"r.jsonl:{place + 1}: was changed"):
        record_of(*lines)


def test_a_line_made_again_with_its_hash_breaks_those_after_it(lines: list[str]) -> None:
    body = json.loads(lines[1])
    body.pop("hash")
    body["figures"]["balanced"]["return"] = 0.02
    first = record_of(lines[0]).lines[0].hash
    lines[1] = written(first, body)
    with pytest.raises(DataError, match=r"r\.jsonl:3: was changed"):
        record_of(*lines)


def test_a_record_made_again_from_a_line_on_is_not_the_one_of_its_head(lines: list[str]) -> None:
    head = record_of(*lines).head
    better = {"balanced": {**MONTH["balanced"], "return": 0.05}}
    again = lines[:2]
    for name in ("2024-03", "2024-04"):
        line = added(
            record_of(*again), name, better, RULES, on=date(2024, 9, 1), data="d", simulated=False
        )
        again.append(line)
    text = "".join(f"{line}\n" for line in again)
    assert read_record(text, "r.jsonl").head != head
    with pytest.raises(DataError, match="does not match the head"):
        read_record(text, "r.jsonl", head=head)


def test_a_record_that_lost_its_last_line_is_not_the_one_of_its_head(lines: list[str]) -> None:
    head = record_of(*lines).head
    with pytest.raises(DataError, match="does not match the head"):
        read_record(f"{lines[0]}\n", "r.jsonl", head=head)


def test_an_earlier_head_fits_a_record_that_grew(lines: list[str]) -> None:
    head = record_of(*lines[:2]).head
    assert read_record("".join(f"{line}\n" for line in lines), "r.jsonl", head=head).head != head


def test_lines_that_were_left_out_or_moved_are_found(lines: list[str]) -> None:
    for wrong in ([lines[0], lines[2]], [lines[1], lines[0]], [*lines, lines[3]]):
        with pytest.raises(DataError):
            record_of(*wrong)


def test_what_is_not_a_line_is_named_with_its_number() -> None:
    with pytest.raises(DataError, match=r"r\.jsonl:2: is not a line of a forward record"):
        record_of(begin(), '{"kind": "rumour", "hash": ""}')
    with pytest.raises(DataError, match="has no line"):
        read_record("", "r.jsonl")


def test_a_month_from_before_the_rules_is_no_month_of_theirs() -> None:
    rules = json.loads(begin())
    body = {"kind": "month", "month": "2024-01", "on": "2024-02-01", "rules": rules["hash"],
            "data": "d", "simulated": False, "figures": MONTH}  # fmt: skip
    with pytest.raises(DataError, match="began before its rules"):
        record_of(begin(), written(rules["hash"], body))


def test_other_rules_write_no_month(lines: list[str]) -> None:
    with pytest.raises(UsageError, match="jeoul forward begin"):
        month(record_of(*lines), "2024-05", rules={"balanced": "b" * 64})


def test_rules_that_are_the_same_begin_nothing(lines: list[str]) -> None:
    with pytest.raises(UsageError, match="since 2024-01-15"):
        begun(record_of(*lines), "static", RULES, on=date(2024, 6, 1), version="0.3.0")


def test_months_of_earlier_rules_are_not_those_of_the_new_ones(lines: list[str]) -> None:
    other = {"balanced": "b" * 64}
    lines.append(begun(record_of(*lines), "static", other, on=date(2024, 6, 3), version="0.3.0"))
    record = record_of(*lines)
    assert record.months == ()
    record = record_of(*lines, month(record, "2024-07", rules=other))
    assert [line.month for line in record.months] == ["2024-07"]


def test_a_simulated_month_does_not_stand_beside_a_real_one(lines: list[str]) -> None:
    with pytest.raises(UsageError, match="simulated or real"):
        month(record_of(*lines), "2024-05", simulated=True)


def test_open_months_begin_after_the_rules_and_are_over() -> None:
    sessions = api.calendars()["XKRX"].sessions
    record = record_of(begin())
    assert open_months(record, sessions, date(2024, 2, 28)) == []
    assert open_months(record, sessions, date(2024, 2, 29)) == ["2024-02"]
    assert open_months(record, sessions, date(2024, 4, 30)) == ["2024-02", "2024-03", "2024-04"]
    later = record_of(begin(), month(record, "2024-02"))
    assert open_months(later, sessions, date(2024, 4, 29)) == ["2024-03"]


def test_rules_of_the_first_of_a_month_begin_with_the_next() -> None:
    first = begun(None, "static", RULES, on=date(2024, 3, 1), version="0.2.0")
    sessions = api.calendars()["XKRX"].sessions
    assert open_months(record_of(first), sessions, date(2024, 4, 30)) == ["2024-04"]


@pytest.fixture(scope="module")
def run(sample: Any) -> Any:
    loaded = api.load_strategy("static")
    history = api.history(loaded, sample.as_of("2024-06-28"))
    return simulated(prepare(api.mandate(loaded, "balanced"), history))


def test_the_months_of_a_year_compound_to_the_backtest(run: Any) -> None:
    months = [f"2023-{number:02d}" for number in range(1, 13)]
    found = [figures_of(run, name) for name in months]
    days = run.sessions
    first, last = (int(np.searchsorted(days, np.datetime64(d))) - 1 for d in ("2023-01-01", "2024"))
    growth = np.prod([1.0 + each["return"] for each in found])
    assert growth == pytest.approx(run.nav[last] / run.nav[first], rel=1e-12)
    assert sum(each["turnover"] for each in found) == pytest.approx(
        run.turnover[first + 1 : last + 1].sum()
    )
    assert all(each["max_drawdown"] <= min(0.0, each["return"]) + 1e-12 for each in found)


def test_a_month_that_the_backtest_begins_in_has_no_figures(run: Any) -> None:
    with pytest.raises(UsageError, match="does not cover all of"):
        figures_of(run, run.start.isoformat()[:7])


def test_before_ends_where_the_rules_were_chosen(run: Any) -> None:
    record = record_of(begin())
    found = strategy_forward(record, {"balanced": run}, simulated=True)
    assert found["before"]["to"] == "2024-01-12"
    assert found["after"]["months"] == []
    cut = replace(run, sessions=run.sessions[:-100], nav=run.nav[:-100])
    assert cut.end > ON
    assert strategy_forward(record, {"balanced": cut}, simulated=True)["before"] == found["before"]


def test_nothing_is_a_year_before_a_year_is_over(lines: list[str], run: Any) -> None:
    found = strategy_forward(record_of(*lines), {"balanced": run}, simulated=False)
    after = found["after"]["profiles"]["balanced"]
    assert after["total_return"] == pytest.approx(1.01**3 - 1.0)
    assert after["cagr"] is None


@given(data=st.data())
def test_a_damaged_record_is_refused_and_never_read_as_another(data: st.DataObject) -> None:
    """Whatever one character became: the lines are the same, or the file is refused."""
    whole = f"{begin()}\n"
    whole += f"{month(record_of(begin()), '2024-02')}\n"
    place = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:place] + data.draw(st.characters()) + whole[place + 1 :]
    try:
        found = read_record(damaged, "r.jsonl")
    except DataError:
        return
    assert found == read_record(whole, "r.jsonl")


@given(st.text())
def test_any_text_is_a_record_or_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        read_record(text, "r.jsonl")


SHIPPED = {
    "baa": "f2a128805405171a",
    "dual-momentum": "7747919507f6b47a",
    "ima-literal": "61f825f7484a40ba",
    "k-all-weather": "50e33d2dd0a0d912",
    "k-all-weather-bonds": "34fea92cb5df12fc",
    "laa": "2ec883eda9a04058",
    "managed": "44460cc9109ec51f",
    "managed-light": "d8d258d60c5ce16f",
    "managed-light-us": "52a7ca55a6223b6b",
    "managed-strategic": "cf225ca8e409a17b",
    "managed-us": "99c822b7e48a0493",
    "sixty-forty": "c5655aeec2457c25",
    "static": "e6ce0a9a1e2352ba",
    "target-date": "eeae525ad51ae2c6",
    "vaa": "ddebc13297821525",
}


def test_every_shipped_strategy_has_a_record_of_the_rules_that_it_has() -> None:
    """Other rules are begun with ``jeoul forward begin NAME --records data/forward``."""
    for name in shipped():
        loaded = api.load_strategy(name)
        record = read_record(assets.data("forward", f"{name}.jsonl").read_text("utf-8"), name)
        mandates = {str(profile): api.mandate(loaded, profile) for profile in loaded.profiles}
        assert dict(record.rules.digests) == rules_of(mandates), name
        assert record.rules.strategy == name
        assert not record.simulated


def test_the_first_lines_of_the_records_are_the_ones_that_were_published() -> None:
    """Whoever makes a record again has to change this list too."""
    found = {
        path.stem: read_record(path.read_text("utf-8"), path.name).lines[0].hash[:16]
        for path in sorted(assets.data("forward").glob("*.jsonl"))
    }
    assert found == SHIPPED


def test_the_first_hash_binds_to_nothing() -> None:
    assert written(GENESIS, {"kind": "rules"}) != written("1" * 64, {"kind": "rules"})
