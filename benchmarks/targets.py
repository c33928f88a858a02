"""Does a target depend on where the data begin, and does it answer to risk?

    python benchmarks/targets.py [--json]

For each way of choosing weights, over three profiles in both markets (the real data that
JEOUL_MARKET names, cut to begin in 2003, 2007, 2012 and 2014): the largest share of the money by
which allocations of one date differ, once every member has a full lookback; their difference on the
newest date; the turnover a year and the Sharpe ratio of the allocation simply held, from 2003; and
how many funds lose, keep or gain weight within their class if the volatility of their returns in
the lookback rises by half (the 150th, 100th and 50th allocation from the end, every fund of a class
of two or more).
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from jeoul import api
from jeoul.backtesting import of_model, summarise
from jeoul.pipeline import run_model
from jeoul.pipeline.allocation import allocate, holdable
from jeoul.pipeline.former import former

YEARS = (2003, 2007, 2012, 2014)
STRATEGIES = ("managed", "managed-us")
PROFILES = ("conservative", "balanced", "growth")
EQUILIBRIUM = {"kind": "equilibrium", "risk_aversion": 2.5}
STILL = 1e-4


def ways(strategy):
    """Return the ways of choosing weights, by name."""
    plain = strategy.without_overlay()
    free = plain.replace("allocate.pull", 0.0).replace("estimate.mean", EQUILIBRIUM)
    return {
        "cost of 0.2 % against the allocation before (0.1.0)": former(plain),
        "no cost, equilibrium means": free,
        "pull 0.05, equilibrium means": plain.replace("estimate.mean", EQUILIBRIUM),
        "pull 0.05, implied means at 0.9 (0.2.0)": plain,
        "strategic weights as they are": plain.model_copy(
            update={"allocate": api.load_strategy("sixty-forty").allocate}
        ),
    }


def histories(source):
    """Return the panel of each strategy's universe, by the year in which the data begin."""
    found = {}
    with tempfile.TemporaryDirectory() as base:
        for year in YEARS:
            folder = Path(base) / str(year)
            folder.mkdir()
            for file in source.iterdir():
                if file.suffix == ".csv":
                    head, *rows = file.read_text("utf-8").splitlines()
                    rows = [row for row in rows if row[:4] >= str(year)]
                    (folder / file.name).write_text("\n".join([head, *rows]) + "\n", "utf-8")
                elif file.suffix == ".toml":
                    shutil.copyfile(file, folder / file.name)
            market = api.open_market(folder)
            for name in STRATEGIES:
                strategy = api.load_strategy(name)
                day = market.last_session(strategy.calendar)
                snapshot = market.as_of(day, strategy.calendar)
                found[year, name] = api.history(strategy, snapshot)
    return found


def apart(models):
    """Return the largest and the newest difference between allocations of one date."""
    longest, largest, newest = models[YEARS[0]], 0.0, 0.0
    for year in YEARS[1:]:
        model = models[year]
        lookback = model.mandate.strategy.estimate.lookback
        for row, made in model.allocations.items():
            members = holdable(model.mandate, model.history, row, proxies=True)
            first = np.isfinite(model.history.returns[:, members]).argmax(axis=0)
            if (first <= row - lookback).all():
                day = model.history.sessions[row]
                other = longest.allocations[int(np.searchsorted(longest.history.sessions, day))]
                newest = 0.5 * float(np.abs(made.weights - other.weights).sum())
                largest = max(largest, newest)
    return largest, newest


def answers(model):
    """Return how many funds lose, keep and gain weight within their class."""
    mandate, history, found = model.mandate, model.history, [0, 0, 0]
    lookback = mandate.strategy.estimate.lookback
    for row in sorted(model.allocations)[-150::50]:
        members = holdable(mandate, history, row, proxies=True)
        before = allocate(mandate, history, row, members)
        for place in before.members:
            alike = [at for at in before.members if mandate.classes[at] == mandate.classes[place]]
            if len(alike) < 2 or before.weights[alike].sum() < 1e-6:
                continue
            returns = history.returns.copy()
            window = slice(row - lookback + 1, row + 1)
            own = returns[window, place]
            returns[window, place] = np.nanmean(own) + 1.5 * (own - np.nanmean(own))
            after = allocate(mandate, replace(history, returns=returns), row, members)
            if after.weights[alike].sum() < 1e-6:
                continue
            then, now = (
                made.weights[place] / made.weights[alike].sum() for made in (before, after)
            )
            found[0 if now < then - STILL else 2 if now > then + STILL else 1] += 1
    return found


def measured(panels):
    for name in STRATEGIES:
        for way, strategy in ways(api.load_strategy(name)).items():
            for profile in PROFILES:
                mandate = api.mandate(strategy, profile)
                models = {year: run_model(mandate, panels[year, name]) for year in YEARS}
                largest, newest = apart(models)
                figures = summarise(of_model(models[YEARS[0]]))
                yield {
                    "strategy": name, "profile": profile, "way": way,
                    "apart": largest, "newest": newest, "turnover": figures.turnover,
                    "sharpe": figures.sharpe, "volatility": figures.volatility,
                    "loses_keeps_gains": answers(models[YEARS[0]]),
                }  # fmt: skip


def main():
    rows = list(measured(histories(Path(os.environ["JEOUL_MARKET"]))))
    if "--json" in sys.argv:
        print(json.dumps(rows))
        return
    for row in rows:
        loses, keeps, gains = row["loses_keeps_gains"]
        print(
            f"{row['strategy']:11}{row['profile']:13}{row['way']:54}"
            f"apart {row['apart']:6.2%} newest {row['newest']:6.2%} "
            f"turnover {row['turnover']:6.1%} Sharpe {row['sharpe']:.3f} "
            f"vol. {row['volatility']:.2%} loses {loses} keeps {keeps} gains {gains}"
        )


if __name__ == "__main__":
    main()
