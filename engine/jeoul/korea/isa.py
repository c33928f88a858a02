"""The individual savings account (개인종합자산관리계좌, ISA): who, how much, and what it owes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jeoul.korea.gains import OVERSEAS, Gain, known, settle_general
from jeoul.korea.levy import Flag, Won, levy
from jeoul.korea.rulebook import Rulebook, Step, step
from jeoul.korea.wages import incomes

KINDS = ("general", "low_income", "farmer")
FIRST_YEAR = 2016  # 조세특례제한법 §91의18 came into force with it


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether a person may open or extend an ISA, and what stands against it."""

    eligible: bool
    reasons: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class IsaKind:
    """The kind of an ISA and its tax-free amount."""

    kind: str
    tax_free: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class IsaRoom:
    """What may still be paid in this year; ``refused`` is the part of ``amount`` above it."""

    room: int
    limit: int
    paid: int
    accepted: int
    refused: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class IsaSettlement:
    """The account at its end: netted, less the tax-free amount, taxed by itself."""

    net: int
    tax_free: int
    taxable: int
    tax: int
    early: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class IsaWithdrawal:
    """What a withdrawal does to the account: ``free``, ``early_termination`` or ``settlement``."""

    outcome: str
    free_amount: int
    steps: tuple[Step, ...]


def isa_eligible(
    book: Rulebook,
    *,
    age: Won,
    earned_income_last_year: Flag = False,
    financial_income_taxpayer_last_3y: Flag = False,
    resident: Flag = True,
    has_account: Flag = False,
) -> Eligibility:
    """Return whether a person may join, with every reason against.

    Residents of 19 and older, or of 15 and older with wages in the year before, one account each,
    not liable to comprehensive tax on financial income in any of the three years before. Source:
    조세특례제한법 §§91의18①③1, 129의2.

    >>> from jeoul.korea.tables import load_rules
    >>> isa_eligible(load_rules(2026), age=17).reasons
    ('isa_age',)
    """
    if age < 0:
        raise book.refuse("isa.eligible", "isa.min_age", f"age is {age}, below zero")
    needed = book.won("isa.min_age_with_wages" if earned_income_last_year else "isa.min_age")
    reasons = [
        name
        for name, against in (
            ("isa_age", age < needed),
            ("isa_resident", not resident),
            ("isa_taxpayer", financial_income_taxpayer_last_3y),
            ("isa_second", has_account),
        )
        if against
    ]
    steps = [step("isa_age_needed", age=age, needed=needed)]
    years = book.won("isa.taxpayer_years")
    steps.extend(step(name, years=years) for name in reasons if name != "isa_age")
    return Eligibility(not reasons, tuple(reasons), tuple(steps))


def isa_kind(
    book: Rulebook,
    *,
    wages: Won,
    comprehensive_income: Won = 0,
    other_income: Won = 0,
    farmer: Flag = False,
) -> IsaKind:
    """Return the kind that the incomes of the year before give, and its tax-free amount.

    ``low_income`` needs wages up to 50 M and nothing else that is taxed comprehensively, or a
    comprehensive income up to 38 M with wages not above 50 M; ``farmer`` a comprehensive income up
    to 38 M. What ``comprehensive_income`` exceeds the wage income by is other income, as
    ``other_income`` is. Source: 조세특례제한법 §91의18②.

    >>> from jeoul.korea.tables import load_rules
    >>> isa_kind(load_rules(2026), wages=0, comprehensive_income=38_000_001).kind
    'general'
    """
    if min(wages, comprehensive_income, other_income) < 0:
        raise book.refuse("isa.kind", "isa.low_income_wages", "an income is below zero")
    most_wages, most_total = book.won("isa.low_income_wages"), book.won("isa.low_income_total")
    income = incomes(book, wages, comprehensive_income, other_income)
    only_wages = wages > 0 and not income.other
    if farmer and income.total <= most_total:
        kind = "farmer"
    elif wages <= most_wages and (only_wages or income.total <= most_total):
        kind = "low_income"
    else:
        kind = "general"
    steps = (
        step("isa_income_test", wages=wages, most_wages=most_wages),
        step("isa_total_test", total=income.total, most_total=most_total),
    )
    return IsaKind(kind, _tax_free(book, "isa.kind", kind), steps)


def _tax_free(book: Rulebook, rule: str, kind: str) -> int:
    if kind not in KINDS:
        raise book.refuse(
            rule, "isa.tax_free", f"kind {kind!r} is unknown; use one of {', '.join(KINDS)}"
        )
    amount = book.table("isa.tax_free")[kind]
    if not isinstance(amount, int):
        raise TypeError(f"isa.tax_free.{kind} is {amount!r}")
    return amount


def isa_room(
    book: Rulebook,
    *,
    opened: Won,
    year: Won,
    paid: Mapping[str, Won] | None = None,
    withdrawn: Won = 0,
    amount: Won = 0,
) -> IsaRoom:
    """Return what may still be paid in.

    room = min(100 M, 20 M x (1 + years since joining, at most 4)) - everything ever paid in.
    Withdrawals restore nothing, so ``withdrawn`` changes no figure. ``paid`` maps years to won.
    Source: 조세특례제한법 §91의18③5.

    >>> from jeoul.korea.tables import load_rules
    >>> isa_room(load_rules(2026), opened=2024, year=2026, paid={"2024": 5_000_000}).room
    55000000
    """
    rule, key = "isa.room", "isa.annual_unit"
    entries = {} if paid is None else paid
    if year > book.year:
        raise book.refuse(rule, key, f"year {year} lies after the table of {book.year}")
    if opened > year:
        raise book.refuse(rule, key, f"opened in {opened}, after {year}")
    if withdrawn < 0 or amount < 0 or any(value < 0 for value in entries.values()):
        raise book.refuse(rule, key, "an amount is below zero; give what was paid and withdrawn")
    for when in entries:
        if not when.isdigit() or not opened <= int(when) <= year:
            raise book.refuse(rule, key, f"paid in {when!r}, outside {opened} to {year}")
    years = min(year - opened, book.won("isa.years_cap"))
    limit = min(book.won("isa.total_cap"), book.won(key) * (1 + years))
    total = sum(entries.values())
    room = max(0, limit - total)
    steps = [
        step("isa_limit", years=years, limit=limit),
        step("isa_paid", paid=total, room=room),
    ]
    if withdrawn:
        steps.append(step("isa_not_restored", withdrawn=withdrawn))
    accepted = min(amount, room)
    return IsaRoom(room, limit, total, accepted, amount - accepted, tuple(steps))


def settle_isa(
    book: Rulebook,
    *,
    kind: str,
    years_held: Won,
    results: tuple[Gain, ...],
    excused: Flag = False,
) -> IsaSettlement:
    """Return the tax when the account ends.

    net = taxed gains - all losses, where gains of listed Korean shares and of ETFs on them stay
    untaxed and their losses are deducted; taxable = max(0, net - tax-free amount); 9 %, 9.9 % with
    local tax, never part of the comprehensive income. Before three years the benefit is clawed
    back: the tax of an ordinary account, unless ``excused`` (death, emigration). Source:
    조세특례제한법 §91의18①②⑤⑥⑦.

    >>> from jeoul.korea.tables import load_rules
    >>> gains = (Gain("fund", 5_000_000), Gain("kr_stock", -1_000_000))
    >>> settle_isa(load_rules(2026), kind="general", years_held=3, results=gains).tax
    198000
    """
    rule = "isa.settle"
    tax_free = _tax_free(book, rule, kind)
    if years_held < 0:
        raise book.refuse(rule, "isa.min_years", f"years_held is {years_held}, below zero")
    results = known(book, rule, results)
    if any(entry.asset in OVERSEAS for entry in results):
        raise book.refuse(
            rule,
            "account.foreign_listed",
            "US shares and US-listed funds cannot have been held in an ISA",
        )
    net, steps = _net(book, results)
    if years_held < book.won("isa.min_years") and not excused:
        return _early(book, results, net, steps)
    taxable = max(0, net - tax_free)
    owed = levy(book, taxable, book.rate("isa.rate"))
    steps.append(step("isa_tax_free", tax_free=tax_free, taxable=taxable))
    steps.append(step("levied", base=taxable, national=owed.national, local=owed.local))
    return IsaSettlement(net, tax_free, taxable, owed.total, False, tuple(steps))


def _net(book: Rulebook, results: tuple[Gain, ...]) -> tuple[int, list[Step]]:
    untaxed = book.words("isa.shares_untaxed")
    free = sum(max(0, entry.gain) for entry in results if entry.asset in untaxed)
    net = sum(entry.gain for entry in results) - free
    return net, [step("isa_shares_free", free=free), step("isa_netted", net=net)]


def _early(book: Rulebook, results: tuple[Gain, ...], net: int, steps: list[Step]) -> IsaSettlement:
    steps.append(step("isa_early", years=book.won("isa.min_years")))
    if book.flag("isa.early_netting"):
        taxable = max(0, net)
        owed = levy(book, taxable, book.rate("tax.withholding"))
        steps.append(step("levied", base=taxable, national=owed.national, local=owed.local))
        return IsaSettlement(net, 0, taxable, owed.total, True, tuple(steps))
    general = settle_general(book, results=results)
    steps.extend(general.steps)
    return IsaSettlement(net, 0, general.taxable, general.tax, True, tuple(steps))


def isa_withdraw(
    book: Rulebook,
    *,
    paid_in: Won,
    value: Won,
    years_held: Won,
    amount: Won,
    withdrawn: Won = 0,
) -> IsaWithdrawal:
    """Return what taking money out does.

    Up to everything ever paid in (less what was taken already) is free; one won more within three
    years ends the account early; after three years it means settling the account. Source:
    조세특례제한법 §91의18⑧.

    >>> from jeoul.korea.tables import load_rules
    >>> isa_withdraw(
    ...     load_rules(2026), paid_in=10, value=12, years_held=2, amount=11
    ... ).outcome
    'early_termination'
    """
    rule, key = "isa.withdraw", "isa.min_years"
    if min(paid_in, value, years_held, amount, withdrawn) < 0:
        raise book.refuse(rule, key, "an amount is below zero")
    if amount > value:
        raise book.refuse(rule, key, f"amount {amount} is more than the account holds, {value}")
    free = max(0, paid_in - withdrawn)
    if amount <= free:
        outcome = "free"
    elif years_held < book.won(key):
        outcome = "early_termination"
    else:
        outcome = "settlement"
    steps = (step("isa_withdrawal", amount=amount, free=free, years=years_held),)
    return IsaWithdrawal(outcome, min(free, value), steps)
