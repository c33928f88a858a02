"""Judge a plan for a household: what it costs, and which rules it breaks.

    python check.py HOUSEHOLD.json PLAN.json
    python check.py --set households/5x12.jsonl.gz PLANS.jsonl

A file of its own: it needs the standard library alone, imports nothing of jeoul and was written
from the description of the format (docs/household-benchmark.md), so that it can judge any planner.

A plan is a document of ``jeoul.household-plan/1`` or ``jeoul.household-moves/1``; only its moves
are judged. A file of plans has one JSON object a line: ``{"id": …, "plan": …}``. The exit code is
1 if any plan breaks a rule.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import sys
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

SLACK = 0.5  # won by which a rule on money may be missed
LONGEST_LOCK = 25.0
CHORDS = (0.0, 0.2, 0.5, 1.0, 1.75, 3.0, 5.0, 8.0)  # per cent of volatility
PENSIONS = ("pension_savings", "irp", "dc")

Json = dict[str, Any]
Fault = tuple[str, str, float]


class Ledger:
    """A household with the moves made: what every account and every position comes to."""

    def __init__(self, house: Json, moves: Json) -> None:
        self.house, self.moves = house, moves
        self.price = {fund["code"]: fund["price"] for fund in house["funds"]}
        self.fund = {fund["code"]: fund for fund in house["funds"]}
        self.account = {each["id"]: each for each in house["accounts"]}
        self.rows = house["positions"]
        self.trade: dict[tuple[str, str], float] = {}
        for order in moves["trades"]:
            self.trade[order["account"], order["fund"]] = order["shares"]
        self.paid = defaultdict(float, moves["deposits"])
        self.taken = defaultdict(float, moves["withdrawals"])
        self.before = {name: each["cash"] + each["due"] for name, each in self.account.items()}
        self.value: list[float] = []
        self.gain = dict.fromkeys(self.account, 0.0)
        for row in self.rows:
            price, count = self.price[row["fund"]], self.count(row)
            self.before[row["account"]] += row["shares"] * price
            self.value.append((row["shares"] + count) * price)
            self.gain[row["account"]] += gain_of(row["lots"], -count)

    def count(self, row: Json) -> float:
        """Return the shares traded of a position: bought above 0, sold below."""
        return self.trade.get((row["account"], row["fund"]), 0)

    def sum_of(self, key: str, accounts: Iterable[str]) -> float:
        """Return value x a yearly rate over the positions of some accounts."""
        chosen = set(accounts)
        return math.fsum(
            value * row[key]
            for row, value in zip(self.rows, self.value, strict=True)
            if row["account"] in chosen
        )

    def accounts_of(self, owner: str, gains: str | None = None) -> list[str]:
        """Return a person's accounts, all or those whose gains are taxed in one way."""
        return [
            name
            for name, each in self.account.items()
            if each["owner"] == owner and gains in (None, each["gains"])
        ]

    def withheld(self, name: str) -> float:
        """Return the tax taken from an account's sales on the day."""
        account = self.account[name]
        return account["sale_rate"] * self.gain[name] if account["gains"] == "withheld" else 0.0

    def at_bank(self, pool: Json) -> float:
        """Return what stays of new money."""
        return pool["amount"] - sum(self.paid[name] for name in pool["accounts"])

    def money(self, aim: Json) -> float:
        """Return the money that a target divides."""
        held = sum(self.before[name] for name in aim["accounts"])
        new = sum(each["amount"] for each in self.house["pools"] if each["id"] in aim["pools"])
        return held + new - aim["withdrawal"]


def gain_of(lots: list[Json], sold: float) -> float:
    """Return the gain of shares that are sold lot after lot."""
    total = 0.0
    for lot in lots:
        if sold <= 0:
            break
        part = min(sold, lot["shares"])
        total += part * lot["gain"]
        sold -= part
    return total


def levy(curve: Json, amount: float) -> float:
    """Return what a curve charges: each slope adds to the one below it, each step comes once."""
    if amount <= 0.0:
        return 0.0
    total, below = 0.0, 0.0
    for start, slope in zip([0.0, *curve["bounds"]], curve["slopes"], strict=True):
        total += (slope - below) * max(0.0, amount - start)
        below = slope
    return total + sum(height for bound, height in curve["steps"] if bound < amount)


# --- what it costs ------------------------------------------------------------------------------


def costs(book: Ledger) -> dict[str, float]:
    """Return the cost of a plan by component, in won."""
    policy = book.house["policy"]
    return {
        "tracking": sum(tracking(book, aim) for aim in book.house["aims"]),
        "tax_now": tax_now(book),
        "tax_later": policy["realise"] * tax_later(book),
        "drag": policy["horizon"] * drag(book),
        "fees": fees(book),
        "credit_missed": sum(missed(book, each) for each in book.house["members"]),
        "locked": math.fsum(
            book.paid[name] * policy["lock_price"] * min(each["lock_years"], LONGEST_LOCK)
            for name, each in book.account.items()
        ),
        "needs": policy["shortfall_price"] * lacking(book),
        "trades": policy["trade_price"] * orders(book),
    }


def orders(book: Ledger) -> int:
    return sum(1 for shares in book.trade.values() if shares)


def tracking(book: Ledger, aim: Json) -> float:
    """Return the price of drift and of the variance of what deviates, of one target."""
    money, policy, classes = book.money(aim), book.house["policy"], book.house["classes"]
    away = {name: -aim["weights"].get(name, 0.0) * money for name in (*classes, "CASH")}
    away["CASH"] += money
    for row, value in zip(book.rows, book.value, strict=True):
        if row["account"] in aim["accounts"]:
            for name, part in book.fund[row["fund"]]["exposure"].items():
                away[name] += part * value
                away["CASH"] -= part * value
    price = policy["drift_price"] * math.fsum(abs(each) for each in away.values())
    if money <= 0.0:
        return price
    for loading in aim["factors"]:
        moved = math.fsum(load * away[name] for load, name in zip(loading, classes, strict=True))
        price += policy["risk_aversion"] / 2.0 * money * chord(100.0 * moved / money) / 10_000.0
    return price


def chord(deviation: float) -> float:
    """Return the square by its chords: the highest of their lines, the last without an end."""
    size = abs(deviation)
    return max((low + high) * size - low * high for low, high in pairwise(CHORDS))


def tax_now(book: Ledger) -> float:
    total = sum(book.withheld(name) for name in book.account)
    for member in book.house["members"]:
        at_sale = sum(book.gain[name] for name in book.accounts_of(member["id"], "withheld"))
        by_year = sum(book.gain[name] for name in book.accounts_of(member["id"], "yearly"))
        for curve, start, more in (
            ("income_levy", "financial", at_sale),
            ("gains_levy", "realised", by_year),
        ):
            total += levy(member[curve], member[start] + more) - levy(member[curve], member[start])
    return total


def tax_later(book: Ledger) -> float:
    """Return the later tax of gains that stay; a loss that is sold no longer relieves one."""
    total = 0.0
    for row in book.rows:
        latent = sum(lot["shares"] * max(0.0, lot["gain"]) for lot in row["lots"])
        sold = gain_of(row["lots"], -book.count(row))
        total += book.account[row["account"]]["sale_rate"] * (latent - sold)
    return total


def drag(book: Ledger) -> float:
    total = book.sum_of("drag", book.account)
    for member in book.house["members"]:
        own, start = book.accounts_of(member["id"]), member["later_financial"]
        income = book.sum_of("income", own)
        total += levy(member["later_levy"], start + income) - levy(member["later_levy"], start)
        abroad = book.accounts_of(member["id"], "yearly")
        total += levy(member["gains_levy"], book.sum_of("growth", abroad))
    for name, account in book.account.items():
        if (end := account["settlement"]) is not None:
            gain = end["accrued"] + end["years"] * book.sum_of("growth", [name])
            total += levy(end["curve"], gain) / end["years"]
    return total


def fees(book: Ledger) -> float:
    total = 0.0
    for row in book.rows:
        count = book.count(row)
        if count:
            rate = row["buy_cost" if count > 0 else "sell_cost"]
            total += abs(count) * book.price[row["fund"]] * rate
            total += book.account[row["account"]]["order_fee"]
    for name, account in book.account.items():
        total += account["exchange"] * (book.paid[name] + book.taken[name])
    return total


def missed(book: Ledger, member: Json) -> float:
    """Return the pension credit that this year's payments leave unused."""
    credit = member["credit"]
    if credit is None:
        return 0.0
    own = [book.account[name] for name in book.accounts_of(member["id"])]
    savings = sum(book.paid[each["id"]] for each in own if each["kind"] == "pension_savings")
    others = sum(book.paid[each["id"]] for each in own if each["kind"] in ("irp", "dc"))
    credited = min(credit["together"], min(credit["savings"], savings) + others)
    return credit["rate"] * max(0.0, credit["reachable"] - credited)


def lacking(book: Ledger) -> float:
    """Return what needs lack when the money flows to them as well as it can: a maximum flow."""
    needs = book.house["needs"]
    supply = {
        ("account", name): book.before[name] + book.paid[name] - book.taken[name]
        for name in book.account
    }
    supply.update({("pool", each["id"]): book.at_bank(each) for each in book.house["pools"]})
    capacity: dict[Any, dict[Any, float]] = defaultdict(lambda: defaultdict(float))
    for source, amount in supply.items():
        capacity["source"][source] = max(0.0, amount)
    for need in needs:
        mine = ("need", need["id"])
        capacity[mine]["sink"] = need["amount"]
        for name in need["accounts"]:
            capacity["account", name][mine] = math.inf
        for name in need["pools"]:
            capacity["pool", name][mine] = math.inf
    return sum(need["amount"] for need in needs) - most_flow(capacity)


def most_flow(capacity: dict[Any, dict[Any, float]]) -> float:
    """Return the largest flow from source to sink, by shortest ways that still have room."""
    total = 0.0
    while True:
        came: dict[Any, Any] = {"source": None}
        waiting = deque(["source"])
        while waiting and "sink" not in came:
            here = waiting.popleft()
            for there, room in list(capacity[here].items()):
                if room > 1e-9 and there not in came:
                    came[there] = here
                    waiting.append(there)
        if "sink" not in came:
            return total
        way, there = [], "sink"
        while came[there] is not None:
            way.append((came[there], there))
            there = came[there]
        amount = min(capacity[one][two] for one, two in way)
        for one, two in way:
            capacity[one][two] -= amount
            capacity[two][one] += amount
        total += amount


# --- what it may not do -------------------------------------------------------------------------


def faults(book: Ledger) -> Iterator[Fault]:
    """Yield every rule that a plan breaks: its name, where, and by how much."""
    yield from order_faults(book)
    yield from payment_faults(book)
    for name in book.account:
        yield from cash_faults(book, name)
        yield from cap_faults(book, name)
    yield from aim_faults(book)


def order_faults(book: Ledger) -> Iterator[Fault]:
    listed = {(row["account"], row["fund"]): row for row in book.rows}
    least = book.house["policy"]["min_trade"]
    for (account, fund), count in book.trade.items():
        where = f"{account} {fund}"
        if count and (account, fund) not in listed:
            yield "not_allowed", where, abs(count)
        elif count:
            short = least - abs(count) * book.price[fund]
            for rule, by in order_rules(listed[account, fund], count, short):
                yield rule, where, by
    most = book.house["policy"]["max_trades"]
    if most is not None and orders(book) > most:
        yield "max_trades", "", orders(book) - most


def order_rules(row: Json, count: float, short: float) -> Iterator[tuple[str, float]]:
    """Yield what is wrong with one order; ``short`` is what it lacks of the smallest one."""
    if count % 1:
        yield "whole_shares", count % 1
    if count > 0 and not row["buyable"]:
        yield "not_buyable", count
    if count < 0 and not row["sellable"]:
        yield "not_sellable", -count
    if count < -row["shares"]:
        yield "not_held", -count - row["shares"]
    if short > SLACK and count != -row["shares"]:  # selling out may be smaller
        yield "min_trade", short


def payment_faults(book: Ledger) -> Iterator[Fault]:
    fed = {name for pool in book.house["pools"] for name in pool["accounts"]}
    for side in (book.moves["deposits"], book.moves["withdrawals"]):
        for name, amount in side.items():
            if amount and name not in book.account:
                yield "not_an_account", name, amount
            if amount < -SLACK:
                yield "below_zero", name, -amount
    for name, account in book.account.items():
        room = account["room"] if name in fed else 0.0
        yield from above("room", name, book.paid[name], room)
        yield from above("withdrawable", name, book.taken[name], account["withdrawable"])
    for pool in book.house["pools"]:
        yield from above("pool", pool["id"], -book.at_bank(pool), 0.0)
    for member in book.house["members"]:
        own = (book.account[name] for name in book.accounts_of(member["id"]))
        paid = sum(book.paid[each["id"]] for each in own if each["kind"] in PENSIONS)
        yield from above("pension_room", member["id"], paid, member["pension_room"])
    locked = sum(book.paid[name] for name, each in book.account.items() if each["lock_years"] > 0)
    yield from above("lock", "", locked, book.house["policy"]["lock_most"])


def above(rule: str, where: str, amount: float, most: float | None) -> Iterator[Fault]:
    """Yield a rule whose amount is above its most by more than the slack."""
    if most is not None and amount - most > SLACK:
        yield rule, where, amount - most


def cash_faults(book: Ledger, name: str) -> Iterator[Fault]:
    """Yield buys that settled cash cannot pay at their limit, and cash that is short in the end."""
    account = book.account[name]
    came_in = book.paid[name] * (1.0 - account["exchange"])
    at_limit = spent = proceeds = 0.0
    for row in book.rows:
        count = book.count(row)
        if row["account"] != name or not count:
            continue
        value = abs(count) * book.price[row["fund"]]
        if count > 0:
            spent += value * (1.0 + row["buy_cost"]) + account["order_fee"]
            limit = value * (1.0 + account["collar"])
            at_limit += limit * (1.0 + row["buy_cost"]) + account["order_fee"]
        else:
            proceeds += value * (1.0 - row["sell_cost"]) - account["order_fee"]
    proceeds -= book.withheld(name)
    settled = account["cash"] + came_in + (proceeds if account["reuse"] else 0.0)
    if at_limit > 0.0 and at_limit - settled > SLACK:
        yield "settled_cash", name, at_limit - settled
    gone = book.taken[name] * (1.0 + account["exchange"])
    left = account["cash"] + account["due"] + came_in + proceeds - spent - gone
    if (spent > 0.0 or gone) and account["buffer"] - left > SLACK:
        yield "cash", name, account["buffer"] - left


def cap_faults(book: Ledger, name: str) -> Iterator[Fault]:
    """Yield capped funds above their share of an account, if any of them was bought."""
    cap = book.account[name]["risk_cap"]
    if cap is None:
        return
    capped, bought = 0.0, False
    for row, value in zip(book.rows, book.value, strict=True):
        if row["account"] == name and book.fund[row["fund"]]["capped"]:
            capped += value
            bought = bought or book.count(row) > 0
    worth = book.before[name] + book.paid[name] - book.taken[name]
    if bought and capped - cap * worth > SLACK:
        yield "risk_cap", name, capped - cap * worth


def aim_faults(book: Ledger) -> Iterator[Fault]:
    for aim in book.house["aims"]:
        taken = sum(book.taken[name] for name in aim["accounts"])
        if abs(taken - aim["withdrawal"]) > SLACK:
            yield "withdrawal", aim["id"], aim["withdrawal"] - taken
        if aim["risk_most"] is None:
            continue
        risk = math.fsum(
            value * book.fund[row["fund"]]["risk"]
            for row, value in zip(book.rows, book.value, strict=True)
            if row["account"] in aim["accounts"]
        )
        over = risk - aim["risk_most"] * book.money(aim)
        if over > SLACK:
            yield "risk", aim["id"], over


# --- files --------------------------------------------------------------------------------------


def judge(house: Json, plan: Json) -> tuple[dict[str, float], list[Fault]]:
    """Return the cost by component, with its total, and the rules that a plan breaks."""
    book = Ledger(house, plan.get("moves", plan))
    found = costs(book)
    return {**found, "total": math.fsum(found.values())}, list(faults(book))


def lines_of(path: Path) -> Iterator[Json]:
    packed = path.suffix == ".gz"
    with gzip.open(path, "rb") if packed else path.open("rb") as file:
        yield from (json.loads(line) for line in file if line.strip())


def show(name: str, house: Json, plan: Json) -> int:
    cost, broken = judge(house, plan)
    print(name, f"total {cost['total']:,.2f} won;", f"{len(broken)} rules broken")
    for key, amount in cost.items():
        if amount and key != "total":
            print(f"  {key:<14}{amount:>18,.2f}")
    for rule, where, by in broken:
        print(f"  breaks {rule} {where} by {by:,.2f}")
    return len(broken)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("households", type=Path)
    parser.add_argument("plans", type=Path)
    parser.add_argument("--set", action="store_true", help="both files have one object a line")
    given = parser.parse_args()
    if not given.set:
        house, plan = (
            json.loads(each.read_text("utf-8")) for each in (given.households, given.plans)
        )
        return 1 if show(given.plans.name, house, plan) else 0
    plans = {line["id"]: line["plan"] for line in lines_of(given.plans)}
    known = ((each["id"], each["household"]) for each in lines_of(given.households))
    broken = [show(name, house, plans.pop(name)) for name, house in known if name in plans]
    if plans:
        print(f"unknown households: {', '.join(sorted(plans))}")
    return 1 if any(broken) or plans else 0


if __name__ == "__main__":
    sys.exit(main())
