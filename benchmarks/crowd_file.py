"""A file of accounts that all differ: 15 funds and cash each, some with money in or out."""

from pathlib import Path

import numpy as np

import jeoul

FUNDS = 15
KINDS = np.array(["general", "isa", "irp", "pension_savings"])
PROFILES = np.array(["conservative", "balanced", "growth"])
BLOCK = 10_000


def priced(folder):
    """Return the tickers, prices and weights that accounts are made around."""
    market = jeoul.open_market(folder)
    snapshot = market.as_of(market.last_session())
    proposal = jeoul.propose(jeoul.load_strategy("managed"), "growth", "general", snapshot)
    codes = [code for code in sorted(proposal.classes) if code in proposal.quotes][:FUNDS]
    price = np.array([proposal.quotes[code].price for code in codes])
    weights = np.array([proposal.weights.get(code, 0.0) + 0.02 for code in codes])
    return codes, price, weights / weights.sum()


def write(path: Path, count, folder, seed=7):
    """Write so many accounts as CSV."""
    codes, price, weights = priced(folder)
    rng = np.random.default_rng(seed)
    with path.open("w", encoding="utf-8") as file:
        file.write("account,kind,profile,ticker,shares,deposit,withdrawal\n")
        for first in range(0, count, BLOCK):
            n = min(BLOCK, count - first)
            value = np.exp(rng.normal(np.log(3e7), 1.0, n))
            own = weights * np.exp(rng.normal(0.0, 0.3, (n, len(codes))))
            own /= own.sum(axis=1, keepdims=True)
            shares = (own * value[:, None] * 0.95 / price).astype(int) + 1
            cash = (value * 0.05).astype(int)
            kinds, profiles = rng.choice(KINDS, n), rng.choice(PROFILES, n)
            for i in range(n):
                front = f"A{first + i:08d},{kinds[i]},{profiles[i]},"
                file.writelines(
                    f"{front}{code},{held},,\n"
                    for code, held in zip(codes, shares[i].tolist(), strict=True)
                )
                paid_in = int(cash[i]) * 3 if i % 10 == 1 else ""
                paid_out = int(cash[i]) * 2 if i % 10 == 2 else ""
                file.write(f"{front}CASH,{cash[i]},{paid_in},{paid_out}\n")
