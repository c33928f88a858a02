"""One ISA for many years, an ISA extended, or a new one every three years: what is left."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

from jeoul.korea.dates import Opened, opening_year
from jeoul.korea.gains import Gain
from jeoul.korea.isa import isa_limit, settle_isa
from jeoul.korea.levy import Won, floor, withheld
from jeoul.korea.pension import close_pension, pension_start, receive_pension
from jeoul.korea.rulebook import Rulebook, Step, decimal, step

ROUTES = ("keep", "extend", "reopen")
_LONGEST = 100  # years; nobody saves longer, and each is computed by itself


@dataclass(frozen=True, slots=True)
class PensionMove:
    """Money moved into a pension account at every closing that is not the last.

    ``credit`` is the rate at which the extra base is credited, local tax included (0.132, 0.165;
    0 where no tax is due). ``age`` is the age at the end: from 55 on the pension is drawn in ten
    equal years at the rates of receipts, or at 16.5 % above 15 M a year; otherwise, and where it is
    left out, it is closed at 16.5 %.
    """

    amount: Won
    credit: Decimal = Decimal(0)
    age: Won | None = None
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class IsaRoutes:
    """What each route leaves after tax at the end, in won; ``contracts`` of the re-opened one."""

    keep: int
    extend: int
    reopen: int
    best: str
    contracts: int
    steps: tuple[Step, ...]


def isa_reopen(
    book: Rulebook,
    *,
    opened: Opened,
    years: Won,
    yearly: Won,
    growth: Decimal,
    kind: str = "general",
    crossed: tuple[Won, ...] = (),
    move: PensionMove | None = None,
) -> IsaRoutes:
    """Return what is left of yearly payments by three routes, all sold at the end.

    ``keep``: one contract for all the years. ``extend``: a contract of three years, extended every
    three. ``reopen``: closed every three years with its tax-free amount, and a new one opened,
    whose room begins again at 20 M; the last one runs on where fewer than three years are left.
    What the room does not take lies in an ordinary account (15.4 % on its gain); it moves into the
    ISA as room opens, or stays, whichever leaves more in the end. ``crossed`` are years in which
    interest and dividends pass 20 M: in the three years after one of them no contract is extended
    or opened, so the money waits outside. Payments fall on the first day of a year, every account
    grows by ``growth`` a year, and gains are fund income; that one large sale may itself pass 20 M
    is not counted. Sources: 조세특례제한법 §§91의18①③⑤, 129의2①.

    >>> from jeoul.korea.tables import load_rules
    >>> found = isa_reopen(load_rules(2026), opened=2026, years=9, yearly=5_000_000,
    ...                    growth=Decimal("0.05"))
    >>> found.best, found.contracts, found.keep == found.extend
    ('reopen', 3, True)
    """
    first = opening_year(opened)
    if min(first, years, yearly, *crossed) < 0 or growth <= -1 or years < 1:
        wrong = "years is below 1, growth at most -1, or an amount below zero"
        raise book.refuse("isa.reopen", "isa.min_years", wrong)
    if years > _LONGEST:
        wrong = f"{years} years are more than a life; give {_LONGEST} at most"
        raise book.refuse("isa.reopen", "isa.min_years", wrong)
    if move is not None and (move.amount < 0 or not 0 <= move.credit < 1):
        wrong = "move has an amount below zero, or a credit that is not a share from 0 to 1"
        raise book.refuse("isa.reopen", "pension.transfer_bonus", wrong)
    terms = _Terms(
        opened=first,
        years=years,
        yearly=yearly,
        growth=growth,
        kind=kind,
        crossed=frozenset(crossed),
        move=move,
    )
    runs = {route: _better(book, terms, route) for route in ROUTES}
    best = max(ROUTES, key=lambda route: runs[route].left)
    steps = [step("isa_routes", years=years, yearly=yearly, growth=growth)]
    for route, run in runs.items():
        steps.append(
            step(f"isa_route_{route}", left=run.left, contracts=run.contracts, tax=run.tax)
        )
    waited = sorted({year for run in runs.values() for year in run.barred})
    if waited:
        steps.append(step("isa_route_barred", years=", ".join(map(str, waited))))
    return IsaRoutes(
        keep=runs["keep"].left,
        extend=runs["extend"].left,
        reopen=runs["reopen"].left,
        best=best,
        contracts=runs["reopen"].contracts,
        steps=tuple(steps),
    )


@dataclass(frozen=True, slots=True)
class _Terms:
    opened: int
    years: int
    yearly: int
    growth: Decimal
    kind: str
    crossed: frozenset[int]
    move: PensionMove | None


@dataclass(slots=True)
class _Pot:
    """Money in one account: what was paid in and what it is worth."""

    paid: int = 0
    value: int = 0

    def pay(self, amount: int) -> None:
        self.paid += amount
        self.value += amount

    def grow(self, growth: Decimal) -> None:
        self.value = floor(self.value * (1 + growth))


@dataclass(slots=True)
class _Run:
    """The accounts of one route while the years go by."""

    isa: _Pot | None = None
    since: int = 0
    contracts: int = 0
    ordinary: _Pot = field(default_factory=_Pot)
    pension: _Pot = field(default_factory=_Pot)
    credited: int = 0
    credit_due: int = 0
    tax: int = 0
    left: int = 0
    barred: set[int] = field(default_factory=set)


def _better(book: Rulebook, terms: _Terms, route: str) -> _Run:
    runs = (_run(book, terms, route, refill) for refill in (True, False))
    return max(runs, key=lambda run: run.left)


def _run(book: Rulebook, terms: _Terms, route: str, refill: bool) -> _Run:
    run = _Run()
    for place in range(terms.years):
        cash = terms.yearly + run.credit_due
        run.credit_due = 0
        barred = _barred(book, terms, terms.opened + place)
        rest = terms.years - place
        if run.isa is not None and _closes(book, run, route, place, rest, barred):
            cash += _move(book, terms, run, _close(book, terms, run, place))
        if run.isa is None:
            if barred:
                run.barred.add(terms.opened + place)
            elif place == 0 or rest >= book.won("isa.min_years"):
                run.isa, run.since = _Pot(), place
                run.contracts += 1
        _pay(book, run, place, cash, refill)
        for pot in (run.isa, run.ordinary, run.pension):
            if pot is not None:
                pot.grow(terms.growth)
    end = _close(book, terms, run, terms.years) if run.isa is not None else 0
    end += _sell(book, run, run.ordinary.value) + run.credit_due
    run.left = end + _leave_pension(book, terms, run)
    return run


def _barred(book: Rulebook, terms: _Terms, year: int) -> bool:
    return any(
        year - back in terms.crossed for back in range(1, book.won("isa.taxpayer_years") + 1)
    )


def _closes(book: Rulebook, run: _Run, route: str, place: int, rest: int, barred: bool) -> bool:
    """Return whether the contract ends now: it runs out barred, or is given up for a new one."""
    term = book.won("isa.min_years")
    if route == "keep" or (place - run.since) % term:
        return False
    return barred or (route == "reopen" and rest >= term)


def _close(book: Rulebook, terms: _Terms, run: _Run, place: int) -> int:
    pot, run.isa = run.isa or _Pot(), None
    gain = Gain("krx_other_etf", pot.value - pot.paid)
    held = place - run.since
    tax = settle_isa(book, kind=terms.kind, years_held=held, results=(gain,)).tax
    run.tax += tax
    return pot.value - tax


def _move(book: Rulebook, terms: _Terms, run: _Run, cash: int) -> int:
    if terms.move is None:
        return cash
    moved = min(terms.move.amount, cash)
    bonus = book.table("pension.transfer_bonus")
    base = min(floor(moved * decimal(bonus["share"])), floor(decimal(bonus["cap"])))
    run.credit_due = floor(base * terms.move.credit)  # paid back with the tax of the next year
    run.credited += base if run.credit_due else 0
    run.pension.pay(moved)
    return cash - moved


def _pay(book: Rulebook, run: _Run, place: int, cash: int, refill: bool) -> None:
    """Pay cash into the ISA as far as it takes it; ordinary money may follow into the room."""
    if run.isa is not None:
        room = max(0, isa_limit(book, place - run.since) - run.isa.paid)
        own = min(room, cash)
        run.isa.pay(own)
        if refill:
            run.isa.pay(_sell(book, run, min(room - own, run.ordinary.value)))
        cash -= own
    run.ordinary.pay(cash)


def _sell(book: Rulebook, run: _Run, amount: int) -> int:
    """Return what selling ordinary holdings of a value brings after tax."""
    if amount <= 0:
        return 0
    pot = run.ordinary
    cost = pot.paid * amount // pot.value
    tax = withheld(book, max(0, amount - cost), book.rate("tax.withholding")).total
    pot.paid -= cost
    pot.value -= amount
    run.tax += tax
    return amount - tax


def _leave_pension(book: Rulebook, terms: _Terms, run: _Run) -> int:
    pot, move = run.pension, terms.move
    if move is None:
        return 0
    found = close_pension(
        book,
        credited=run.credited,
        earnings=pot.value - pot.paid,
        uncredited=pot.paid - run.credited,
    )
    tax = found.tax
    if move.age is not None and move.age >= pension_start(book)[0]:
        tax = _drawn(book, found.taxable, move.age)
    run.tax += tax
    return pot.value - tax


def _drawn(book: Rulebook, taxable: int, age: int) -> int:
    """Return the tax on a pension drawn in equal parts over the years that the limit asks for."""
    years = floor(decimal(book.table("pension.receipt_limit")["years"])) - 1
    received = receive_pension(book, age=age, amount=taxable // years)
    yearly = received.flat if received.separate is None else received.separate
    return years * (yearly or 0)
