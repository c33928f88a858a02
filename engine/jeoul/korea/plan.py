"""One year's money: into which accounts, in which order, worth how much, by when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from jeoul.korea.gains import Gain
from jeoul.korea.income import financial_income
from jeoul.korea.isa import isa_eligible, isa_room, settle_isa
from jeoul.korea.overseas import settle_overseas
from jeoul.korea.pension import pension_credit
from jeoul.korea.person import Person
from jeoul.korea.rulebook import Rulebook, Step, decimal, step
from jeoul.korea.won import floor
from jeoul.korea.worth import Split, extra_tax, kind_of, worth

TEXTBOOK = ("pension_savings", "irp", "isa_free", "isa", "pension_more", "general")
"""The order of the popular articles: the steps that are tried in every order, and the yardstick."""


@dataclass(frozen=True, slots=True)
class Pour:
    """One step of the waterfall: an amount into an account, and what it is worth.

    ``value`` is what it adds after all taxes at the horizon over leaving the money in an ordinary
    account, ``credit`` the part that comes back with this year's tax.
    """

    account: str
    amount: int
    value: int
    credit: int
    deadline: str | None


@dataclass(frozen=True, slots=True)
class Meter:
    """A limit: how much of it is used, and what is left."""

    name: str
    used: int
    limit: int

    @property
    def left(self) -> int:
        """Return what is left, never below zero."""
        return max(0, self.limit - self.used)


@dataclass(frozen=True, slots=True)
class Plan:
    """The year's plan for one person."""

    pours: tuple[Pour, ...]
    split: Split
    value: int
    textbook_value: int
    meters: tuple[Meter, ...]
    isa: tuple[Step, ...]
    financial: tuple[Step, ...]
    overseas: tuple[Step, ...]


def make_plan(book: Rulebook, person: Person) -> Plan:
    """Return the contribution waterfall that is worth most for this person.

    Every order of the steps (credited pension savings, credited IRP, the ISA up to its tax-free
    gain, the rest of the ISA, pension beyond the credit, ordinary account) is filled with the
    budget up to its limits and valued with the rulebook's own functions; the best is kept, ties go
    to the money that stays easier to reach. Raises :class:`RuleError` for another year than the
    rulebook's.
    """
    if person.year != book.year:
        raise book.refuse(
            "plan", "isa.annual_unit", f"year {person.year}, the table is of {book.year}"
        )
    rooms = _rooms(book, person)
    split = _best(book, person, rooms)
    textbook = _fill(person, TEXTBOOK, rooms)
    ordinary = worth(book, person, Split(general=person.budget)).terminal
    return Plan(
        _pours(book, person, split, rooms),
        split,
        worth(book, person, split).terminal - ordinary,
        worth(book, person, textbook).terminal - ordinary,
        _meters(book, person, split),
        _isa_steps(book, person, split),
        _financial_steps(book, person),
        _overseas_steps(book, person),
    )


@dataclass(frozen=True, slots=True)
class _Rooms:
    """What each step may still take, in won."""

    savings_credit: int
    both_credit: int
    pension: int
    isa_free: int
    isa: int


def _rooms(book: Rulebook, person: Person) -> _Rooms:
    savings_cap, both_cap = book.won("pension.savings_cap"), book.won("pension.combined_cap")
    counted = min(person.pension_paid, savings_cap)
    paid = person.pension_paid + person.irp_paid
    room = _isa_left(book, person)
    return _Rooms(
        savings_credit=max(0, savings_cap - counted),
        both_credit=max(0, both_cap - counted - person.irp_paid),
        pension=max(
            0,
            min(book.won("pension.annual_cap") - paid, person.budget - person.keep_liquid),
        ),
        isa_free=min(room, _untaxed_amount(book, person)),
        isa=room,
    )


def _isa_left(book: Rulebook, person: Person) -> int:
    if person.isa is not None:
        return isa_room(
            book,
            opened=person.isa.opened,
            year=person.year,
            paid=person.isa.paid,
            withdrawn=person.isa.withdrawn,
        ).room
    joining = isa_eligible(
        book,
        age=person.age,
        earned_income_last_year=person.wages > 0,
        financial_income_taxpayer_last_3y=person.financial_income_taxpayer_last_3y,
        resident=person.resident,
    )
    return isa_room(book, opened=person.year, year=person.year).room if joining.eligible else 0


def _untaxed_amount(book: Rulebook, person: Person) -> int:
    """Return the largest payment whose assumed gain stays within the tax-free amount."""
    allowance = book.table("isa.tax_free")[kind_of(book, person)]
    if not isinstance(allowance, int):
        raise TypeError("isa.tax_free holds no integer")
    used = 0 if person.isa is None else max(0, person.isa.gain)
    per_won = (1 + person.growth) ** person.horizon_years - 1
    return person.budget if per_won <= 0 else int(max(0, allowance - used) / per_won)


def _fill(person: Person, order: Sequence[str], rooms: _Rooms) -> Split:
    left, savings, irp, isa = person.budget, 0, 0, 0
    for name in order:
        pension = rooms.pension - savings - irp
        credited = rooms.both_credit - min(savings, rooms.savings_credit) - irp
        room = {
            "pension_savings": min(pension, credited, rooms.savings_credit - savings),
            "irp": min(pension, credited),
            "isa_free": rooms.isa_free - isa,
            "isa": rooms.isa - isa,
            "pension_more": pension,
            "general": left,
        }[name]
        amount = max(0, min(left, room))
        left -= amount
        savings += amount if name in ("pension_savings", "pension_more") else 0
        irp += amount if name == "irp" else 0
        isa += amount if name in ("isa_free", "isa") else 0
    return Split(savings, irp, isa, person.budget - savings - irp - isa)


def _best(book: Rulebook, person: Person, rooms: _Rooms) -> Split:
    splits = {_fill(person, order, rooms) for order in permutations(TEXTBOOK)}
    return max(
        splits,
        key=lambda s: (worth(book, person, s).terminal, -s.pension_savings - s.irp, -s.irp, -s.isa),
    )


def _pours(book: Rulebook, person: Person, split: Split, rooms: _Rooms) -> tuple[Pour, ...]:
    """Return the parts of a split in the order of what they add per won, each valued in turn."""
    credited = min(split.pension_savings, rooms.savings_credit, rooms.both_credit)
    untaxed = min(split.isa, rooms.isa_free)
    parts = {
        "pension_savings": credited,
        "irp": split.irp,
        "isa_free": untaxed,
        "isa": split.isa - untaxed,
        "pension_more": split.pension_savings - credited,
        "general": split.general,
    }
    everything = Split(general=person.budget)
    alone = {
        name: _moved(book, person, everything, name, amount)[0].value
        for name, amount in parts.items()
        if amount
    }
    # to the hundredth of a won per won: what is worth the same goes in the textbook's order
    order = sorted(
        alone, key=lambda name: (-round(alone[name] / parts[name], 2), TEXTBOOK.index(name))
    )
    pours, so_far = [], everything
    for name in order:
        pour, so_far = _moved(book, person, so_far, name, parts[name])
        pours.append(pour)
    return tuple(pours)


def _moved(
    book: Rulebook, person: Person, so_far: Split, name: str, amount: int
) -> tuple[Pour, Split]:
    """Return what moving an amount out of the ordinary account adds, and the split after it."""
    after = so_far
    if name != "general":
        account = {"pension_more": "pension_savings", "isa_free": "isa"}.get(name, name)
        after = replace(
            so_far,
            general=so_far.general - amount,
            **{account: getattr(so_far, account) + amount},
        )
    before, here = worth(book, person, so_far), worth(book, person, after)
    dated = name in ("pension_savings", "irp", "pension_more")
    pour = Pour(
        name,
        amount,
        here.terminal - before.terminal,
        here.credit - before.credit,
        f"{person.year}-12-31" if dated else None,
    )
    return pour, after


def _meters(book: Rulebook, person: Person, split: Split) -> tuple[Meter, ...]:
    savings, irp = person.pension_paid + split.pension_savings, person.irp_paid + split.irp
    isa_paid = sum(person.isa.paid.values()) if person.isa else 0
    return (
        Meter("isa", isa_paid + split.isa, isa_paid + _isa_left(book, person)),
        Meter("isa_total", isa_paid + split.isa, book.won("isa.total_cap")),
        Meter("pension_annual", savings + irp, book.won("pension.annual_cap")),
        Meter(
            "pension_savings_credit",
            min(savings, book.won("pension.savings_cap")),
            book.won("pension.savings_cap"),
        ),
        Meter(
            "pension_both_credit",
            min(
                min(savings, book.won("pension.savings_cap")) + irp,
                book.won("pension.combined_cap"),
            ),
            book.won("pension.combined_cap"),
        ),
        Meter(
            "financial_income",
            person.financial_income + person.planned_gain,
            book.won("income.financial_limit"),
        ),
        Meter("overseas_deduction", max(0, person.overseas_realised), book.won("us.deduction")),
    )


def _isa_steps(book: Rulebook, person: Person, split: Split) -> tuple[Step, ...]:
    state = person.isa
    if state is None:
        return ()
    matures = state.opened + book.won("isa.min_years")
    if person.year < matures:
        return (step("plan_isa_matures", year=matures),)
    settled = settle_isa(
        book,
        kind=kind_of(book, person),
        years_held=person.year - state.opened,
        results=(Gain("krx_other_etf", state.gain),),
    )
    net = max(0, state.value - settled.tax)
    without = _transfer_credit(book, person, split, 0)
    full = book.table("pension.transfer_bonus")
    share, cap = decimal(full["share"]), decimal(full["cap"])
    moved = min(net, floor(cap / share))
    credit = _transfer_credit(book, person, split, moved) - without
    return (
        step("plan_isa_matured", year=matures, tax=settled.tax, net=net),
        step(
            "plan_isa_transfer",
            moved=moved,
            credit=credit,
            days=book.won("isa.transfer_days"),
        ),
    )


def _transfer_credit(book: Rulebook, person: Person, split: Split, moved: int) -> int:
    return max(
        pension_credit(
            book,
            wages=person.wages,
            comprehensive_income=person.comprehensive_income,
            pension_savings=person.pension_paid + split.pension_savings,
            irp=person.irp_paid + split.irp,
            isa_transfer=moved,
            isa_transfer_to=target,
            tax_due=person.tax_due,
        ).credit
        for target in ("pension_savings", "irp")
    )


def _financial_steps(book: Rulebook, person: Person) -> tuple[Step, ...]:
    limit = book.won("income.financial_limit")
    total = person.financial_income + person.planned_gain
    if total <= limit:
        return (step("plan_financial_within", total=total, left=limit - total),)
    before = financial_income(
        book, financial=person.financial_income, other_income=person.taxable_income
    )
    now = before.extra + before.local_extra + extra_tax(book, person, person.planned_gain)
    steps = [step("plan_financial_crosses", total=total, over=total - limit, extra=now)]
    if person.planned_gain:
        half = person.planned_gain // 2
        # next year is assumed to bring the same interest and dividends as this one
        two = 2 * (before.extra + before.local_extra)
        two += extra_tax(book, person, half) + extra_tax(book, person, person.planned_gain - half)
        one = now + before.extra + before.local_extra
        steps.append(step("plan_financial_split", saved=max(0, one - two)))
        room = max(0, limit - person.financial_income)
        steps.append(step("plan_financial_room", room=min(room, person.planned_gain)))
    steps.append(step("plan_financial_accounts"))
    return tuple(steps)


def _overseas_steps(book: Rulebook, person: Person) -> tuple[Step, ...]:
    left = max(0, book.won("us.deduction") - max(0, person.overseas_realised))
    amount = min(left, person.overseas_gain)
    if not amount:
        return ()
    later = settle_overseas(book, gains=(book.won("us.deduction") + person.overseas_gain,)).tax
    kept = settle_overseas(
        book, gains=(book.won("us.deduction") + person.overseas_gain - amount,)
    ).tax
    return (step("plan_overseas", amount=amount, saved=later - kept, by=f"{person.year}-12"),)
