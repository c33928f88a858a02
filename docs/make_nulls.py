"""Measure how often each test rejects and each interval covers where nothing is to be found.

    python docs/make_nulls.py                  # go on where it stopped; then write docs/luck.md
    python docs/make_nulls.py --only months    # one setting, printed; others may run beside it
    python docs/make_nulls.py --simulations 40 --only months

Every simulation has its own seed, so that the order and the number of runs change nothing. What is
done of each setting lies in the folder for temporary files, where a later run goes on; `nulls.json`
has the last result with the digest of the sources that it covers.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from jeoul.model.calendar import Reals
from jeoul.research.bootstrap import interval
from jeoul.research.cpcv import cross_validated
from jeoul.research.cscv import overfitting
from jeoul.research.falls import saved_intervals
from jeoul.research.monthly_gap import monthly_gap
from jeoul.research.statistics import deflated_sharpe, moments, probabilistic_sharpe
from jeoul.research.superior import superior

HERE = Path(__file__).parent
ENGINE = HERE.parent / "engine" / "jeoul"
RESULT, PAGE = HERE / "nulls.json", HERE / "luck.md"
PARTIAL = Path(tempfile.gettempdir()) / "jeoul-nulls"
SIMULATIONS = 2000
STEP = 50  # simulations between two writes
SEED = 20240628
RULES = 10
AUTOCORRELATION, FREEDOM, SHARED = 0.2, 5.0, 0.6
SOURCES = (
    "estimate/resampling.py", "research/blocks.py", "research/bootstrap.py", "research/cpcv.py",
    "research/cscv.py", "research/falls.py", "research/monthly_gap.py", "research/statistics.py",
    "research/superior.py",
)  # fmt: skip
BAND = {"test": (0.035, 0.065), "interval": (0.85, 0.92)}

Seen = dict[str, float]


class Setting(NamedTuple):
    """One kind of null history: ``measure`` says of one whether each test rejects, and so on."""

    length: str
    measure: Callable[[int], Seen]


class Row(NamedTuple):
    """One line of the page."""

    setting: str
    key: str
    kind: str
    title: str


def null(rows: int, columns: int, seed: tuple[int, ...], persistence: float) -> Reals:
    """Return series without a mean that share a part, by Student's t with autocorrelation."""
    burn = 50
    rng = np.random.default_rng([SEED, *seed])
    news = rng.standard_t(FREEDOM, (burn + rows, columns + 1))
    own = SHARED * news[:, :1] + np.sqrt(1.0 - SHARED**2) * news[:, 1:]
    for row in range(1, len(own)):
        own[row] += persistence * own[row - 1]
    found: Reals = own[burn:]
    return found


def many(rows: int, place: int, persistence: float = AUTOCORRELATION) -> Callable[[int], Seen]:
    """Return the measure of the tests of ten rules that equal their benchmark."""

    def measure(number: int) -> Seen:
        found = superior(null(rows, RULES, (place, number), persistence), seed=number, draws=500)
        return {
            "reality": found.reality <= 0.05,
            "spa": found.spa <= 0.05,
            "step_down": min(found.adjusted) <= 0.05,
        }

    return measure


def months(number: int) -> Seen:
    """Return what `jeoul evidence` says of two ways that are alike, over 250 months."""
    mine, theirs = (null(250, 2, (2, number), AUTOCORRELATION) * 0.015 + 0.005).T
    found = monthly_gap(mine, theirs, np.full(250, 0.002), seed=number, draws=500)
    return {
        "verdict": abs(found.t) > 2.0,
        "cagr": found.cagr_interval.low <= 0.0 <= found.cagr_interval.high,
        "sharpe": found.sharpe_interval.low <= 0.0 <= found.sharpe_interval.high,
    }


def sessions(number: int) -> Seen:
    """Return what `jeoul compare` says of two strategies that are alike, over 1,250 sessions."""
    pair = null(1250, 2, (3, number), AUTOCORRELATION) * 0.005 + 0.0003
    found = {
        "sharpe": interval(pair, _sharpe_gap, seed=number, draws=200),
        "cagr": interval(pair, _growth_gap, seed=number, draws=200),
    }
    return {name: each.low <= 0.0 <= each.high for name, each in found.items()}


def falls(number: int) -> Seen:
    """Return whether the interval of the fall saved covers the truth, over 2,500 sessions."""
    pair = null(2500, 2, (4, number), AUTOCORRELATION) * 0.005 + 0.0003
    levels: Reals = np.cumprod(1.0 + np.vstack([np.zeros(2), pair]), axis=0, dtype=np.float64)
    found = saved_intervals(
        {"one": levels[:, 0], "static": levels[:, 1]}, "static", seed=number, draws=150
    )["one"]
    return {"fall": found.low <= 0.0 <= found.high}


def ratios(persistence: float, place: int) -> Callable[[int], Seen]:
    """Return the measure of what judges a single Sharpe ratio and the choice of the best."""

    def measure(number: int) -> Seen:
        every = null(1250, RULES, (place, number), persistence)
        each = [moments(column) for column in every.T]
        spread = float(np.var([one.sharpe for one in each], ddof=1))
        best = max(each, key=lambda one: one.sharpe)
        return {
            "probabilistic": float(np.mean([probabilistic_sharpe(one) >= 0.95 for one in each])),
            "deflated": deflated_sharpe(best, RULES, spread) >= 0.95,
        }

    return measure


def choice(number: int) -> Seen:
    """Return what the cross-validations say of choosing among ten rules without a mean."""
    every = null(1250, RULES, (8, number), AUTOCORRELATION)
    return {
        "overfitting": overfitting(every, blocks=8).probability,
        "path": float(np.median(cross_validated(every).sharpes)) * np.sqrt(250.0),
    }


def _sharpe_gap(pair: Reals) -> float:
    found = pair.mean(axis=0) / pair.std(axis=0, ddof=1)
    return float(found[1] - found[0])


def _growth_gap(pair: Reals) -> float:
    found = np.exp(pair.mean(axis=0) * 250.0)
    return float(found[1] - found[0])


SETTINGS: Mapping[str, Setting] = {
    "rules-250": Setting("250 months", many(250, 0)),
    "rules-1250": Setting("1,250 sessions", many(1250, 1)),
    "rules-white": Setting("250 months, no autocorrelation", many(250, 7, 0.0)),
    "months": Setting("250 months", months),
    "sessions": Setting("1,250 sessions", sessions),
    "falls": Setting("2,500 sessions", falls),
    "choice": Setting("1,250 sessions", choice),
    "ratios": Setting("1,250 sessions", ratios(AUTOCORRELATION, 5)),
    "ratios-white": Setting("1,250 sessions, no autocorrelation", ratios(0.0, 6)),
}
ROWS = (
    *(
        Row(setting, key, "test", title)
        for setting in ("rules-250", "rules-1250", "rules-white")
        for key, title in (
            ("reality", "reality check, ten rules equal to the benchmark"),
            ("spa", "SPA, the same"),
            ("step_down", "Romano-Wolf, the same: any rule rejected"),
        )
    ),
    Row("months", "verdict", "test", "verdict of `jeoul evidence`: t beyond 2, either side"),
    Row(
        "ratios",
        "probabilistic",
        "test",
        "probabilistic Sharpe ratio of 95 % or more, each of ten rules",
    ),
    Row("ratios-white", "probabilistic", "test", "the same"),
    Row("ratios", "deflated", "test", "deflated Sharpe ratio of 95 % or more, the best of ten"),
    Row("ratios-white", "deflated", "test", "the same"),
    Row("months", "cagr", "interval", "return a year, `jeoul evidence`"),
    Row("months", "sharpe", "interval", "Sharpe ratio, `jeoul evidence`"),
    Row("sessions", "cagr", "interval", "return a year, `jeoul compare`"),
    Row("sessions", "sharpe", "interval", "Sharpe ratio, `jeoul compare`"),
    Row("falls", "fall", "interval", "drawdown saved, `jeoul evidence`"),
)


def sources() -> str:
    """Return the digest of the sources whose behaviour is measured, and of this script."""
    found = hashlib.sha256()
    for path in (*(ENGINE / name for name in SOURCES), Path(__file__)):
        found.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return found.hexdigest()[:16]


def simulate(setting: str, first: int, after: int) -> dict[str, float]:
    """Return the sums of what a setting's simulations said, from ``first`` up to ``after``."""
    total: dict[str, float] = {}
    for number in range(first, after):
        for key, value in SETTINGS[setting].measure(number).items():
            total[key] = total.get(key, 0.0) + float(value)
    return total


def measured(simulations: int, setting: str) -> dict[str, float]:
    """Return the mean of every measure of a setting, going on where an earlier run stopped."""
    done: dict[str, Any] = {"simulations": 0, "sums": {}}
    partial = PARTIAL / f"{sources()}-{setting}-{simulations}.json"
    if partial.is_file():
        done = json.loads(partial.read_text("utf-8"))
    PARTIAL.mkdir(exist_ok=True)
    while done["simulations"] < simulations:
        first = done["simulations"]
        after = min(first + STEP, simulations)
        for key, value in simulate(setting, first, after).items():
            done["sums"][key] = done["sums"].get(key, 0.0) + value
        done["simulations"] = after
        partial.write_text(json.dumps(done), "utf-8")
    return {key: value / simulations for key, value in done["sums"].items()}


def table(found: Mapping[str, Mapping[str, float]], kind: str) -> str:
    """Return the rows of one kind as Markdown."""
    low, high = BAND[kind]
    head = "rejects" if kind == "test" else "covers"
    lines = [f"| {kind} | history | {head} | |", "| --- | --- | ---: | --- |"]
    for row in ROWS:
        if row.kind != kind:
            continue
        value = found[row.setting][row.key]
        met = "" if low <= value <= high else "missed"
        lines.append(
            f"| {row.title} | {SETTINGS[row.setting].length} | {value:.1%} | {met} |".replace(
                "%", " %"
            ).replace("  %", " %")
        )
    return "\n".join(lines)


def write() -> None:
    """Fill the page's blocks from the last result and accept them."""
    from figures import keep

    result = json.loads(RESULT.read_text("utf-8"))
    found = result["settings"]
    own = found["choice"]
    chosen = (
        "Among ten useless rules the probability of overfitting is "
        f"{own['overfitting']:.2f} on average,\nand the median path of the cross-validation has a "
        f"Sharpe ratio of {own['path']:+.2f} a year.".replace("-", "\u2212")
    )
    blocks = {
        "tests": table(found, "test"),
        "intervals": table(found, "interval"),
        "choice": chosen,
        "sources": f"{result['simulations']:,} simulations of each history; sources "
        f"`{result['sources']}`.",
    }
    text = PAGE.read_text("utf-8")
    for name, block in blocks.items():
        before, mark, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        if not end:
            sys.exit(f"{PAGE.name} has no place for {name}")
        text = f"{before}{mark}\n{block}\n\n{end}{after}"
    PAGE.write_text(text, "utf-8", newline="\n")
    keep()


def main() -> None:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=SIMULATIONS)
    parser.add_argument("--only", choices=tuple(SETTINGS))
    asked = parser.parse_args()
    names = (asked.only,) if asked.only else tuple(SETTINGS)
    found = {name: measured(asked.simulations, name) for name in names}
    if asked.only or asked.simulations != SIMULATIONS:
        sys.stdout.write(json.dumps(found, indent=1) + "\n")
        return
    result = {"sources": sources(), "simulations": SIMULATIONS, "settings": found}
    RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf-8", newline="\n")
    write()


if __name__ == "__main__":
    main()
