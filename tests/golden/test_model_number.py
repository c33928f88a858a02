"""The engine's own rules carry a number, and no golden decision moves without it.

An account keeps the number with every decision. Raise ``jeoul.pipeline.content.MODEL`` where a
decision below is meant to move, then run ``python tests/golden/test_model_number.py``: it adds an
entry to ``models.json``. Every account is then asked to accept the new model.
"""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

from jeoul import api
from jeoul.model.decision import Proposal
from jeoul.model.portfolio import Portfolio
from jeoul.pipeline import place, present, run_model
from jeoul.pipeline.content import MODEL
from jeoul.strategy.load import shipped

HOME = Path(__file__).parent
PROFILES = ("conservative", "balanced", "growth")


def decisions() -> dict[str, Any]:
    """Return weights (to 1e-6) and orders for new money, on the newest session of the sample."""
    market, found = api.open_market(), {}
    for name in shipped():
        strategy = api.load_strategy(name)
        snapshot = market.as_of(market.last_session(strategy.calendar), strategy.calendar)
        history = api.history(strategy, snapshot)
        for profile in PROFILES:
            if profile not in strategy.profiles:
                continue
            model = run_model(api.mandate(strategy, profile), history)
            proposal = present(model, snapshot, api.calendars()[strategy.calendar])
            found[f"{name}/{profile}"] = row(proposal)
    return found


def row(proposal: Proposal) -> dict[str, Any]:
    """Return one decision as JSON values."""
    money = Portfolio({}, 10_000_000, proposal.currency)
    orders = place(proposal, money).orders
    return {
        "weights": {code: round(weight, 6) for code, weight in sorted(proposal.weights.items())},
        "orders": [[str(order.side), order.ticker, order.shares] for order in orders],
    }


def digest(found: dict[str, Any]) -> str:
    """Return the SHA-256 of decisions."""
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def test_no_golden_decision_moves_without_a_new_model_number() -> None:
    known = json.loads((HOME / "decisions.json").read_text("utf-8"))
    found = decisions()
    moved = [name for name in sorted({*known, *found}) if known.get(name) != found.get(name)]
    assert moved == [], "raise MODEL and run this file, or find out why these moved"


def test_every_model_number_has_decisions_of_its_own() -> None:
    models = json.loads((HOME / "models.json").read_text("utf-8"))
    known = json.loads((HOME / "decisions.json").read_text("utf-8"))
    assert [entry["model"] for entry in models] == list(range(1, MODEL + 1))
    assert models[-1]["decisions"] == digest(known)
    assert all(a["decisions"] != b["decisions"] for a, b in pairwise(models))


if __name__ == "__main__":
    place_of = HOME / "models.json"
    entries = json.loads(place_of.read_text("utf-8")) if place_of.exists() else []
    fresh = decisions()
    if [entry["model"] for entry in entries] != list(range(1, MODEL)):
        raise SystemExit(f"MODEL is {MODEL}; models.json has {len(entries)} entries: raise it by 1")
    text = json.dumps(fresh, indent=1, sort_keys=True, ensure_ascii=False)
    (HOME / "decisions.json").write_text(text + "\n", "utf-8")
    entries.append({"model": MODEL, "decisions": digest(fresh)})
    place_of.write_text(json.dumps(entries, indent=1) + "\n", "utf-8")
