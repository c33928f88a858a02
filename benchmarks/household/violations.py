"""Plan simulated households fast and count what their plans break: none, if all is well.

    python benchmarks/household/violations.py --folder DIR [--plans 10000] [--every N] [--from N]

Every plan is judged twice: by the evaluator and by ``check.py``, which shares no code with it.
Households are drawn by seed beyond those of the frozen sets, in turn of 2 x 8, 5 x 12 and 6 x 20,
every fifth with a cut of its risk. ``DIR`` keeps one line a plan, so that a run can be stopped and
started again; processes with different ``--from`` and the same ``--every`` share the work.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from check import judge
from simulated import household

from jeoul.household.planning.fast import plan_fast
from jeoul.household.problem.after import After, aim_money
from jeoul.household.problem.document import moves_document, to_document
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import NOTHING, Household, PlanStatus

SIZES = ("2x8", "5x12", "6x20")
FIRST = 10_000  # no frozen household has such a seed
CUT_EVERY, CUT = 5, 0.8
AGREE = 1e-6


def drawn(number: int) -> Household:
    found = household(SIZES[number % len(SIZES)], FIRST + number)
    return with_cut(found) if number % CUT_EVERY == 0 else found


def with_cut(found: Household) -> Household:
    """Return a household that has to sell a fifth of its risk: the overlay has just cut."""
    after = After(found, NOTHING)
    aims = []
    for aim in found.aims:
        held = [each for each in found.positions if each.account in aim.accounts]
        risk = sum(after.values[p.key] * after.funds[p.fund].risk for p in held)
        aims.append(replace(aim, risk_most=CUT * risk / max(aim_money(found, aim), 1.0)))
    return replace(found, aims=tuple(aims))


def judged(number: int) -> dict[str, Any]:
    found = drawn(number)
    plan = plan_fast(found)
    ours = evaluate(found, plan.moves)
    cost, faults = judge(to_document(found), moves_document(plan.moves))
    refused = plan.status is PlanStatus.INFEASIBLE
    return {
        "number": number,
        "status": plan.status.value,
        "ours": [] if refused else [f"{v.rule} {v.where}" for v in ours.violations],
        "theirs": [] if refused else [f"{rule} {where}" for rule, where, _ in faults],
        "agree": abs(cost["total"] - ours.cost.total) <= AGREE * max(1.0, ours.cost.total),
        "worse": not refused
        and not evaluate(found, NOTHING).violations
        and plan.cost.total > plan.nothing.total,
        "above": plan.cost.total >= plan.bound - 1.0 or refused,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--plans", type=int, default=10_000)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--from", dest="first", type=int, default=0)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    path = given.folder / f"violations-{given.every}-{given.first}.jsonl"
    known = {json.loads(line)["number"] for line in lines(path)}
    with path.open("a", encoding="utf-8") as file:
        for number in range(given.first, given.plans, given.every):
            if number not in known:
                file.write(json.dumps(judged(number)) + "\n")
                file.flush()
    found = [json.loads(one) for each in given.folder.glob("*.jsonl") for one in lines(each)]
    summary(found)


def lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.exists() else []


def summary(found: list[dict[str, Any]]) -> None:
    print(f"{len(found)} plans:", dict(Counter(each["status"] for each in found)))
    for key, text in (
        ("ours", "break a rule by the evaluator"),
        ("theirs", "break a rule by the checker"),
        ("worse", "cost more than doing nothing"),
    ):
        wrong = [each for each in found if each[key]]
        print(f"{len(wrong)} {text}", wrong[:5] or "")
    print(sum(not each["agree"] for each in found), "cost another amount by the checker")
    print(sum(not each["above"] for each in found), "cost less than their bound")


if __name__ == "__main__":
    main()
