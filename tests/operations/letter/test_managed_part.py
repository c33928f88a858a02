"""What a letter says of an account that rules manage: its spans, its cuts, its changed rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from made_course import course

from jeoul.model.portfolio import Reason
from jeoul.model.quarter import Quarter
from jeoul.operations.letter.letter import class_text, letter_of
from jeoul.operations.letter.managed import changed_rules, managed_account
from jeoul.operations.letter.members import LetterAccount
from jeoul.operations.testbed.benchmark import Measure
from jeoul.operations.testbed.measured import MeasuredPath

QUARTER = Quarter(2026, 2)
ENDS = [date(2025, 6, 30), date(2025, 9, 30), date(2025, 12, 31), date(2026, 3, 31)]
DAYS = [*ENDS, date(2026, 4, 1), date(2026, 6, 30)]
UNIT = [1.0, 1.1, 1.2, 1.5, 1.8, 2.1]


def days_of(days: Sequence[date]) -> Any:
    return np.array(days, dtype="datetime64[D]")


def path(days: Sequence[date] = DAYS, unit: Sequence[float] = UNIT) -> MeasuredPath:
    level = np.array(unit) ** 2
    against = Measure(days_of(days), level, level, np.zeros(len(days)), 246.0)
    return MeasuredPath(
        "a", "account", "balanced", "KRW", "ledger", days_of(days), np.array(unit), against
    )


def run(name: str, session: date, scale: float, *reasons: Reason) -> Any:
    said = [[reason.kind, reason.detail] for reason in reasons]
    return SimpleNamespace(run_id=name, session=session, document={"scale": scale, "reasons": said})


def account(*known: Any, of_quarter: Sequence[str] = (), **more: Any) -> Any:
    title = SimpleNamespace(ko="관리", en="Managed")
    strategy = SimpleNamespace(title=title, overlay=more.pop("overlay", None))
    return SimpleNamespace(
        name="a",
        mandate=SimpleNamespace(profile="balanced", strategy=strategy),
        known=known or (run("one", DAYS[0], 1.0),),
        runs=[each for each in known if each.run_id in of_quarter],
        attended=[SimpleNamespace(status=status) for status in more.pop("attended", ())],
        changes=more.pop("changes", ()),
    )


def test_an_account_is_shown_from_the_close_before_the_quarter() -> None:
    each = account(attended=("decided", "missing", "stopped", "skipped", "decided"))
    found = managed_account("mine", each, path(), QUARTER)
    assert (found.id, found.profile, str(found.strategy.en)) == ("mine", "balanced", "Managed")
    assert found.sessions.tolist() == DAYS[3:]
    assert found.unit.tolist() == pytest.approx([1.0, 1.2, 1.4])
    assert found.benchmark.tolist() == pytest.approx([1.0, 1.44, 1.96])
    assert (found.lived, found.missed, found.scale) == (5, 2, 1.0)
    late = managed_account("mine", each, path(DAYS[4:], UNIT[4:]), QUARTER)
    assert (late.sessions.tolist(), late.unit[0]) == (DAYS[4:], 1.0)


def test_spans_are_those_that_the_account_has_seen_whole() -> None:
    found = managed_account("mine", account(), path(), QUARTER).compared
    assert [(each.span, each.start) for each in found] == [
        ("3m", ENDS[3]), ("6m", ENDS[2]), ("9m", ENDS[1]), ("12m", ENDS[0]), ("start", ENDS[0]),
    ]  # fmt: skip
    assert [each.own for each in found] == pytest.approx(
        [2.1 / 1.5 - 1, 2.1 / 1.2 - 1, 2.1 / 1.1 - 1, 1.1, 1.1]
    )
    assert found[0].benchmark == pytest.approx(1.96 - 1)
    assert found[0].error == pytest.approx(found[0].tracking_error / 2**0.5)
    younger = path([date(2025, 7, 1), *DAYS[1:]])
    spans = [each.span for each in managed_account("mine", account(), younger, QUARTER).compared]
    assert spans == ["3m", "6m", "9m", "start"]
    one = path(DAYS[-1:], UNIT[-1:])
    assert managed_account("mine", account(), one, QUARTER).compared == ()
    two = managed_account("mine", account(), path(DAYS[-2:], UNIT[-2:]), QUARTER).compared
    assert [each.span for each in two] == ["start"]


def test_a_span_begins_with_the_newest_close_by_its_day() -> None:
    days = [date(2026, 3, 27), date(2026, 4, 1), date(2026, 6, 30)]
    found = managed_account("mine", account(), path(days, UNIT[:3]), QUARTER).compared
    assert [(each.span, each.start) for each in found] == [("3m", days[0]), ("start", days[0])]


def test_a_change_of_scale_in_the_quarter_is_said_with_what_brought_it() -> None:
    vix = Reason.of("overlay.vix_on", level="31")
    said = (Reason.of("place.model"), vix, Reason.of("overlay.cut", to="0.5"))
    known = (
        run("zero", DAYS[2], 0.7),
        run("one", DAYS[3], 1.0, *said),  # before the quarter
        run("two", DAYS[4], 1.0, *said),
        run("three", date(2026, 5, 4), 0.5, *said, Reason.of("overlay.wait_until")),
        run("four", DAYS[5], 1.0, Reason.of("overlay.rise", to="1")),
    )
    each = account(*known, of_quarter=("two", "three", "four"))
    found = managed_account("mine", each, path(), QUARTER)
    assert [(s.session, s.before, s.now, s.reasons) for s in found.scaled] == [
        (date(2026, 5, 4), 1.0, 0.5, (vix,)),
        (DAYS[5], 0.5, 1.0, ()),
    ]
    assert found.scale == 1.0


def change(before: Any, accepted: Any = None, promoted: Any = None) -> Any:
    keys = [
        SimpleNamespace(key="band", before=0.05, now=None),
        SimpleNamespace(key="new", before=None, now=3),
    ]
    return SimpleNamespace(
        before=before, session=DAYS[4], keys=keys, accepted=accepted, promoted=promoted
    )


def test_changed_rules_are_said_with_who_accepted_them() -> None:
    found = changed_rules(change("run", SimpleNamespace(by="kim"), "kept"), "mine")
    assert found is not None
    assert (found.account, found.session, found.by, found.promoted) == (
        "mine", DAYS[4], "kim", True,
    )  # fmt: skip
    assert found.keys == (("band", "0.05", "–"), ("new", "–", "3"))
    bare = changed_rules(change("run"), "mine")
    assert bare is not None
    assert (bare.by, bare.promoted) == (None, False)
    assert changed_rules(change(None), "mine") is None  # an account's first decision


# --- the whole letter -----------------------------------------------------------------------------


def universe(*classes: str) -> Any:
    names = {
        name: SimpleNamespace(title=SimpleNamespace(ko=name, en=name.upper())) for name in classes
    }
    return SimpleNamespace(instruments={}, classes=names)


def test_classes_are_in_the_order_of_the_universes_and_say_which_are_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "jeoul.operations.letter.letter.class_name",
        lambda own, name, language: own.classes[name] and f"{name} {language}",
    )
    funds = {
        code: SimpleNamespace(
            asset_class=kind, expense_ratio=None, exposure_currency=currency, hedged=False,
            name_ko=code, name_en=code,
        )
        for code, kind, currency in (("A", "shares", "KRW"), ("B", "bonds", "EUR"))
    }  # fmt: skip
    first, second = universe("bonds"), universe("gold", "shares")
    first.instruments = funds
    days = [date(2026, 3, 31), date(2026, 4, 1), date(2026, 6, 30)]
    audited = account(
        overlay=SimpleNamespace(risk_classes=["shares"]), changes=[change(None), change("run")]
    )
    members = [
        LetterAccount(
            id=name,
            course=course({"A": (9, 9, 9), "B": (1, 1, 1)}, cash=(100,) * 3, days=begun),
            audited=own,
        )
        for name, own, begun in (("mine", audited, days), ("other", account(), days))
    ]
    members.append(LetterAccount(id="file", course=members[0].course, audited=None))
    last = course({"X": (5,)}, cash=(0,), days=days[2:])
    members.append(LetterAccount(id="last", course=last, audited=None))
    for number, member in enumerate(members[:2]):
        cast(Any, member.audited).name = f"a{number}"
        cast(Any, member.audited).course = member.course
        cast(Any, member.audited).group = ("balanced", "KRW")
    statement: Any = SimpleNamespace(figures=SimpleNamespace(costs=0))
    found = letter_of(
        members,
        statement,
        QUARTER,
        market=cast(Any, SimpleNamespace(series={})),
        sessions=days_of(days[1:]),
        measures=lambda _: path(days, UNIT[:3]).measure,
        universes=[first, second],
    )
    assert [(each.key, each.risk) for each in found.classes] == [
        ("bonds", False), ("shares", True), ("other", False), ("cash", False),
    ]  # fmt: skip
    assert [each.key for each in found.by_class] == ["bonds", "shares", "other", "cash"]
    names = {each.key: str(each.name.en) for each in found.by_currency}
    assert set(names) == {"KRW", "EUR", "UNKNOWN"}
    assert names["EUR"] == "EUR"
    assert names["KRW"] != "KRW"
    assert [each.id for each in found.managed] == ["mine", "other"]
    assert [(each.account, each.session) for each in found.changed] == [("mine", DAYS[4])]
    assert {each.code for each in found.holdings} == {"A", "B", "X", "CASH"}
    assert str(class_text("gold", [first, second]).en) == "gold en"
    assert str(class_text("cash", []).en) == "Cash"
