"""Random accounts as records and as a file; every rule is in play somewhere."""

from __future__ import annotations

import csv
import io
import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from jeoul.batch import BatchAccount, BatchTerms
from jeoul.model.decision import Proposal
from jeoul.model.portfolio import Portfolio
from jeoul.rebalance import Tariff

KINDS = ("general", "isa", "irp", "pension_savings")
PROFILES = ("conservative", "balanced", "growth")


def crowd(proposals: dict[tuple[str, str], Proposal], seed: int, count: int) -> list[BatchAccount]:
    """Return so many random accounts of a seed."""
    rng = np.random.default_rng(seed)
    return [_account(rng, proposals, number) for number in range(count)]


def _account(rng: Any, proposals: dict[tuple[str, str], Proposal], number: int) -> BatchAccount:
    pairs = sorted(proposals)
    kind, profile = pairs[rng.integers(len(pairs))]
    proposal = proposals[kind, profile]
    codes = sorted(proposal.classes)
    scale = 10.0 ** rng.uniform(5.0, 9.0)
    shares, cash = _holdings(rng, proposal, codes, scale)
    deposit = withdrawal = 0
    flow = rng.random()
    if flow < 0.25:
        deposit = int(scale * 10.0 ** rng.uniform(-4.0, 0.0))
    elif flow < 0.5:
        withdrawal = int(scale * 10.0 ** rng.uniform(-4.0, 0.05))
    return BatchAccount(
        account=f"A{number:07}",
        kind=kind,
        profile=profile,
        portfolio=Portfolio(shares, cash, proposal.currency, _coming(rng, scale)),
        deposit=deposit,
        withdrawal=withdrawal,
        terms=_terms(rng, codes),
    )


def _holdings(
    rng: Any, proposal: Proposal, codes: Sequence[str], scale: float
) -> tuple[dict[str, int], int]:
    weights = np.array([proposal.weights.get(code, 0.0) for code in codes])
    style = rng.integers(5)
    if style == 0:
        weights = weights * 0.0
    elif style < 3:
        weights = weights * np.exp(rng.normal(0.0, (0.02, 0.6)[style - 1], len(codes)))
    else:
        weights = weights + rng.dirichlet(np.ones(len(codes))) * rng.random()
    held = {
        code: count
        for code, weight in zip(codes, weights, strict=True)
        if code in proposal.quotes
        and (count := int(scale * weight / proposal.quotes[code].price)) > 0
    }
    cash = int(scale) if style == 0 else int(scale * rng.choice([0.0, 0.001, 0.05, 1.0]))
    return held, -int(scale * 0.01) if rng.random() < 0.05 else cash


def _coming(rng: Any, scale: float) -> dict[date, int]:
    if rng.random() > 0.3:
        return {}
    days = rng.choice(20, int(rng.integers(1, 4)), replace=False)
    return {date(2024, 7, 1 + int(day)): int(scale * rng.normal(0.02, 0.03)) for day in days}


def _terms(rng: Any, codes: Sequence[str]) -> BatchTerms:
    if rng.random() < 0.5:
        return BatchTerms()
    tariff = Tariff(
        Decimal(str(round(rng.random() * 0.003, int(rng.integers(3, 10))))),
        int(rng.choice([0, 500, 3_000])),
        int(rng.choice([0, 100])),
        Decimal(str(rng.choice(["0", "0.001", "0.00125"]))),
    )
    cap = float(rng.choice([0.1, 0.3, 0.5, 0.7, 1.0])) if rng.random() < 0.5 else None
    barred = rng.choice(codes, int(rng.integers(0, 4)), replace=False)
    return BatchTerms(tariff, cap, frozenset(map(str, barred)))


def rows(accounts: Iterable[BatchAccount]) -> Iterator[tuple[str, ...]]:
    """Yield the rows of accounts, without a header; the cash comes anywhere among the holdings."""
    for number, each in enumerate(accounts):
        front = (each.account, each.kind, each.profile)
        found = [(*front, code, str(n), "", "") for code, n in each.portfolio.shares.items()]
        found += [
            (*front, f"CASH@{day}", str(money), "", "")
            for day, money in each.portfolio.unsettled.items()
        ]
        flows = (str(each.deposit or ""), str(each.withdrawal or ""))
        found.insert(number % (len(found) + 1), (*front, "CASH", str(each.portfolio.cash), *flows))
        yield from found


HEAD = ("account", "kind", "profile", "ticker", "shares", "deposit", "withdrawal")


def write_accounts(path: Path, lines: Iterable[Sequence[str]]) -> None:
    """Write rows as CSV."""
    text = "".join(f"{','.join(line)}\n" for line in (HEAD, *lines))
    path.write_text(text, "utf-8")


def write_terms(path: Path, accounts: Iterable[BatchAccount]) -> None:
    """Write the terms of accounts that have any."""
    lines = ["account,fee,min_fee,fixed_fee,spread,risk_cap,excluded"]
    for each in accounts:
        terms, tariff = each.terms, each.terms.tariff
        if terms != BatchTerms():
            cap = "" if terms.risk_cap is None else str(terms.risk_cap)
            excluded = " ".join(sorted(terms.excluded))
            costs = f"{tariff.rate:f},{tariff.min_fee},{tariff.fixed_fee},{tariff.spread:f}"
            lines.append(f"{each.account},{costs},{cap},{excluded}")
    path.write_text("\n".join(lines) + "\n", "utf-8")


def orders_in(content: bytes) -> dict[str, list[tuple[str, ...]]]:
    """Return the orders in a file of them, by account."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for account, *order in list(csv.reader(io.StringIO(content.decode(), newline="")))[1:]:
        found.setdefault(account, []).append(tuple(order))
    return found


def dies_once(mark: str, fn: Any, *args: Any) -> Any:
    """Do the work in a worker, unless none has died yet: then this one does."""
    if not os.path.exists(mark):
        Path(mark).write_text("dead", "utf-8")
        os.kill(os.getpid(), signal.SIGKILL)
    return fn(*args)
