"""The probability that choosing the best variant chose luck."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from jeoul.errors import UsageError
from jeoul.model.calendar import Reals


@dataclass(frozen=True, slots=True, eq=False)
class Overfitting:
    """What the cross-validation found.

    ``probability`` is the share of splits in which the best variant of one half came out below the
    median of the other, NaN if no variant differs from another; ``logits`` has one value per split,
    ``chosen`` the variant that was best.
    """

    probability: float
    logits: Reals
    chosen: NDArray[np.int64]


def overfitting(returns: Reals, *, blocks: int = 10) -> Overfitting:
    """Return the probability of backtest overfitting of variants, shape (sessions, variants).

    Combinatorially symmetric cross-validation: the sessions are cut into ``blocks`` (even), every
    half of the blocks is once the past. The variant with the highest Sharpe ratio there has the
    relative rank w among the N of the other half, w = rank / (N + 1); its logit is
    log(w / (1 - w)), and the probability is the share of logits below 0 and half of those at 0,
    where the best stands in the middle and is no evidence either way. Bailey, Borwein, Lopez de
    Prado and Zhu, "The probability of backtest overfitting", Journal of Computational Finance 20
    (2017), count all of those at 0. Raises :class:`UsageError` for fewer than two variants, an odd
    number of blocks, or blocks of fewer than two sessions.

    >>> luck = np.random.default_rng(1).normal(size=(400, 20))
    >>> 0.0 <= overfitting(luck, blocks=6).probability <= 1.0
    True
    """
    sessions, variants = returns.shape
    if variants < 2:
        raise UsageError("overfitting needs at least two variants to choose from; widen the grid")
    if blocks < 2 or blocks % 2 or sessions // blocks < 2:
        raise UsageError(
            f"{blocks} blocks of {sessions} sessions cannot be halved; use an even number of "
            "blocks with at least two sessions each"
        )
    return of_blocks(*block_sums(returns, blocks))


def block_sums(returns: Reals, blocks: int) -> tuple[Reals, Reals, int]:
    """Return sums and sums of squares by block, and the sessions in each; the first few are left.

    ``returns`` has one row per session; the sums have one row per block.
    """
    length = len(returns) // blocks
    cut = returns[len(returns) - blocks * length :].reshape(blocks, length, *returns.shape[1:])
    return cut.sum(axis=1), (cut**2).sum(axis=1), length


def of_blocks(sums: Reals, squares: Reals, length: int) -> Overfitting:
    """Return :func:`overfitting` from the sums of blocks, shape (blocks, variants)."""
    blocks, variants = sums.shape
    whole = np.arange(blocks)
    logits, chosen = [], []
    for half in combinations(range(blocks), blocks // 2):
        past = np.isin(whole, half)
        before = _ratios(sums[past], squares[past], length)
        after = _ratios(sums[~past], squares[~past], length)
        best = int(np.argmax(before))
        # Ties take the middle of their ranks: equal variants are no evidence either way.
        below = (after < after[best]).sum() + 0.5 * ((after == after[best]).sum() - 1)
        rank = (below + 1.0) / (variants + 1.0)
        logits.append(np.log(rank / (1.0 - rank)))
        chosen.append(best)
    found = np.array(logits)
    return Overfitting(
        _share_below(found) if _differ(sums, squares) else float("nan"),
        found,
        np.array(chosen, dtype=np.int64),
    )


def _share_below(logits: Reals) -> float:
    """Return the share of logits below 0, half of those at 0 among them."""
    return float((logits < 0.0).mean() + 0.5 * (logits == 0.0).mean())


def _differ(sums: Reals, squares: Reals) -> bool:
    """Return whether any variant differs from another in any block."""
    return bool((sums != sums[:, :1]).any() or (squares != squares[:, :1]).any())


def _ratios(sums: Reals, squares: Reals, length: int) -> Reals:
    """Return mean over deviation of each variant from the sums of its blocks; 0 without any."""
    count = len(sums) * length
    mean = sums.sum(axis=0) / count
    variance = squares.sum(axis=0) / count - mean**2
    found: Reals = np.where(variance > 1e-24, mean / np.sqrt(np.maximum(variance, 1e-24)), 0.0)
    return found
