"""No client of a block is favoured: shares, money and fees of a partial fill."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul.firm.blocks import Block, BlockFill, BlockKey
from jeoul.firm.fairness import Allotment, allotted, fair_split
from jeoul.model.portfolio import Side

ORDERS = st.lists(st.integers(1, 40), min_size=1, max_size=12)


def block_of(orders: dict[str, int], price: int = 10_000) -> Block:
    key = BlockKey(Side.BUY, "069500")
    return Block(key=key, price=price, limit=None, orders=orders)


@st.composite
def filled_blocks(draw: st.DrawFn) -> tuple[Block, BlockFill, str]:
    orders = {f"a{n}": count for n, count in enumerate(draw(ORDERS))}
    shares = draw(st.integers(0, sum(orders.values())))
    amount = sum(draw(st.lists(st.integers(9_000, 11_000), min_size=shares, max_size=shares)))
    fee = draw(st.integers(0, 5_000)) if shares else 0
    return block_of(orders), BlockFill(shares, amount, fee), draw(st.text("abcdef", max_size=8))


@given(ORDERS, st.data())
@settings(max_examples=200)
def test_over_all_shifts_every_client_gets_exactly_their_quota(
    orders: list[int], data: st.DataObject
) -> None:
    """The whole lottery at once: its expectation is the quota, with no rounding in it."""
    filled = data.draw(st.integers(0, sum(orders)))
    whole = sum(orders)
    tickets = [fair_split(orders, filled, shift) for shift in range(whole)]
    for client, ordered in enumerate(orders):
        assert sum(ticket[client] for ticket in tickets) == ordered * filled
        quota = Fraction(ordered * filled, whole)
        assert all(abs(ticket[client] - quota) < 1 for ticket in tickets)


@given(filled_blocks())
@settings(max_examples=200)
def test_nothing_is_lost_and_nobody_gets_more_than_they_ordered(
    case: tuple[Block, BlockFill, str],
) -> None:
    block, fill, plan = case
    found = allotted(block, fill, plan)
    assert [each.account for each in found] == sorted(block.orders)
    sums = BlockFill(*(sum(getattr(e, n) for e in found) for n in ("shares", "amount", "fee")))
    assert sums == fill
    assert all(0 <= each.shares <= each.ordered for each in found)


@given(filled_blocks())
@settings(max_examples=200)
def test_all_pay_the_same_price_to_the_won(case: tuple[Block, BlockFill, str]) -> None:
    block, fill, plan = case
    for each in allotted(block, fill, plan):
        due = Fraction(each.shares * fill.amount, fill.shares) if fill.shares else Fraction(0)
        assert abs(each.amount - due) < 1


@given(filled_blocks())
@settings(max_examples=100)
def test_the_order_in_which_clients_are_listed_changes_nothing(
    case: tuple[Block, BlockFill, str],
) -> None:
    block, fill, plan = case
    turned = block_of(dict(reversed(list(block.orders.items()))))
    assert allotted(turned, fill, plan) == allotted(block, fill, plan)


def days(count: int) -> list[tuple[Allotment, ...]]:
    orders = {f"a{n}": 1 + n * n % 17 for n in range(20)}
    block = block_of(orders)
    return [
        allotted(block, BlockFill(block.shares * (day % 9 + 1) // 11, 10_000 * (day + 1)), f"{day}")
        for day in range(count)
    ]


def test_over_many_days_no_client_gains_from_rounding() -> None:
    """The sum of 2,000 gains, each below one share with mean 0, is within four deviations."""
    gains: dict[str, Fraction] = defaultdict(Fraction)
    for found in days(2_000):
        ordered, filled = (sum(getattr(e, n) for e in found) for n in ("ordered", "shares"))
        for each in found:
            gains[each.account] += each.shares - Fraction(each.ordered * filled, ordered)
    assert max(abs(float(gain)) for gain in gains.values()) < 4 * 0.5 * 2_000**0.5


@pytest.mark.parametrize("filled", [0, 7])
def test_a_block_that_is_not_filled_or_filled_whole_leaves_no_choice(filled: int) -> None:
    found = allotted(block_of({"a": 3, "b": 4}), BlockFill(filled, filled * 10_000), "x")
    assert [each.shares for each in found] == ([0, 0] if not filled else [3, 4])
