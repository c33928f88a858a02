"""Fifty households through the months in which the shipped overlay cut: does anyone hold more risk?

    python benchmarks/household/overlay_cuts.py run --folder DIR [--every N] [--from N]
    python benchmarks/household/overlay_cuts.py say --folder DIR

``JEOUL_MARKET`` names the market folder. Households are simulated: one person, five accounts, real
funds with drawn shares and costs. ``jeoul drill`` takes each through 2008, 2020 and 2022: the model
and its overlay see the market of then, and a plan is made whenever the model trades. On every plan
that follows a cut, ``check.py`` says what part of the money is in risk assets once the orders are
made, looked through. It may be at most the target with its band, unless a rule of law or settlement
forbids the sale: that rule is then kept by its name. Tax is a cost and never such a rule.

``run`` keeps one file a household and crisis, and skips what is there. ``say`` counts.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import check
import numpy as np
from numpy.random import PCG64, Generator

from jeoul import api
from jeoul.household.explaining.at_once import moves_at_once
from jeoul.household.explaining.risk_cut import reachable
from jeoul.household.problem.document import moves_document, to_document
from jeoul.household.problem.records import Household, Moves
from jeoul.household.written.file import HouseholdFile, read_household
from jeoul.korea.tables import whole_rules
from jeoul.market import Market
from jeoul.operations.drill import CRISES, drill
from jeoul.strategy.universe import load_universe

HOUSEHOLDS = 50
SEED = 20261129
PROFILES = ("conservative", "balanced", "growth")
ACCOUNTS = {
    "general": ("krx-core", "KRW", 'kind = "general"'),
    "isa": ("krx-core", "KRW", 'kind = "isa"\nopened = 2024-03-02\npaid = { 2024 = 2_000_000 }'),
    "pension": ("krx-core", "KRW", 'kind = "pension_savings"\nopened = 2021-01-15'),
    "irp": ("krx-core", "KRW", 'kind = "irp"\nopened = 2021-01-15'),
    "us": ("us-core", "USD", 'kind = "overseas"'),
}
DOLLAR = 1_350.0
FUNDS = 4  # in each account
CHOSEN = ("max_trades", "min_trade", "lock", "cash")  # a person's own limits give way to a cut


def drawn(number: int, folder: Path, market: Market) -> HouseholdFile:
    """Return a simulated household, written into a folder with the holdings that it names."""
    rng = Generator(PCG64([SEED, 40, number]))
    money = 1.2e8 * np.exp(0.8 * rng.standard_normal())
    parts = rng.dirichlet(np.full(len(ACCOUNTS), 2.0))
    text = (
        f'schema = 1\nname = "home"\nstate = "state"\n[people.minsu]\n'
        f"born = {rng.integers(1965, 1998)}-05-11\nwages = {rng.integers(30, 120)}_000_000\n"
        f'spending = 500_000\nprofile = "{PROFILES[number % len(PROFILES)]}"\n'
        'health = "employee"\n'
    )
    for (name, (universe, currency, body)), part in zip(ACCOUNTS.items(), parts, strict=True):
        rows = _holdings(rng, universe, name == "irp", part * money, currency, _closes(market))
        (folder / f"{name}.csv").write_text("\n".join(rows), "utf-8")
        proceeds = ("settled", "reuse")[int(rng.integers(2))]
        text += (
            f'[accounts.{name}]\nowner = "minsu"\n{body}\nholdings = "{name}.csv"\n'
            f'proceeds = "{proceeds}"\nbroker = {{ kind = "ticket" }}\n'
        )
    place = folder / "household.toml"
    place.write_text(text, "utf-8")
    return read_household(place)


def _holdings(
    rng: Generator,
    universe: str,
    irp: bool,
    money: float,
    currency: str,
    closes: Mapping[str, float],
) -> list[str]:
    """Return the rows of a holdings file: some funds with their costs, and a little cash."""
    found = load_universe(universe)
    money /= 1.0 if currency == "KRW" else DOLLAR
    codes = [
        code
        for member in found.members
        for code in member.codes
        if code in closes and not (irp and found.instruments[code].irp == "barred")
    ]
    own = rng.choice(sorted(codes), size=FUNDS, replace=False)
    rows = ["ticker,shares,cost"]
    for code, part in zip(own, 0.95 * rng.dirichlet(np.full(FUNDS, 1.5)), strict=True):
        price = closes[str(code)]
        shares = int(part * money / price)
        if shares:
            rows.append(f"{code},{shares},{price * rng.uniform(0.5, 1.1):.2f}")
    return [*rows, f"CASH,{0.05 * money:.{0 if currency == 'KRW' else 2}f},"]


@cache
def _closes(market: Market) -> Mapping[str, float]:
    """Return the newest close of every fund."""
    found = {}
    for table in market.prices:
        for column, code in enumerate(table.tickers):
            known = table.close[np.isfinite(table.close[:, column]), column]
            if len(known):
                found[code] = float(known[-1])
    return found


class Watched:
    """The shipped plan of a drill, and what was held after each plan that followed a cut."""

    def __init__(self) -> None:
        self.plans = 0
        self.cuts: list[dict[str, Any]] = []

    def __call__(self, household: Household) -> Moves:
        moves = moves_at_once(household)
        if any(aim.risk_most is not None for aim in household.aims):
            self.cuts += ({"plan": self.plans, **each} for each in cuts_of(household, moves))
        self.plans += 1
        return moves


def cuts_of(household: Household, moves: Moves) -> Iterator[dict[str, Any]]:
    """Yield for each aim whose risk was cut what it holds of it before and after, by the checker.

    ``kept`` is whether the limit holds or a named rule forbids it; ``broken`` are other rules that
    the moves break, the person's own limits left out, which give way to a cut.
    """
    found = reachable(household)
    document, made = to_document(household), moves_document(moves)
    nothing = {"trades": [], "deposits": {}, "withdrawals": {}}
    _, faults = check.judge(document, made)
    over = {where: by for rule, where, by in faults if rule == "risk"}
    for cut in found.cuts:
        forbidden = [f"{rule.kind} {rule.where}".strip() for rule in cut.forbidden]
        yield {
            "aim": cut.aim,
            "most": cut.asked,
            "before": risk_share(document, nothing, cut.aim),
            "after": risk_share(document, made, cut.aim),
            "over": over.get(cut.aim, 0.0),
            "forbidden": forbidden,
            "kept": cut.aim not in over or bool(forbidden),
            "yielded": [each.rule.kind for each in found.yielded],
            "broken": [rule for rule, _, _ in faults if rule not in (*CHOSEN, "risk")],
        }


def risk_share(document: dict[str, Any], moves: dict[str, Any], name: str) -> float:
    """Return the part of an aim's money that is in risk assets after moves, looked through."""
    book = check.Ledger(document, moves)
    (aim,) = (each for each in document["aims"] if each["id"] == name)
    risk = sum(
        value * book.fund[row["fund"]]["risk"]
        for row, value in zip(book.rows, book.value, strict=True)
        if row["account"] in aim["accounts"]
    )
    return risk / book.money(aim)


def lived(number: int, crisis: str, market: Market) -> dict[str, Any]:
    """Return what a household held after each cut of a crisis."""
    watched = Watched()
    with TemporaryDirectory() as folder:
        file = drawn(number, Path(folder), market)
        found = drill(file, crisis, watched, market=market, book=whole_rules(), lang="en")
    for each in watched.cuts:
        each["session"] = found.planned[each.pop("plan")].isoformat()
    return {"household": number, "crisis": crisis, "plans": watched.plans, "cuts": watched.cuts}


def run(folder: Path, every: int, first: int) -> None:
    market = api.open_market(os.environ["JEOUL_MARKET"])
    for number in range(first, HOUSEHOLDS, every):
        for crisis in CRISES:
            path = folder / crisis / f"{number:03d}.json"
            if path.exists():
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part")
            part.write_text(json.dumps(lived(number, crisis, market)), "utf-8")
            os.replace(part, path)
            print(crisis, number, flush=True)


def say(folder: Path) -> None:
    for crisis in CRISES:
        found = [json.loads(p.read_text("utf-8")) for p in sorted(folder.glob(f"{crisis}/*.json"))]
        cuts = [each for one in found for each in one["cuts"]]
        sold = [each for each in cuts if each["before"] > each["most"]]
        above = [each for each in cuts if each["over"]]
        print(
            f"{crisis}: {len(found)} households, {len(cuts)} plans after a cut, "
            f"{len(sold)} of them above the limit before it; {len(above)} above it afterwards, "
            f"{sum(bool(each['forbidden']) for each in above)} of these by a named rule; "
            f"{sum(not each['kept'] for each in cuts)} missed; "
            f"{sum(bool(each['broken']) for each in cuts)} break another rule; "
            f"{sum(bool(each['yielded']) for each in cuts)} exceed the person's own limits"
        )
        for rule in sorted({rule for each in above for rule in each["forbidden"]}):
            print(f"  {rule}: {sum(rule in each['forbidden'] for each in above)}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["run", "say"])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--from", dest="first", type=int, default=0)
    given = parser.parse_args()
    if given.command == "run":
        run(given.folder, given.every, given.first)
    else:
        say(given.folder)


if __name__ == "__main__":
    main()
