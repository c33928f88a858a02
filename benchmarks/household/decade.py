"""Ten years of simulated households under real class returns: what is in hand after every tax.

    python benchmarks/household/decade.py run --by fast --folder DIR [--every N] [--from N]
    python benchmarks/household/decade.py set --folder DIR
    python benchmarks/household/decade.py say --folder DIR

``JEOUL_MARKET`` names the market folder. From 2014-06 to 2024-06 each class follows the largest
place of krx-core in it: its fund where it was listed, its proxy before. Households are simulated,
and so are the tax inputs: payouts and base prices are the yields and shares that the universe
assumes. The law is that of 2026 in every year. Each quarter a planner decides on the last session
and its orders are filled on the next; at the end everything is sold and taxed.

``set`` runs fifty other households and sets ``drift_price`` once: the smallest at which the plan's
median tracking error is not above the greedy rule's. ``run`` plans the 200 with it, one file a
household; what is there is kept. In the last quarter of a year the fast plan is followed by what
``--year-end`` answers: gains abroad that are left of the yearly deduction are sold and bought back.

``say`` prints what the planners left in hand, and the same without luck: less what their
differences from the target happened to earn; and that with the levies left out that only selling
everything in one year brings. Then it takes the differences apart: by cause, and by how much of
them luck explains.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from adapters import ADAPTERS
from decade_setting import Case, cases, growth_after_plans, stepped

from jeoul.household.history.figures import history_figures
from jeoul.household.problem.after import After, aim_money, exposures
from jeoul.household.problem.records import Household, Moves

Plan = Callable[[Household], Moves]
DRIFT_PRICES = (0.02, 0.05, 0.1, 0.2)
AGAINST = ("account_by_account", "greedy")
DRAWS = 10_000


def planner(by: str, drift_price: float | None) -> Plan:
    """Return a planner; the drift price is the fast plan's alone."""
    if by in ADAPTERS:
        return ADAPTERS[by]
    from jeoul.household.planning.fast import plan_fast

    def plan(household: Household) -> Moves:
        if drift_price is None:
            return plan_fast(household).moves
        policy = replace(household.policy, drift_price=drift_price)
        return plan_fast(replace(household, policy=policy)).moves

    return plan


class Watched:
    """A planner whose deviations from the target are kept: won by class, after each plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.away: list[np.ndarray] = []
        self.errors: list[float] = []
        self.weights = np.zeros(0)

    def __call__(self, household: Household) -> Moves:
        moves = self.plan(household)
        aim, classes = household.aims[0], household.classes
        money, held = aim_money(household, aim), exposures(After(household, moves), aim)
        self.weights = np.array([aim.weights.get(name, 0.0) for name in classes])
        away = np.array([held[name] for name in classes]) - self.weights * money
        self.away.append(away)
        self.errors.append(float(np.linalg.norm(np.array(aim.factors) @ away) / money))
        return moves

    def luck(self, growth: np.ndarray) -> float:
        """Return what the deviations happened to earn until the end, carried on at the target's.

        ``growth`` has a row a quarter: by how much each class grew after that quarter's plan.
        """
        total = 0.0
        for away, grown in zip(self.away, growth, strict=True):
            total = total * (1.0 + float(self.weights @ grown)) + float(away @ grown)
        return total


def lived(case: Case, by: str, drift_price: float | None) -> dict[str, Any]:
    """Return what ten years under a planner came to, in won, and its mean tracking error.

    ``luck`` is what differences from the target happened to earn: a planner that holds more shares
    than the target has more in hand after good years, and no better plan. ``at_once`` is the
    comprehensive tax and the health insurance of the last year, in which everything is sold: what a
    person avoids who sells over several years.
    """
    watched = Watched(planner(by, drift_price))
    run = stepped(case, watched, rebuys=by == "fast")
    found = history_figures(run)
    last = [years[-1] for years in run.assessments.values()]
    names = ("paid_in", "worth", "withheld", "exit_tax", "overseas", "comprehensive", "health")
    return {
        "id": case.id,
        "in_hand": found.in_hand,
        "at_once": sum(each.comprehensive + (each.health or 0) for each in last),
        "luck": watched.luck(growth_after_plans(case.household.classes)),
        "credit": found.credit,
        "tracking_error": float(np.mean(watched.errors)),
        "yearly_return": found.yearly_return,
        **{name: getattr(found, name) for name in names},
    }


def kept(folder: Path, by: str, case: Case, drift_price: float | None) -> dict[str, Any]:
    """Return the result of a household, from its file or by living its ten years now."""
    label = by if drift_price is None else f"{by}-{drift_price:g}"
    path = folder / label / f"{case.id}.json"
    if not path.exists():
        found = lived(case, by, drift_price)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(found), "utf-8")
        os.replace(part, path)
        print(label, case.id, f"{found['in_hand']:,} won in hand", flush=True)
    return dict(json.loads(path.read_text("utf-8")))


def set_price(folder: Path) -> float:
    """Return the smallest drift price at which the plan tracks as well as the greedy rule does."""
    fifty = cases("decade-setting")
    rule = median(kept(folder, "greedy", each, None)["tracking_error"] for each in fifty)
    print(f"greedy: median tracking error {rule:.4%} a year")
    for price in DRIFT_PRICES:
        plan = median(kept(folder, "fast", each, price)["tracking_error"] for each in fifty)
        print(f"fast at a drift price of {price:g}: {plan:.4%}", flush=True)
        if plan <= rule:
            (folder / "drift_price.json").write_text(json.dumps(price), "utf-8")
            return price
    raise SystemExit("no drift price tracks as well as the greedy rule; try larger ones")


def price_of(folder: Path, by: str) -> float | None:
    if by != "fast":
        return None
    path = folder / "drift_price.json"
    if not path.exists():
        raise SystemExit("drift_price is not set yet; run decade.py set first")
    return float(json.loads(path.read_text("utf-8")))


def compared(
    plan: Mapping[str, Any], other: Mapping[str, Any], worth: Callable[[Any], float]
) -> str:
    """Return median difference with its 90 % interval, and the share of households worse off."""
    both = sorted(plan.keys() & other.keys())
    part = np.array([worth(plan[key]) / worth(other[key]) - 1.0 for key in both])
    rng = np.random.Generator(np.random.PCG64(20261129))
    drawn = np.median(rng.choice(part, size=(DRAWS, len(part))), axis=1)
    low, high = np.percentile(drawn, [5, 95])
    won = median(worth(plan[key]) - worth(other[key]) for key in both)
    return (
        f"{np.median(part):+.3%} in the median of {len(both)} households "
        f"(90 % interval {low:+.3%} to {high:+.3%}), {won:+,.0f} won; "
        f"{np.mean(part < 0.0):.1%} did worse"
    )


CAUSES = {
    "luck": 1,
    "withheld": -1,
    "exit_tax": -1,
    "overseas": -1,
    "comprehensive": -1,
    "health": -1,
}
"""Figures of a result that its money in hand contains, and the sign with which it does."""


def taken_apart(plan: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Return the mean difference in hand by cause, and how much of the differences luck explains.

    All are parts of what the other planner left in hand. The rest is what the target itself grew
    by: credits, fees, the yearly taxes that were not paid in between, and whole shares. ``equal``
    is the difference at equal luck, by least squares over households.
    """
    both = sorted(plan.keys() & other.keys())
    hand = np.array([other[key]["in_hand"] for key in both], dtype=np.float64)

    def apart(name: str) -> np.ndarray:
        return np.array([plan[key][name] - other[key][name] for key in both]) / hand

    whole, luck = apart("in_hand"), apart("luck")
    found = {name: sign * apart(name) for name, sign in CAUSES.items()}
    rest = whole - sum(found.values())
    slope, equal = np.polyfit(luck, whole, 1)
    lucky = luck > 0.0
    lines = [
        "  mean by cause: "
        + ", ".join(f"{name} {part.mean():+.2%}" for name, part in found.items())
        + f", rest {rest.mean():+.2%}, together {whole.mean():+.2%}",
        f"  at equal luck {equal:+.2%}, and {slope:.2f} of the luck; correlation "
        f"{np.corrcoef(luck, whole)[0, 1]:.2f}",
    ]
    for said, chosen in (("the plan", lucky), ("the other", ~lucky)):
        if chosen.any():
            lines.append(
                f"  luck was with {said} in {chosen.sum()} households: "
                f"{np.median(whole[chosen]):+.2%} in the median, "
                f"{np.mean(whole[chosen] < 0.0):.0%} did worse"
            )
    return "\n".join(lines)


def without_luck(found: Any) -> float:
    return float(found["in_hand"] - found["luck"])


def sold_over_years(found: Any) -> float:
    return without_luck(found) + float(found["at_once"])


def say(folder: Path) -> None:
    price = price_of(folder, "fast")
    found = {
        by: {
            path.stem: json.loads(path.read_text("utf-8"))
            for path in sorted((folder / label / "decade").glob("*.json"))
        }
        for by, label in (("fast", f"fast-{price:g}"), *((by, by) for by in AGAINST))
    }
    print(f"drift price {price:g}; simulated households and tax inputs, law of 2026 in every year")
    for by, each in found.items():
        if each:
            error = median(one["tracking_error"] for one in each.values())
            print(f"{by}: {len(each)} households, median tracking error {error:.4%} a year")
    for other in AGAINST:
        if found["fast"].keys() & found[other].keys():
            pair = found["fast"], found[other]
            print(f"against {other}, in hand: {compared(*pair, lambda r: r['in_hand'])}")
            print(f"  without luck: {compared(*pair, without_luck)}")
            print(f"  and sold over years: {compared(*pair, sold_over_years)}")
            print(taken_apart(*pair))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["run", "set", "say"])
    parser.add_argument("--by", choices=["fast", *ADAPTERS], default="fast")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--from", dest="first", type=int, default=0)
    given = parser.parse_args()
    if given.command == "set":
        print(f"drift_price = {set_price(given.folder):g}")
    elif given.command == "say":
        say(given.folder)
    else:
        price = price_of(given.folder, given.by)
        for case in cases("decade")[given.first :: given.every]:
            kept(given.folder, given.by, case, price)


if __name__ == "__main__":
    main()
