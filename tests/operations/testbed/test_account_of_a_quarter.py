"""What the ledger of an account says of one quarter, and what of it a pack states."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from made_course import course
from scripted import BUY, SALE, Desk
from written_rows import note

from jeoul import api
from jeoul.errors import DataError
from jeoul.model.quarter import Quarter
from jeoul.operations.desk.intents import all_runs
from jeoul.operations.desk.promotions import (
    EvidenceFile,
    NamedTrial,
    Promotion,
    keep_promotion,
    promotions,
)
from jeoul.operations.testbed import account, changes, pack, promoting
from jeoul.operations.testbed.account import AuditedAccount, audited
from jeoul.operations.testbed.changes import change_document, rule_changes
from jeoul.operations.testbed.promoting import holds_secret, promote
from jeoul.pipeline.content import Content

QUARTER = Quarter(2026, 2)
BEFORE, FIRST = date(2026, 3, 31), date(2026, 4, 1)
JUNE, LAST, AFTER = date(2026, 6, 1), date(2026, 6, 30), date(2026, 7, 1)
DAYS = (BEFORE, FIRST, JUNE, LAST, AFTER)
TRIAL = NamedTrial(1, 2, "k", BEFORE, FIRST, 40, 0.5, same=True)
CONFIG = cast(
    "Any",
    SimpleNamespace(
        settings=SimpleNamespace(
            name="mine",
            firm=SimpleNamespace(name="one"),
            broker=SimpleNamespace(kind="paper"),
        )
    ),
)


def rules(number: int) -> Content:
    return Content({"a": number}, "balanced", "general", "u", 3)


def decided(at: Desk, session: date, executed: date, number: int, *orders: Any) -> None:
    """Freeze a run of a session under some rules."""
    content = rules(number)
    run = at.freeze(
        *orders, executed=executed, strategy=f"s{session}", rules={"digest": content.digest}
    )
    assert run.executed == executed


def put(at: Desk, number: int, when: datetime, name: str) -> int:
    """Keep a promotion of some rules with a file of its own."""
    file = EvidenceFile(name, name.encode())
    why = Promotion("kim", "because", None, None, rules(number), (), TRIAL, (file,))
    return keep_promotion(at.ledger, int(when.timestamp()), ("mine", "s", BEFORE), why)


@pytest.fixture
def patched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of a test have rules by number, and their sessions are in their names."""

    def runs(ledger: Any, name: str) -> Any:
        return [
            replace(run, session=date.fromisoformat(run.strategy[1:]))
            for run in all_runs(ledger, name)
        ]

    whole = course({}, cash=[100, 110, 120, 130, 140], days=DAYS)
    monkeypatch.setattr(account, "all_runs", runs)
    monkeypatch.setattr(account, "course_of", lambda *_, **__: whole)
    monkeypatch.setattr(
        changes,
        "content_then",
        lambda run: next(
            rules(n) for n in range(9) if rules(n).digest == run.document["rules"]["digest"]
        ),
    )


def looked(at: Desk, quarter: Quarter = QUARTER) -> AuditedAccount | None:
    strategy = SimpleNamespace(calendar="XKRX", name="s")
    members = [SimpleNamespace(codes=("069500",))]
    universe = SimpleNamespace(name="u", members=members)
    mandate = SimpleNamespace(
        strategy=strategy, profile="balanced", account="general", universe=universe
    )
    market = SimpleNamespace(prices=(), last_session=lambda _: date(2026, 7, 31))
    return audited(
        at.ledger, CONFIG, cast("Any", lambda _: mandate), cast("Any", market), api.calendars(),
        quarter,
    )  # fmt: skip


@pytest.mark.usefixtures("patched")
def test_an_account_is_looked_at_in_one_quarter(at: Desk) -> None:
    put(at, 1, datetime(2026, 3, 31, 14, 59, tzinfo=UTC), "used")  # a minute before Seoul's April
    put(at, 7, datetime(2026, 3, 31, 14, 59, tzinfo=UTC), "unused")
    decided(at, BEFORE, FIRST, 0, BUY)
    decided(at, JUNE, date(2026, 6, 2), 1, BUY, SALE)
    decided(at, LAST, AFTER, 2, SALE)
    put(at, 8, datetime(2026, 3, 31, 15, 0, tzinfo=UTC), "written in it")
    decided(at, AFTER, date(2026, 7, 2), 3, SALE)
    put(at, 6, datetime(2026, 6, 30, 15, 0, tzinfo=UTC), "written after it")
    found = looked(at)
    assert found is not None
    assert [run.session for run in found.known] == [BEFORE, JUNE, LAST]
    assert [run.session for run in found.runs] == [JUNE, LAST]
    assert [order.run.session for order in found.orders] == [BEFORE, JUNE, JUNE]
    assert sorted(found.ordered.values()) == [1, 1, 1, 2]
    assert [change.session for change in found.changes] == [JUNE, LAST]
    assert [file.name for file in found.evidence] == ["used", "written in it"]
    assert [kept.after for kept in found.promoted] == [rules(1).digest, rules(8).digest]
    assert found.course.sessions.tolist() == list(DAYS[:4])
    assert [(day.session, day.status) for day in found.attended] == [
        (FIRST, "missing"), (JUNE, "decided"), (LAST, "decided"),
    ]  # fmt: skip
    assert found.head == at.ledger.head()
    assert (found.name, found.group) == ("mine", ("balanced", "KRW"))
    stated = pack._account(found)
    names = ("runs", "orders", "deviating", "missed", "changes", "unpromoted", "firm", "rules")
    assert [stated[name] for name in names] == [2, 3, 3, 1, 2, 1, "one", rules(2).digest]
    assert (stated["first"], stated["last"], stated["market"]) == (str(BEFORE), str(LAST), "069500")


@pytest.mark.usefixtures("patched")
def test_sessions_before_the_first_decision_are_none_of_a_quarter(at: Desk) -> None:
    decided(at, JUNE, date(2026, 6, 2), 0)
    found = looked(at)
    assert found is not None
    assert [day.session for day in found.attended] == [JUNE, LAST]
    assert [change.before for change in found.changes] == [None]


@pytest.mark.usefixtures("patched")
def test_an_account_that_decided_nothing_by_the_end_of_a_quarter_is_not_in_it(at: Desk) -> None:
    decided(at, AFTER, date(2026, 7, 2), 0)
    assert looked(at) is None


@pytest.mark.usefixtures("patched")
def test_a_quarter_without_a_decision_has_no_rules(at: Desk) -> None:
    decided(at, BEFORE, FIRST, 0)
    found = looked(at)
    assert found is not None
    assert (found.runs, pack._account(found)["rules"]) == ((), None)


# --- changes of rules -----------------------------------------------------------------------------


@pytest.mark.usefixtures("patched")
def test_the_newest_record_before_a_decision_is_its_ground(at: Desk) -> None:
    for by in ("old", "lee"):
        note(at.ledger, "rules", f'{{"digest": "{rules(1).digest}", "by": "{by}"}}', at=5)
        put(at, 1, datetime(2026, 4, 1, tzinfo=UTC), by)
    note(at.ledger, "rules", f'{{"digest": "{rules(1).digest}"}}')  # of a version that kept no name
    decided(at, BEFORE, FIRST, 0)
    decided(at, FIRST, JUNE, 0)
    decided(at, JUNE, date(2026, 6, 2), 1)
    note(at.ledger, "rules", f'{{"digest": "{rules(1).digest}", "by": "late"}}')
    put(at, 1, datetime(2026, 4, 1, tzinfo=UTC), "late")
    runs = all_runs(at.ledger, "mine")
    first, change = rule_changes(at.ledger, runs)
    assert (first.run, first.before, first.keys, first.accepted) == (runs[0], None, (), None)
    assert (change.run, change.before) == (runs[2], runs[1])
    assert [(key.key, key.before, key.now) for key in change.keys] == [("a", 0, 1)]
    said = change_document(change)
    assert said["accepted"] == {"by": "lee", "at": 5}
    assert said["promotion"]["row"] == promotions(at.ledger)[1].seq
    assert (said["before"], said["after"]) == (rules(0).digest, rules(1).digest)
    assert change_document(first)["before"] is None


# --- what is put forward --------------------------------------------------------------------------


@pytest.mark.parametrize(("now", "kept"), [(5.9, 900), (1_000.9, 1_000)])
def test_rules_are_put_forward_no_earlier_than_the_newest_row(
    at: Desk, monkeypatch: pytest.MonkeyPatch, now: float, kept: int
) -> None:
    decided(at, BEFORE, FIRST, 0)
    monkeypatch.setattr(promoting, "content_of", lambda _: rules(1))
    monkeypatch.setattr(promoting, "changes_since", lambda *_: ())
    monkeypatch.setattr(promoting, "secrets_of", lambda _: ("hush",))
    monkeypatch.setattr(promoting, "existing_ledger", lambda _: closing_nothing())
    monkeypatch.setattr(promoting, "held_ledger", lambda _: closing_nothing(at.ledger))
    monkeypatch.setattr(promoting, "in_words", lambda _: closing_nothing())
    clock = cast("Any", SimpleNamespace(now=lambda: now))
    mandate = cast("Any", SimpleNamespace(strategy=SimpleNamespace(name="s")))
    found = promote(CONFIG, mandate, clock, TRIAL, [], ("kim", "why"))
    (run,) = all_runs(at.ledger, "mine")
    assert (found.run, found.before) == (run.run_id, rules(0).digest)
    assert promotions(at.ledger)[0].at == kept
    files = [EvidenceFile("a", b"none"), EvidenceFile("b", b"a HUSH b")]
    with pytest.raises(DataError, match="contains a secret of this account") as refused:
        promote(CONFIG, mandate, clock, TRIAL, files, ("kim", "why"))
    assert [problem.file for problem in refused.value.problems] == ["b"]
    assert len(promotions(at.ledger)) == 1


def closing_nothing(found: Any = None) -> Any:
    """A context that gives something and closes nothing."""

    class Given:
        def __enter__(self) -> Any:
            return found

        def __exit__(self, *_: object) -> None:
            return None

        def close(self) -> None:
            return None

    return Given()


def test_a_secret_is_found_in_any_case() -> None:
    assert holds_secret(b"key ABC", ["abc"])
    assert not holds_secret(b"key", ["abc"])


# --- the files of a pack --------------------------------------------------------------------------


def test_evidence_is_named_by_its_content_and_the_end_of_its_own_name() -> None:
    files = [EvidenceFile("a b/c.csv", b"one"), EvidenceFile("x" * 90 + ".csv", b"two")]
    found = pack._evidence([cast("Any", SimpleNamespace(evidence=files))])
    one, two = (file.sha256[:16] for file in files)
    assert found == {
        f"evidence/{one}-a_b_c.csv": b"one",
        f"evidence/{two}-{'x' * 76}.csv": b"two",
    }


@pytest.mark.parametrize("simulated", [True, False])
def test_the_first_page_says_where_the_market_is_simulated(simulated: bool) -> None:
    about = pack._about([], QUARTER, ("the sample", simulated))
    text = pack._readme(about, "en").decode()
    assert ("The market is simulated" in text) is simulated
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert (about["from"], about["to"], about["quarter"]) == ("2026-04-01", "2026-06-30", "2026Q2")


def test_heads_are_written_as_a_person_keeps_them(at: Desk) -> None:
    note(at.ledger)
    head = at.ledger.head()
    own = cast("Any", SimpleNamespace(name="mine", head=head))
    assert pack._heads([own]) == [{"account": "mine", "rows": 1, "head": f"1:{head.hash}"}]


def test_documents_are_written_in_their_own_order_and_script() -> None:
    assert pack._json({"b": "주식", "a": 1}) == '{\n  "b": "주식",\n  "a": 1\n}\n'.encode()
