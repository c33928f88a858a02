"""The kinds of TOML files that a person writes, told apart by their keys."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of file: how a sentence calls it, where to get one, and keys that it has at its top.

    ``own`` are keys that tell the kind from every other; some may stand in two kinds. With
    ``has_schema`` editors can check it as it is typed (:func:`schema_file`).
    """

    called: str
    remedy: str
    own: frozenset[str]
    has_schema: bool = True


KINDS: Mapping[str, Kind] = {
    "firm": Kind(
        "a firm",
        "write one with `jeoul firm init`",
        frozenset({"register", "advisory", "review"}),
    ),
    "household": Kind(
        "a household",
        "write one with `jeoul new household`",
        frozenset({"people", "accounts", "goals", "flows", "policy"}),
    ),
    "universe": Kind(
        "a universe", "write one with `jeoul new universe`", frozenset({"members", "instruments"})
    ),
    "cases": Kind("worked cases", "write [[case]] tables", frozenset({"case"})),
    "config": Kind(
        "the config of a run",
        "write one with `jeoul new config`",
        frozenset({"broker", "state", "schedule", "safety", "approval"}),
    ),
    "fetch plan": Kind(
        "a fetch plan",
        "see configs/fetch.toml",
        frozenset({"store", "folder", "prices", "series"}),
    ),
    "rules": Kind(
        "a table of rules",
        "see data/rules",
        frozenset({"tax", "pension", "pending"}),
        has_schema=False,  # any key may be a fact of the law
    ),
    "account": Kind(
        "an account file",
        "see configs/account-example.toml",
        frozenset({"cash", "costs", "deposits", "withdrawals"}),
    ),
    "person": Kind(
        "a person's file",
        "see configs/person-example.toml",
        frozenset({"budget", "wages", "horizon_years", "keep_liquid"}),
    ),
    "answers": Kind(
        "a file of answers",
        "write one with `jeoul profile --ask --out FILE`",
        frozenset(
            {"age", "horizon", "experience", "knowledge", "share", "income", "loss", "answered"}
        ),
    ),
    "strategy": Kind(
        "a strategy",
        "write one with `jeoul new strategy`",
        frozenset(
            {"universe", "calendar", "estimate", "allocate", "profiles", "overlay", "rebalance"}
        ),
    ),
    "rates": Kind("a file of rates", "write one with `jeoul new rates`", frozenset({"rates"})),
    "els": Kind(
        "the terms of an ELS",
        "see docs/korea.md",
        frozenset({"coupon", "barriers", "months", "knock_in", "monthly_barrier"}),
    ),
    "statement": Kind(
        "a tax statement",
        "see docs/korea.md",
        frozenset({"payments", "determined", "determined_local", "pension_credit"}),
    ),
}
"""In the order in which a file is asked for its kind."""


def schema_file(kind: str) -> str:
    """Return the name of a kind's JSON schema in ``data/``.

    >>> schema_file("fetch plan")
    'fetch-plan.schema.json'
    """
    return f"{kind.replace(' ', '-')}.schema.json"


def kind_of(keys: Collection[str]) -> str | None:
    """Return the first kind of which a file has a key of its own, None if it is none of them.

    >>> kind_of(["year", "budget"]), kind_of(["colour"])
    ('person', None)
    """
    return next((name for name, kind in KINDS.items() if kind.own & set(keys)), None)


def another_kind(keys: Collection[str], wanted: str) -> str | None:
    """Return the kind of a file that is clearly not the wanted one, None otherwise.

    Clearly: it has two keys of another kind or more, and at most one of the wanted kind, since a
    key may stand in two kinds; or the only key of another kind, and none of the wanted one.

    >>> another_kind(["age", "horizon", "loss"], "person"), another_kind(["age", "wages"], "person")
    ('answers', None)
    >>> another_kind(["schema", "year", "case"], "person")
    'cases'
    """
    counts = {name: len(kind.own & set(keys)) for name, kind in KINDS.items()}
    most = max(counts, key=lambda name: counts[name])
    clear = counts[most] >= 2 and counts[wanted] <= 1
    clear = clear or (counts[most] == len(KINDS[most].own) == 1 and not counts[wanted])
    return most if clear and most != wanted else None
