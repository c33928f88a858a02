"""Is it luck? The tests of many rules at once, in the form that commands print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from jeoul.messages import say
from jeoul.model.calendar import Reals
from jeoul.research.cpcv import EMBARGO, PURGE, cross_validated
from jeoul.research.evidence import Evidence
from jeoul.research.superior import FEWEST, charged, differ, sharpe_scores, superior

SEED = 20240628
LEVEL = 0.05
_LISTED = 20  # rules that a document lists, the least likely luck first
_GROUPS = 10


def luck_document(
    differences: Reals, names: Sequence[str], trials: int, *, own: int = 0, seed: int = SEED
) -> dict[str, Any]:
    """Return the tests of rules less their benchmark, shape (rows, rules), by name.

    ``trials`` is how many backtests the ledger has, ``own`` how many of them are the benchmark's.
    ``unknown`` says why there is no test: no rules (``none``), a history that is too ``short``, or
    rules that are all the ``same`` as the benchmark.
    """
    rows = len(differences)
    if not names:
        return {"unknown": "none", "returns": rows, "trials": trials}
    if rows < FEWEST or not len(differ(differences)):
        return {"unknown": "short" if rows < FEWEST else "same", "returns": rows, "trials": trials}
    found = superior(differences, seed=seed)
    order = np.argsort(np.array(found.adjusted), kind="stable")[:_LISTED]
    p = charged(found.spa, found.tested, trials - own)
    return {
        "unknown": None,
        "returns": rows,
        "tested": found.tested,
        "block": found.block,
        "best": names[found.best],
        "reality_check": found.reality,
        "spa": found.spa,
        "spa_bounds": [found.spa_lower, found.spa_upper],
        "step_down": [{"rule": names[rule], "p": found.adjusted[rule]} for rule in order],
        "better": sum(each <= LEVEL for each in found.adjusted),
        "trials": trials,
        "spa_all_trials": p,
        "verdict": "beyond_chance" if p <= LEVEL else "chance",
    }


def evidence_luck(table: Evidence, trials: int) -> dict[str, Any]:
    """Return the tests of all ways of all profiles less a static portfolio of the same exposure.

    Monthly log returns are compared, on the months that all ways share.
    """
    gaps = {
        f"{profile.profile} {way.name}": way.less_risk.ahead
        for profile in table.profiles
        for way in profile.ways
        if way.less_risk is not None
    }
    shared = min(map(len, gaps.values()), default=0)
    columns = [own[len(own) - shared :] for own in gaps.values()]
    differences = np.array(columns, dtype=np.float64).reshape(len(gaps), shared).T
    return luck_document(differences, list(gaps), trials)


def sweep_luck(excess: Reals, base: Reals, names: Sequence[str], trials: int) -> dict[str, Any]:
    """Return the tests of variants less the strategy as its file has it, by Sharpe ratio.

    ``excess`` has one column of returns above cash per variant, ``base`` those of the strategy;
    they end on the same session.
    """
    rows = min(len(excess), len(base))
    both = np.column_stack([base[len(base) - rows :], excess[len(excess) - rows :]])
    scores = sharpe_scores(both) if rows else both
    return luck_document(scores[:, 1:] - scores[:, :1], names, trials, own=1)


def cross_validation(excess: Reals, base: Reals, year: float) -> dict[str, Any] | None:
    """Return the annual Sharpe ratios of choosing by cross-validation, None if it cannot be done.

    ``below`` is the share of the paths that end below the strategy as its file has it.
    """
    rows = min(len(excess), len(base))
    if excess.shape[1] < 2 or rows < 4 * _GROUPS * PURGE:
        return None
    found = cross_validated(excess[len(excess) - rows :], groups=_GROUPS)
    own = float(sharpe_scores(base[len(base) - rows :, np.newaxis]).mean()) * np.sqrt(year)
    ratios = found.sharpes * np.sqrt(year)
    return {
        "splits": len(found.chosen),
        "paths": len(ratios),
        "purged": PURGE,
        "embargo": EMBARGO,
        "low": float(ratios.min()),
        "median": float(np.median(ratios)),
        "high": float(ratios.max()),
        "strategy": own,
        "below": float((ratios < own).mean()),
    }


def luck_text(found: Mapping[str, Any], benchmark: str, language: str) -> list[str]:
    """Return the tests in sentences; ``benchmark`` names the message for what is compared with."""
    if found["unknown"] is not None:
        return [say(language, f"luck.unknown_{found['unknown']}")]
    places = {
        "tested": found["tested"],
        "returns": f"{found['returns']:,}",
        "block": f"{found['block']:.1f}",
        "benchmark": say(language, f"luck.{benchmark}"),
        "best": found["best"],
        "reality": _p(found["reality_check"]),
        "spa": _p(found["spa"]),
        "low": _p(found["spa_bounds"][0]),
        "high": _p(found["spa_bounds"][1]),
        "better": found["better"],
        "trials": f"{found['trials']:,}",
        "charged": _p(found["spa_all_trials"]),
    }
    kinds = ("tests", "step_down", "charged", f"verdict_{found['verdict']}")
    return [say(language, f"luck.{kind}", places) for kind in kinds]


def paths_text(found: Mapping[str, Any] | None, language: str) -> list[str]:
    """Return the cross-validation in a sentence, nothing where there was none."""
    if found is None:
        return []
    ratios = {name: f"{found[name]:.2f}" for name in ("low", "median", "high", "strategy")}
    places = ratios | {"paths": found["paths"], "below": f"{found['below']:.0%}"}
    return [say(language, "luck.paths", places)]


def _p(value: float) -> str:
    return f"{value:.3f}"
