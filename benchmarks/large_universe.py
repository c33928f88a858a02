"""A simulated universe of many funds: a universe file, a strategy and a market folder.

    python benchmarks/large_universe.py FOLDER [--funds 500] [--years 15] [--seed 1]

Everything is made up by a random generator with a fixed seed: funds of eight classes that share
twelve factors, some of them younger than the data. With it, the way of a user:

    jeoul check FOLDER/many.toml --data FOLDER/market
    jeoul decide FOLDER/many.toml balanced --data FOLDER/market --cash 50000000
    jeoul backtest FOLDER/many.toml balanced --data FOLDER/market
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from jeoul.market.calendars import load_calendar

LAST = "2026-06-30"
FACTORS = 12
PER_FILE = 1000  # funds in one price file, which stays below 64 MB
YOUNG = 0.15  # of the funds begin within the years of the data

# Strategic weights of conservative, balanced and growth; volatility a year; mean return a year.
CLASSES = {
    "equity_kr": ((0.05, 0.13, 0.20), 0.19, 0.06),
    "equity_us": ((0.09, 0.22, 0.34), 0.17, 0.08),
    "equity_world": ((0.04, 0.10, 0.16), 0.16, 0.07),
    "krw_bond": ((0.45, 0.27, 0.08), 0.03, 0.03),
    "us_bond": ((0.10, 0.06, 0.03), 0.09, 0.03),
    "usd_short": ((0.12, 0.15, 0.12), 0.08, 0.02),
    "gold": ((0.05, 0.05, 0.05), 0.15, 0.05),
    "cash_like": ((0.10, 0.02, 0.02), 0.001, 0.025),
}
SHARE = (0.24, 0.22, 0.16, 0.16, 0.08, 0.05, 0.04, 0.05)  # of the funds, in the order of CLASSES
PROFILES = (("conservative", 7.0, 0.06), ("balanced", 3.0, 0.10), ("growth", 2.0, 0.15))


def codes_of(funds: int) -> list[str]:
    return [f"9{number:05d}" for number in range(funds)]


def kinds_of(funds: int) -> list[str]:
    """Return the class of each fund; every class has one."""
    ends = np.round(np.cumsum(SHARE) / sum(SHARE) * funds)
    return [
        list(CLASSES)[int(np.searchsorted(ends, place, side="right"))] for place in range(funds)
    ]


def closes_of(kinds: list[str], sessions: int, rng: np.random.Generator) -> np.ndarray:
    """Return closes in whole won, NaN before a fund begins."""
    funds, names = len(kinds), list(CLASSES)
    own = np.array([names.index(kind) for kind in kinds])
    daily = np.array([CLASSES[kind][1] for kind in kinds]) / np.sqrt(247)
    loadings = 0.35 * rng.normal(size=(FACTORS, len(names)))[:, own]
    loadings += 0.2 * rng.normal(size=(FACTORS, funds))
    loadings[0] += 0.6
    common = rng.standard_t(5, size=(sessions, FACTORS)) / np.sqrt(5 / 3)
    moves = common @ loadings + 0.5 * rng.standard_normal((sessions, funds))
    moves /= np.sqrt((loadings**2).sum(axis=0) + 0.25)
    means = np.array([CLASSES[kind][2] for kind in kinds]) / 247
    growth = np.clip(moves * daily + means - daily**2 / 2, -0.13, 0.13)
    level = np.exp(np.cumsum(growth, axis=0))
    closes = np.maximum(
        5.0, np.round(level * rng.choice([9_000, 12_000, 25_000, 60_000], funds) / 5) * 5
    )
    young = np.flatnonzero(rng.random(funds) < YOUNG)
    for fund in young:
        closes[: rng.integers(sessions // 10, sessions - 300), fund] = np.nan
    return closes


def write_market(folder: Path, closes: np.ndarray, days: np.ndarray, codes: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    parts = ["# SIMULATED: made up by benchmarks/large_universe.py\nsimulated = true\nschema = 1\n"]
    for number, start in enumerate(range(0, len(codes), PER_FILE), 1):
        name, columns = f"prices-{number}.csv", slice(start, start + PER_FILE)
        lines = [",".join(["date", *codes[columns]])]
        for day, row in zip(days, closes[:, columns], strict=True):
            cells = ["" if np.isnan(close) else f"{close:.0f}" for close in row]
            lines.append(",".join([str(day), *cells]))
        (folder / name).write_text("\n".join(lines) + "\n")
        parts.append(
            f'[[file]]\npath = "{name}"\nwhat = "simulated closes"\nindex = "date"\n'
            'currency = "KRW"\nexchange = "XKRX"\nadjusted = "raw"\n'
            'known = { at = "XKRX close", lag = 0 }\n'
        )
    (folder / "manifest.toml").write_text("\n".join(parts))


def universe_text(codes: list[str], kinds: list[str]) -> str:
    names = ", ".join(f'"{name}"' for name in CLASSES)
    lines = [
        "# SIMULATED: made up by benchmarks/large_universe.py",
        'schema   = 1\nname     = "many-funds"\ncalendar = "XKRX"\ncurrency = "KRW"',
        f"classes  = [{names}]\n",
    ]
    for code, kind in zip(codes, kinds, strict=True):
        lines += [f"[members.f{code}]", f'class = "{kind}"', f'codes = ["{code}"]', ""]
    for code, kind in zip(codes, kinds, strict=True):
        irp = "safe" if kind in ("krw_bond", "cash_like") else "risk"
        grade = 5 if irp == "safe" else 2
        lines += [
            f'[instruments."{code}"]',
            f'name = "Simulated {code}"\nclass = "{kind}"\nrisk_grade = {grade}',
            f'tax = "krx_other_etf"\nirp = "{irp}"',
            'accounts = ["general", "isa", "pension_savings", "irp"]\n',
        ]
    return "\n".join(lines)


def strategy_text() -> str:
    profiles = []
    for place, (name, aversion, ceiling) in enumerate(PROFILES):
        shares = ", ".join(f"{kind} = {CLASSES[kind][0][place]}" for kind in CLASSES)
        profiles.append(
            f"[profiles.{name}]\nclasses = {{ {shares} }}\nrisk_aversion = {aversion}\n"
            f"volatility = {{ min = 0.0, max = {ceiling} }}\n"
        )
    return """# SIMULATED: made up by benchmarks/large_universe.py
schema   = 1
name     = "many"
title    = { ko = "펀드가 많은 모의 유니버스", en = "A simulated universe of many funds" }
universe = "universe.toml"
calendar = "XKRX"

[estimate]
lookback    = 756
min_history = 252
mean        = { kind = "implied", share = 0.9 }
covariance  = { kind = "ledoit-wolf" }

[allocate]
kind       = "mean-variance"
max_weight = 0.05
class_band = 0.05
pull       = 0.05

{profiles}
[overlay]
risk_classes = ["equity_kr", "equity_us", "equity_world"]
refuge       = { cash_like = 1.0 }

[rebalance]
calendar  = "monthly"
band      = 0.05
cash      = 0.02
min_trade = 10_000
cost      = 0.001
""".replace("{profiles}", "\n".join(profiles))


def make(folder: Path, *, funds: int, years: int, seed: int) -> None:
    """Write the folder; the same arguments write the same bytes."""
    days = load_calendar("XKRX").sessions
    last = np.datetime64(LAST)
    days = days[(days > last - np.timedelta64(round(365.25 * years), "D")) & (days <= last)]
    codes, kinds = codes_of(funds), kinds_of(funds)
    rng = np.random.default_rng(seed)
    write_market(folder / "market", closes_of(kinds, len(days), rng), days, codes)
    (folder / "universe.toml").write_text(universe_text(codes, kinds))
    (folder / "many.toml").write_text(strategy_text())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--funds", type=int, default=500)
    parser.add_argument("--years", type=int, default=15)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    make(asked.folder, funds=asked.funds, years=asked.years, seed=asked.seed)
    print(f"{asked.folder}: {asked.funds} simulated funds over {asked.years} years")


if __name__ == "__main__":
    main()
