"""The scores of a history on real data are those that the documentation has."""

from __future__ import annotations

import runpy
from datetime import date
from typing import Any

import pytest

from jeoul import api, assets
from jeoul.backtesting import prepare
from jeoul.reporting.promises.document import ShownPromises, kept_document
from jeoul.research.promise_history import scored_history

ROOT = assets.root()


@pytest.mark.parametrize("profile", ["balanced", "growth"])
def test_the_table_of_the_documentation_is_what_came(
    real_market: Any, profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    strategy = api.load_strategy("managed")
    history = api.history(strategy, real_market.as_of("2024-06-28"))
    chosen = date(2026, 11, 29)
    halves, newest = scored_history(
        prepare(api.mandate(strategy, profile), history), is_simulated=False, chosen=chosen
    )
    kept = ShownPromises(
        strategy="managed",
        profile=profile,
        account=None,
        simulated=False,
        chosen=chosen,
        halves=halves,
        newest=newest,
    )
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    made = runpy.run_path(str(ROOT / "docs" / "make_promises.py"))
    page = (ROOT / "docs" / "promises.md").read_text("utf-8")
    for name in ("row", "rates_row", "levels_row"):
        assert f"| {' | '.join(made[name](kept_document(kept)))} |\n" in page


def test_what_was_promised_across_the_choice_counts_on_neither_side(sample: Any) -> None:
    strategy = api.load_strategy("static")
    prepared = prepare(
        api.mandate(strategy, "balanced"), api.history(strategy, sample.as_of("2024-06-28"))
    )
    chosen = date(2019, 6, 28)
    whole, _ = scored_history(prepared, is_simulated=True, chosen=None)
    (before, after), _ = scored_history(prepared, is_simulated=True, chosen=chosen)
    assert before is not None
    assert after is not None
    assert whole.after is None
    assert whole.before is not None
    assert before.until == chosen
    assert before.last < chosen <= after.first
    for one, two, all_ in zip(before.ranges, after.ranges, whole.before.ranges, strict=True):
        window = 21 if one.figure == "month" else 247
        assert all_.all_windows - one.all_windows - two.all_windows == window
