"""Orders of many clients as one order for the market, and what of it was filled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from jeoul.errors import InputError, Problem
from jeoul.firm.rows import FirmRow, Misread, read_rows, ticker_of, whole_number
from jeoul.model.portfolio import Order, Side

COLUMNS = ("side", "ticker", "shares", "price")
OTHERS = ("fee",)


class BlockKey(NamedTuple):
    """What the orders of a block have in common."""

    side: Side
    ticker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The orders of all clients for one fund and side, by account.

    ``price`` is the last close with which they were sized, ``limit`` the strictest of their limits.
    """

    key: BlockKey
    price: int
    limit: int | None
    orders: Mapping[str, int]

    @property
    def shares(self) -> int:
        """Return how many shares the block orders."""
        return sum(self.orders.values())

    def allows(self, price: int) -> bool:
        """Return whether a fill at a price keeps the limit."""
        if self.limit is None:
            return True
        return price <= self.limit if self.key.side is Side.BUY else price >= self.limit


@dataclass(frozen=True, slots=True)
class BlockFill:
    """What was filled of a block, in all: shares, money, and the broker's fees and taxes."""

    shares: int = 0
    amount: int = 0
    fee: int = 0

    def __add__(self, other: BlockFill) -> BlockFill:
        return BlockFill(
            self.shares + other.shares, self.amount + other.amount, self.fee + other.fee
        )


def blocks_of(orders: Mapping[str, Iterable[Order]]) -> tuple[Block, ...]:
    """Return the blocks of clients' orders, by account; sales first, then by ticker.

    >>> from jeoul.model.portfolio import Reason
    >>> buy = Order(Side.BUY, "069500", 3, 36_000, Reason("x"), limit=36_700)
    >>> (block,) = blocks_of({"a": [buy], "b": [replace(buy, shares=4)]})
    >>> block.shares, block.limit, dict(block.orders)
    (7, 36700, {'a': 3, 'b': 4})
    """
    gathered: dict[BlockKey, dict[str, Order]] = defaultdict(dict)
    for account, its in orders.items():
        for order in its:
            key = BlockKey(order.side, order.ticker)
            before = gathered[key].get(account)
            shares = order.shares + (before.shares if before is not None else 0)
            gathered[key][account] = replace(order, shares=shares)
    # Sells before buys, as the broker is to work through them.
    found = [_block(key, each) for key, each in gathered.items()]
    return tuple(sorted(found, key=lambda block: (block.key.side is Side.BUY, block.key.ticker)))


def _block(key: BlockKey, orders: Mapping[str, Order]) -> Block:
    limits = [order.limit for order in orders.values() if order.limit is not None]
    # A block has one limit, and no client's own may be passed.
    strictest = min if key.side is Side.BUY else max
    return Block(
        key=key,
        price=next(iter(orders.values())).price,
        limit=strictest(limits) if limits else None,
        orders={account: order.shares for account, order in sorted(orders.items())},
    )


def read_fills(file: str, blocks: Iterable[Block]) -> Mapping[BlockKey, BlockFill]:
    """Return what a file says was filled of blocks; several rows of a block are added.

    ``price`` is the price of a row's shares, ``fee`` what the broker and the state charge for them.
    A block without a row was not filled. Raises :class:`~jeoul.errors.InputError` with every row
    that no block ordered, that is beyond its limit, or that cannot be read.
    """
    known = {block.key: block for block in blocks}
    tickers = {key.ticker for key in known}
    table = read_rows(file, COLUMNS, OTHERS, InputError)
    other, quoted = (
        "has more or fewer cells than the header",
        "has an opening quotation mark without a closing one",
    )
    problems = [
        Problem(file, quoted if row.quoted else other, line=row.line, remedy="correct it")
        for row in table.misfits
    ]
    found: dict[BlockKey, BlockFill] = {}
    for row in table.rows:
        try:
            key, fill = _fill(row, tickers)
        except Misread:
            wrong = "is not a fill: shares and price are whole numbers above 0, a fee 0 or more"
            problems.append(Problem(file, wrong, line=row.line, remedy="write BUY,069500,10,36400"))
            continue
        block = known.get(key)
        if block is None:
            wrong = f"{key.side} {key.ticker} is not among the blocks of this plan"
            problems.append(
                Problem(file, wrong, line=row.line, remedy="give the fills of this plan")
            )
            continue
        # Exact: a row has one price, and its amount is shares times that.
        price = fill.amount // fill.shares
        if not block.allows(price):
            wrong = f"{key.side} {key.ticker} at {price:,} is beyond its limit of {block.limit:,}"
            remedy = "correct the price, or settle the error with the broker"
            problems.append(Problem(file, wrong, line=row.line, remedy=remedy))
        found[key] = found.get(key, BlockFill()) + fill
        if found[key].shares > block.shares:
            wrong = f"{key.side} {key.ticker}: {found[key].shares:,} of {block.shares:,} ordered"
            remedy = "more shares were filled than ordered; settle the rest with the broker"
            problems.append(Problem(file, wrong, line=row.line, remedy=remedy))
    if problems:
        raise InputError(problems)
    return found


def _fill(row: FirmRow, tickers: Collection[str]) -> tuple[BlockKey, BlockFill]:
    cells = row.cells
    side = cells["side"].upper()
    shares, price = whole_number(cells["shares"]), whole_number(cells["price"])
    fee = whole_number(cells.get("fee") or "0")
    if side not in list(Side) or min(shares, price) < 1 or fee < 0:
        raise Misread("number", value=cells["shares"])
    key = BlockKey(Side(side), ticker_of(cells["ticker"], tickers))
    return key, BlockFill(shares, shares * price, fee)
