"""Whole shares of a partial fill for every client, by a lottery that favours nobody.

A client who ordered ``o`` of a block of ``O`` shares is due the quota ``q = o F / O`` of ``F``
filled ones. They get ``q`` rounded down or up. Lay the quotas end to end on a line and put a mark
at each whole number after a shift: a client gets as many shares as marks lie in their stretch. The
shift is one of the O steps of 1/O between 0 and 1, each as likely as any other; over all of them
the shares of a client sum to exactly ``o F``, so that the expected gain from rounding is zero for
everyone, whatever the others ordered. The money of the block is split by the same rule: one average
price for all, to the won.

The shift and the order of the clients on the line come from SHA-256 over the plan and what the
market filled. Neither can be chosen once the plan is made, and anyone can compute both again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from jeoul.firm.blocks import Block, BlockFill


@dataclass(frozen=True, slots=True, kw_only=True)
class Allotment:
    """What one client gets of a block: shares, their money, and the part of the fees."""

    account: str
    ordered: int
    shares: int
    amount: int
    fee: int


def fair_split(parts: Sequence[int], total: int, shift: int) -> list[int]:
    """Return ``total`` split in whole numbers in proportion to ``parts``, by a shift.

    ``shift`` is from 0 to sum(parts) - 1. Each share is its quota rounded down or up, they sum to
    ``total``, and over all shifts each sums to its part x ``total``.

    >>> [fair_split([3, 3, 4], 5, shift) for shift in (0, 5, 9)]
    [[1, 2, 2], [2, 1, 2], [2, 1, 2]]
    >>> [sum(fair_split([3, 3, 4], 5, shift)[n] for shift in range(10)) for n in range(3)]
    [15, 15, 20]
    """
    whole = sum(parts)
    found, reached, passed = [], shift, 0
    # All parts lie in a line that begins at a drawn place, with a mark every whole / total of it:
    # each part gets the marks that it passes, so nobody is ever off by a whole share.
    for part in parts:
        reached += part * total
        marks = reached // whole
        found.append(marks - passed)
        passed = marks
    return found


def allotted(block: Block, fill: BlockFill, plan: str) -> tuple[Allotment, ...]:
    """Return what every client of a block gets of a fill, by account; ``plan`` is its digest.

    No client gets more than they ordered, and shares, money and fees sum to those of the fill.
    """
    seed = "|".join([plan, *block.key, str(fill.shares), str(fill.amount)])
    line = sorted(block.orders, key=lambda account: _number(seed, "place", account))
    orders = [block.orders[account] for account in line]
    shares = fair_split(orders, fill.shares, _number(seed, "shares") % block.shares)
    amounts = fees = [0] * len(line)
    if fill.shares:
        amounts = fair_split(shares, fill.amount, _number(seed, "amount") % fill.shares)
        fees = fair_split(shares, fill.fee, _number(seed, "fee") % fill.shares)
    found = [
        Allotment(account=account, ordered=order, shares=count, amount=amount, fee=fee)
        for account, order, count, amount, fee in zip(
            line, orders, shares, amounts, fees, strict=True
        )
    ]
    return tuple(sorted(found, key=lambda each: each.account))


def _number(*words: str) -> int:
    return int.from_bytes(hashlib.sha256("|".join(words).encode()).digest())
