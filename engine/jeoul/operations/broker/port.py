"""What the engine asks of a broker, whichever it is.

One more broker is one file in this package. It gives ``SETTINGS``, its table in a config
(:class:`~jeoul.operations.setup.brokers.BrokerSettings`), and ``connect(settings, context)``, which
returns a :class:`Broker`. Its kind in a config is the name of the module.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from jeoul.account.holdings import Securities
from jeoul.account.price_events import PriceEvents
from jeoul.database import EncryptionKey
from jeoul.errors import BrokerError, DataError
from jeoul.model.calendar import Calendar
from jeoul.model.portfolio import SETTLED, Portfolio, Proceeds, Reason, Side
from jeoul.operations.errors import Unreachable
from jeoul.operations.setup.brokers import BrokerSettings, broker_module
from jeoul.operations.setup.clock import Clock
from jeoul.operations.setup.secrets import Secret


class Ids(StrEnum):
    """What a broker does with the name that we give an order."""

    NONE = "none"  # it has no place for one, as most Korean brokers
    KEY = "key"  # it takes one once for a while, and its order list does not show it
    ECHO = "echo"  # it shows it in its order list
    UNIQUE = "unique"  # it also refuses a second order of the same name, for good

    @property
    def listed(self) -> bool:
        """Return whether an order can be found by its name."""
        return self in (Ids.ECHO, Ids.UNIQUE)


class OrderState(StrEnum):
    """Where an order stands at the broker."""

    OPEN = "open"
    FILLED = "filled"
    CLOSED = "closed"  # cancelled or expired, perhaps filled in part
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order to hand over: ``limit`` is the worst price, None for whatever the close brings."""

    name: str
    session: date
    side: Side
    ticker: str
    shares: int
    limit: int | None


@dataclass(frozen=True, slots=True)
class BrokerOrder:
    """An order as the broker lists it: ``filled`` shares for ``amount`` in all so far.

    ``name`` is ours where the broker keeps one, ``fee`` all costs so far where it tells them.
    ``limit`` is None for an order without one. ``former`` is the number as older ledgers have it;
    ``changes`` is the number of the order whose place this one took when somebody changed it.
    """

    order_id: str
    name: str | None
    session: date
    side: Side
    ticker: str
    shares: int
    limit: int | None
    state: OrderState
    filled: int = 0
    amount: int = 0
    fee: int | None = None
    former: str | None = None
    changes: str | None = None

    @property
    def key(self) -> str:
        """Return a number that is unique across sessions: brokers begin again every day."""
        return f"{self.session.isoformat()}/{self.order_id}"

    @property
    def keys(self) -> frozenset[str]:
        """Return every key under which a ledger may have the order."""
        former = () if self.former is None else (f"{self.session.isoformat()}/{self.former}",)
        return frozenset((self.key, *former))


@dataclass(frozen=True, slots=True)
class BrokerAccount:
    """What the broker says the account holds: ``cash`` is settled and can be spent.

    ``locked`` are shares among those held that cannot be sold now: pledged, or in an open order.
    ``orderable`` is what the broker would let a buy cost now without credit, proceeds of sales
    included that have not settled; None where it does not say. ``costs`` are what a share cost on
    average by ticker, in the main unit, as far as it says so.
    """

    shares: Mapping[str, int]
    cash: int
    unsettled: Mapping[date, int]
    locked: Mapping[str, int] = field(default_factory=dict)
    orderable: int | None = None
    costs: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def money(self) -> int:
        """Return all cash, settled or on its way."""
        return self.cash + sum(self.unsettled.values())


@dataclass(frozen=True, slots=True)
class Movement:
    """Something other than an order that moved cash or shares: a deposit, a dividend, a split."""

    movement_id: str
    kind: str
    session: date
    cash: int = 0
    ticker: str | None = None
    shares: int = 0


@dataclass(frozen=True, slots=True)
class IndicativeValue:
    """A fund's price and its indicative net asset value (iNAV) of the moment, for one share.

    Both are in the smallest unit of the currency, like ``before``, the last value of the day before
    where the same answer says it. All are None with a ``fault``: ``unanswered``,
    ``refused``, ``missing``, ``stale`` (nothing was traded yet, or it is the value of the day
    before), ``zero`` or ``malformed``.
    """

    price: int | None = None
    value: float | None = None
    fault: str = ""
    before: float | None = None


@dataclass(frozen=True, slots=True)
class Footing:
    """What an order of one ticker would move: shares held, shares locked, orderable cash."""

    held: int
    locked: int
    orderable: int | None

    @classmethod
    def of(cls, account: BrokerAccount, ticker: str) -> Footing:
        """Return where an account stands for a ticker."""
        held, locked = account.shares.get(ticker, 0), account.locked.get(ticker, 0)
        return cls(held, locked, account.orderable)

    def is_after(self, then: Footing, brought: tuple[int, int], cost: int | None) -> bool:
        """Return whether an order that would ``cost`` so much surely moved nothing since ``then``.

        What can be ordered has risen by what fills of other orders ``brought``, at least and at
        most. Where that is not known as exactly as the order's cost, nothing is sure.

        >>> before, now = Footing(0, 0, 100), Footing(0, 0, 1_098)
        >>> now.is_after(before, (990, 1_010), 500), now.is_after(before, (0, 0), 500)
        (True, False)
        >>> now.is_after(before, (500, 1_010), 500)
        False
        """
        if (self.held, self.locked) != (then.held, then.locked):
            return False
        if self.orderable is None or then.orderable is None:
            return self.orderable == then.orderable
        least, most = brought
        if least != most and (cost is None or most - least >= cost):
            return False
        return least <= self.orderable - then.orderable <= most


@dataclass(frozen=True, slots=True)
class Watermark:
    """What the broker showed just before an order was handed over, and when.

    ``orders`` are the keys that it listed; ``footing`` is None where nobody looked. ``at`` is by
    this machine's clock in seconds, ``host`` by the broker's own, None where it did not say.
    ``brought`` is by how much fills of our other orders have raised since what can be ordered, at
    least and at most.
    """

    at: int
    orders: frozenset[str]
    footing: Footing | None
    host: float | None = None
    brought: tuple[int, int] = (0, 0)


class Hours(StrEnum):
    """Whether orders of a session can be handed over now."""

    EARLY = "early"
    OPEN = "open"
    OVER = "over"


class Broker(ABC):
    """One account at one broker.

    A broker answers the four abstract questions. The other methods are what only some brokers can
    do; they answer for one that cannot. Questions raise :class:`Unreachable`; :meth:`submit`
    raises one of the outcomes of :mod:`jeoul.operations.errors` and never sends twice by itself.
    ``visibility`` is how long a run waits in seconds for an order to show in :meth:`orders`; that
    it does not show by then proves nothing yet, see :meth:`absent`.
    """

    kind: str
    ids: Ids
    """What it does with the name that we give an order."""
    visibility: float = 0.0
    """Seconds after which an accepted order is surely in :meth:`orders`."""
    name_lasts: float = 0.0
    """With :attr:`Ids.KEY`: seconds within which the same name surely gives the first order."""
    sales_first: bool = False
    """Whether it refuses a buy until the sales that pay for it are filled."""
    fill_wait: float = 0.0
    """With :attr:`sales_first`: seconds for which a run watches its sales before it ends."""

    @abstractmethod
    def hours(self, session: date) -> Hours:
        """Return whether orders of a session can be handed over now."""

    @abstractmethod
    def account(self) -> BrokerAccount | None:
        """Return what the account holds, None where there is nothing newer than the books."""

    @abstractmethod
    def orders(self, session: date) -> Sequence[BrokerOrder]:
        """Return every order of a session, ours or not."""

    def absent(self, request: OrderRequest, before: Watermark) -> Sequence[str]:  # noqa: ARG002
        """Return independent signs that an order without an answer never arrived, by name.

        None of them if anything speaks for the order, or if too little time has passed since
        ``before`` for this broker. An order that may be there is never sent again. A broker that
        finds an order by its name needs no signs.
        """
        return ()

    def host_time(self) -> float | None:
        """Return the broker's own time in seconds by its newest answer; None where it says none."""
        return None

    @abstractmethod
    def submit(self, request: OrderRequest) -> str:
        """Hand over one order and return the broker's number for it."""

    def indicative(self, ticker: str) -> IndicativeValue | None:  # noqa: ARG002
        """Return a fund's indicative net asset value now, None where the broker offers none.

        An answer that cannot be used is a fault of the value and no error.
        """
        return None

    def movements(self) -> Sequence[Movement]:
        """Return what else moved cash or shares; nothing where the broker does not say."""
        return ()

    def catch_up(self, until: date) -> None:  # noqa: B027
        """Let the sessions up to ``until`` come to pass: a simulation; elsewhere time passes."""

    def take_fills(self, file: Path) -> date:  # noqa: ARG002
        """Take in the fills that a person wrote into a file; return their session.

        Raises :class:`DataError` where the broker reports its fills itself.
        """
        raise DataError("--fills belongs to a config whose broker is a ticket; leave it out")

    def order_file(self, session: date) -> Path | None:  # noqa: ARG002
        """Return the file whose orders a person types in, None where orders are sent."""
        return None

    def statement(self) -> str | None:
        """Return the digest of the file that :meth:`account` reads, None without such a file.

        A person gave that file, so that what it holds is taken into the books.
        """
        return None

    def statement_booked(self, digest: str) -> None:  # noqa: B027
        """Learn that a statement is in the books: there is nothing newer until another comes."""

    def outside(self) -> Mapping[str, int | str]:
        """Return what the account holds that is shown and never planned with: shares, or money."""
        return {}

    def reading(self) -> Sequence[Reason]:
        """Return what is said of how a person's file was read; nothing without one."""
        return ()

    def accept_empty(self) -> None:  # noqa: B027
        """Learn that the account may have nothing in it: others of its household have the money.

        Elsewhere a file without holdings and cash is refused.
        """

    def close(self) -> None:  # noqa: B027
        """Let go of files and connections."""


def _no_books() -> Portfolio:
    raise BrokerError("the account has no books; say the cash in the config")


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerContext:
    """What a broker is opened with; it reads no market, no ledger and no environment itself.

    ``state`` is the folder for its own files, ``beside`` resolves a path that the config names.
    ``secrets`` are the values of ``settings.variables``. ``price_events`` opens the closes and
    corporate actions of the calendar's exchange. ``statement`` is the digest of the statement that
    was booked last. ``proceeds`` says when the account's buys spend what its sales bring.
    ``securities`` are those that a person's file may name, ``books`` gives the account as the
    ledger knows it. With a ``key`` the databases of the account are encrypted.
    """

    state: Path
    beside: Callable[[str], Path]
    calendar: Calendar
    clock: Clock
    currency: str
    secrets: Mapping[str, Secret]
    price_events: Callable[[], PriceEvents]
    statement: str | None = None
    proceeds: Proceeds = SETTLED
    securities: Securities = field(default_factory=Securities)
    books: Callable[[], Portfolio] = _no_books
    key: EncryptionKey | None = None


def open_broker(settings: BrokerSettings, context: BrokerContext) -> Broker:
    """Return the broker of a config's table, ready to be asked."""
    broker: Broker = broker_module(settings.kind).connect(settings, context)
    return broker


def is_like(order: BrokerOrder, request: OrderRequest, before: Collection[str]) -> bool:
    """Return whether an order may be a request's: the same terms, and new since ``before``.

    An order by which somebody changed another is never taken for ours.
    """
    wanted = (request.side, request.ticker, request.shares, request.limit)
    same = (order.side, order.ticker, order.shares, order.limit) == wanted
    return same and not order.keys.intersection(before) and order.changes is None


def checked(orders: Sequence[BrokerOrder]) -> tuple[BrokerOrder, ...]:
    """Return orders that make sense together.

    Raises :class:`Unreachable` for what cannot be: a number twice, more filled than ordered,
    shares filled for no money.
    """
    seen: set[str] = set()
    for order in orders:
        fault = _fault(order, seen)
        if fault is not None:
            raise Unreachable(
                f"the broker's order list makes no sense: order {order.order_id} {fault}; nothing "
                "was sent on it. Compare with the broker's own screen, then run again"
            )
        seen.add(order.order_id)
    return tuple(orders)


def _fault(order: BrokerOrder, seen: set[str]) -> str | None:
    if not order.order_id or order.order_id in seen:
        return "appears twice or has no number"
    if order.shares <= 0 or not 0 <= order.filled <= order.shares:
        return f"has {order.filled} of {order.shares} shares filled"
    if (order.filled == 0) != (order.amount == 0) or order.amount < 0:
        return f"has {order.filled} shares filled for {order.amount}"
    if order.state is OrderState.FILLED and order.filled != order.shares:
        return f"is filled with {order.filled} of {order.shares} shares"
    return None
