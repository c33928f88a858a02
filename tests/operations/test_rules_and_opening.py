"""Which rules an account has accepted, what it was promoted by, and how its ledger is opened."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scripted import DAY, Desk
from written_rows import note

from jeoul.errors import DataError, UsageError
from jeoul.model.grade_limit import GradeLimit
from jeoul.operations.desk import accepted_rules
from jeoul.operations.desk.accepted_rules import (
    RulesCheck,
    changes_since,
    check_rules,
    limit_then,
    mandate_then,
)
from jeoul.operations.desk.promotions import (
    EvidenceFile,
    NamedTrial,
    Promotion,
    evidence_of,
    keep_promotion,
    promotions,
    rules_digest,
)
from jeoul.operations.errors import NotSent, Refused, Sealed, Unanswered
from jeoul.operations.ledger import (
    NAME,
    Ledger,
    backup,
    existing_ledger,
    held_ledger,
    open_ledger,
    opening,
)
from jeoul.operations.ledger.opening import has_ledger, ledger_of, move_ledger
from jeoul.operations.setup.config import Config, load_config
from jeoul.operations.told.kept_why import told_why
from jeoul.pipeline.content import Content, KeyChange

NOW = Content({"a": 1}, "balanced", "general", "u", 3)
CHANGE = KeyChange("a", 1, 2)


def test_rules_ask_where_they_changed_and_nobody_accepted_them() -> None:
    for changes, accepted, asks in (
        ((CHANGE,), False, True),
        ((CHANGE,), True, False),
        ((), False, False),
    ):
        assert RulesCheck(None, NOW, changes, accepted=accepted, unkept=False).must_ask is asks


def test_rules_are_compared_with_those_of_the_newest_run(
    at: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check_rules(at.ledger, NOW) == RulesCheck(None, NOW, (), accepted=False, unkept=False)
    at.freeze(strategy="old")
    monkeypatch.setattr(accepted_rules, "content_then", lambda _: replace(NOW, model=2))
    found = check_rules(at.ledger, NOW)
    assert ([each.key for each in found.changes], found.unkept) == (["model"], True)
    run = at.freeze(strategy="new", rules={"digest": NOW.digest, "model": 3})
    found = check_rules(at.ledger, NOW)
    assert (found.last, found.changes, found.accepted, found.unkept) == (run, (), False, False)
    for digest, accepted in (("x", False), (NOW.digest, True), ("y", False)):
        note(at.ledger, "rules", json.dumps({"digest": digest}), at=1_000)
        assert check_rules(at.ledger, NOW).accepted is accepted
    assert changes_since(run, NOW) == ()
    assert [each.key for each in changes_since(run, replace(NOW, model=4))] == ["model"]
    assert (rules_digest(run), rules_digest(at.freeze())) == (NOW.digest, None)


def test_a_limit_is_the_investor_s_of_then(at: Desk) -> None:
    limit = GradeLimit(type="active", matrix="m", riskiest=2, mode="product", on_breach="report")
    fields = {name: getattr(limit, name) for name in GradeLimit.__dataclass_fields__}
    assert limit_then(at.freeze(strategy="a")) is None
    assert limit_then(at.freeze(strategy="b", suitability={**fields, "grades": "g"})) == limit


@pytest.mark.parametrize(("universe", "followed"), [("u", True), ("v", False)])
def test_the_last_rules_can_be_followed_on_the_same_universe_alone(
    at: Desk, monkeypatch: pytest.MonkeyPatch, universe: str, followed: bool
) -> None:
    monkeypatch.setattr(accepted_rules, "strategy_then", lambda _: "then")
    monkeypatch.setattr(accepted_rules, "replace", lambda _, **found: found)
    now = cast("Any", SimpleNamespace(universe=SimpleNamespace(name="u")))
    run = at.freeze(universe=universe, profile="growth", kind="isa")
    rules = RulesCheck(run, NOW, (), accepted=False, unkept=False)
    found: Any = mandate_then(rules, now)
    assert (found is not None) is followed
    if followed:
        assert (found["strategy"], found["profile"], str(found["account"])) == (
            "then",
            "growth",
            "isa",
        )
    assert mandate_then(replace(rules, last=None), now) is None


def test_the_evidence_of_promotions_is_kept_once(at: Desk) -> None:
    trial = NamedTrial(1, 2, "k", date(2026, 1, 2), date(2026, 3, 4), 40, 0.5, same=True)
    files = (EvidenceFile("a", b"one"), EvidenceFile("b", b"two"), EvidenceFile("c", b"one"))
    put = Promotion("me", "because", None, None, NOW, (CHANGE,), trial, files)
    seqs = [keep_promotion(at.ledger, 1_000, ("mine", "s", DAY), put) for _ in range(2)]
    assert [file.name for file in evidence_of(at.ledger)] == ["a", "b"]
    first, second = promotions(at.ledger)
    assert ([first.seq, second.seq], first.at, first.after) == (seqs, 1_000, NOW.digest)
    assert (seqs[0], seqs[1]) == (3, 4)
    assert [each["length"] for each in first.detail["evidence"]] == [3, 3, 3]


def test_a_run_that_kept_no_reasons_of_its_weights_tells_none() -> None:
    assert told_why({"weights": {}}, "en") is None
    kept = {"why": {"funds": {}, "limits": [], "certificate": None}, "weights": {"CASH": 1.0}}
    assert told_why(kept, "en") is not None


def test_what_becomes_of_an_order_and_a_sealed_file_say_what_they_are() -> None:
    assert [kind("x").exit_code for kind in (Refused, NotSent, Unanswered)] == [5, 5, 5]
    assert "ledger.sqlite3" in str(Sealed("missing", Path("ledger.sqlite3")))


# Opening a ledger.


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return written(tmp_path)


def written(folder: Path, ledger: str = "") -> Config:
    file = folder / "mine.toml"
    text = 'schema = 1\nname = "mine"\nprofile = "balanced"\nstate = "state"\nlang = "en"\n'
    file.write_text(f'{text}{ledger}[broker]\nkind = "paper"\n', "utf-8")
    (folder / "state").mkdir(exist_ok=True)
    return load_config(file)


SERVER = 'ledger = "postgresql://run@here/books"\n'


def test_a_ledger_is_the_file_of_its_state_and_there_once_it_was_made(config: Config) -> None:
    assert not has_ledger(config)
    with pytest.raises(DataError, match="there is no ledger"):
        existing_ledger(config)
    ledger_of(config).close()
    assert has_ledger(config)
    existing_ledger(config).close()
    with pytest.raises(UsageError, match="does not name a server"):
        move_ledger(config)


class Kept:
    """A ledger on a server with so many rows."""

    def __init__(self, rows: int) -> None:
        self.rows, self.did = rows, list[str]()
        self.place = "here"

    def head(self) -> Any:
        return SimpleNamespace(seq=self.rows)

    def hold(self) -> None:
        self.did.append("held")

    def close(self) -> None:
        self.did.append("closed")


@pytest.mark.parametrize(("rows", "there"), [(0, False), (1, True)])
def test_a_ledger_on_a_server_is_there_with_its_first_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int, there: bool
) -> None:
    config, kept = written(tmp_path, SERVER), Kept(rows)
    monkeypatch.setattr(opening, "open_server_ledger", lambda *_: kept)
    assert has_ledger(config) is there
    assert kept.did == ["closed"]
    if there:
        assert cast("Any", existing_ledger(config)) is kept
        assert kept.did == ["closed"]
    else:
        with pytest.raises(DataError, match="there is no ledger here yet"):
            existing_ledger(config)
        assert kept.did == ["closed", "closed"]


def test_a_ledger_is_held_while_a_command_or_a_move_works_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, kept = written(tmp_path, SERVER), Kept(1)
    with held_ledger(config, lambda _: cast("Any", kept)) as found:
        assert cast("Any", found) is kept
        assert kept.did == ["held"]
    assert kept.did == ["held", "closed"]
    monkeypatch.setattr(opening, "open_server_ledger", lambda *_: kept)
    monkeypatch.setattr(opening, "move", lambda path, _: (path.name, [*kept.did]))
    assert cast("Any", move_ledger(config)) == (NAME, ["held", "closed", "held"])
    assert kept.did[-1] == "closed"


def test_a_file_that_is_still_there_is_moved_before_a_server_is_used(tmp_path: Path) -> None:
    config = written(tmp_path, SERVER)
    (config.state / NAME).touch()
    with pytest.raises(Exception, match="jeoul ledger move"):
        ledger_of(config)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with closing(open_ledger(tmp_path / NAME)) as found:
        note(found)
        yield found


@pytest.mark.posix
def test_a_ledger_and_its_backup_are_for_their_owner_s_eyes(ledger: Ledger, tmp_path: Path) -> None:
    backup(ledger, tmp_path / "b")
    for name in (NAME, "b"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
