"""The individual savings account (개인종합자산관리계좌, ISA): kind, room, and what it owes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jeoul.korea.dates import Opened, opening_year
from jeoul.korea.gains import OVERSEAS, Gain, known, settle_general
from jeoul.korea.levy import Flag, Won, levy
from jeoul.korea.rulebook import Rulebook, Step, names, step
from jeoul.korea.wages import incomes

KINDS = ("general", "low_income", "farmer")
FIRST_YEAR = 2016  # 조세특례제한법 §91의18 came into force with it


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
    """The account at its end: netted, less the tax-free amount, taxed by itself.

    Two readings of the law are open, and the table chooses. ``tax_other_losses`` is the tax if
    losses of Korean-share funds were read the other way, ``tax_other_early`` if the netting of an
    early end was; each equals ``tax`` where its question does not arise.
    """

    net: int
    tax_free: int
    taxable: int
    tax: int
    early: bool
    tax_other_losses: int
    tax_other_early: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class IsaWithdrawal:
    """What a withdrawal does to the account: ``free``, ``early_termination`` or ``settlement``."""

    outcome: str
    free_amount: int
    steps: tuple[Step, ...]


def isa_kind(
    book: Rulebook,
    *,
    wages: Won,
    comprehensive_income: Won = 0,
    other_income: Won = 0,
    financial_income: Won = 0,
    farmer: Flag = False,
) -> IsaKind:
    """Return the kind that the incomes of the year before give, and its tax-free amount.

    ``low_income`` needs wages up to 50 M and nothing else that is taxed comprehensively, or a
    comprehensive income up to 38 M with wages not above 50 M; ``farmer`` a comprehensive income up
    to 38 M. What ``comprehensive_income`` exceeds the wage income by is other income, as
    ``other_income`` is; ``financial_income``, interest and dividends, is taxed comprehensively
    above 20 M. Source: 조세특례제한법 §91의18②.

    >>> from jeoul.korea.tables import load_rules
    >>> isa_kind(load_rules(2026), wages=0, comprehensive_income=38_000_001).kind
    'general'
    """
    if min(wages, comprehensive_income, other_income, financial_income) < 0:
        raise book.refuse(
            "isa.kind", "isa.low_income_wages", "an income is below zero; give 0 or more"
        )
    most_wages, most_total = book.won("isa.low_income_wages"), book.won("isa.low_income_total")
    income = incomes(book, wages, comprehensive_income, other_income, financial_income)
    only_wages = wages > 0 and not income.beside_wages
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
    return IsaKind(kind, tax_free_of(book, "isa.kind", kind), steps)


def tax_free_of(book: Rulebook, rule: str, kind: str) -> int:
    """Return the tax-free amount of a kind of ISA; ``rule`` is who refuses an unknown kind.

    >>> from jeoul.korea.tables import load_rules
    >>> tax_free_of(load_rules(2026), "isa.end", "farmer")
    4000000
    """
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
    opened: Opened,
    year: Won,
    paid: Mapping[str, Won] | None = None,
    withdrawn: Won = 0,
    amount: Won = 0,
) -> IsaRoom:
    """Return what may still be paid in.

    room = min(100 M, 20 M x (1 + years since joining, at most 4)) - everything ever paid in.
    Years are calendar years, so of a date only its year counts. Withdrawals restore nothing, so
    ``withdrawn`` changes no figure. ``paid`` maps years to won. Source: 조세특례제한법 §91의18③5.

    >>> from jeoul.korea.tables import load_rules
    >>> isa_room(load_rules(2026), opened=2024, year=2026, paid={"2024": 5_000_000}).room
    55000000
    """
    rule, key = "isa.room", "isa.annual_unit"
    entries = {} if paid is None else paid
    since = opening_year(opened)
    if year > book.year:
        raise book.refuse(
            rule,
            key,
            f"year {year} lies after the table of {book.year}; give a year up to {book.year}",
        )
    if since > year:
        raise book.refuse(rule, key, f"opened in {since}, after {year}; correct one of the two")
    if withdrawn < 0 or amount < 0 or any(value < 0 for value in entries.values()):
        raise book.refuse(rule, key, "an amount is below zero; give what was paid and withdrawn")
    for when in entries:
        if not when.isdigit() or not since <= int(when) <= year:
            raise book.refuse(
                rule,
                key,
                f"paid in {when!r}, outside {since} to {year}; use a year from {since} to {year}",
            )
    years = min(year - since, book.won("isa.years_cap"))
    limit = isa_limit(book, year - since)
    total = sum(entries.values())
    room = max(0, limit - total)
    steps = [
        step("isa_limit", years=years, limit=limit),
        step("isa_paid", paid=total, room=room),
    ]
    if withdrawn:
        steps.append(step("isa_not_restored", withdrawn=withdrawn))
    accepted = min(amount, room)
    return IsaRoom(
        room=room,
        limit=limit,
        paid=total,
        accepted=accepted,
        refused=amount - accepted,
        steps=tuple(steps),
    )


def isa_limit(book: Rulebook, years: int) -> int:
    """Return the most that may ever have been paid into a contract so many years after joining.

    >>> from jeoul.korea.tables import load_rules
    >>> isa_limit(load_rules(2026), 0), isa_limit(load_rules(2026), 9)
    (20000000, 100000000)
    """
    counted = min(years, book.won("isa.years_cap"))
    return min(book.won("isa.total_cap"), book.won("isa.annual_unit") * (1 + counted))


def settle_isa(
    book: Rulebook,
    *,
    kind: str,
    years_held: Won,
    results: tuple[Gain, ...],
    excused: Flag = False,
    fees: Won = 0,
) -> IsaSettlement:
    """Return the tax when the account ends.

    net = taxed gains - losses - ``fees`` of the account; gains of listed Korean shares and of ETFs
    on them stay untaxed. Losses of shares held directly are deducted; those of Korean-share funds
    are not (``isa.share_fund_losses``). taxable = max(0, net - tax-free amount); 9 %, 9.9 % with
    local tax, never part of the comprehensive income. Before three years the benefit is clawed
    back: the tax of an ordinary account, unless ``excused`` (death, emigration). Sources:
    조세특례제한법 §91의18①②⑤⑥⑦; 시행령 §93의4⑨.

    >>> from jeoul.korea.tables import load_rules
    >>> gains = (Gain("fund", 5_000_000), Gain("kr_stock", -1_000_000))
    >>> settle_isa(load_rules(2026), kind="general", years_held=3, results=gains).tax
    198000
    """
    rule = "isa.settle"
    tax_free = tax_free_of(book, rule, kind)
    if min(years_held, fees) < 0:
        raise book.refuse(rule, "isa.min_years", "years_held or fees is below zero; give 0 or more")
    results = known(book, rule, results)
    if any(entry.asset in OVERSEAS for entry in results):
        raise book.refuse(
            rule,
            "account.foreign_listed",
            "US shares and US-listed funds cannot have been held in an ISA",
        )
    early = years_held < book.won("isa.min_years") and not excused
    deducted = book.table("isa.share_fund_losses")["deducted"] is True
    netting = book.flag("isa.early_netting")
    case = _Case(results, fees, 0 if early else tax_free, early)
    net, steps = _net(book, case, deducted)
    found = _owed(book, case, net, early and not netting)
    other_net, _ = _net(book, case, not deducted)
    other_losses = _owed(book, case, other_net, early and not netting).tax
    other_early = _owed(book, case, net, early and netting).tax
    if early:
        steps.append(step("isa_early", years=book.won("isa.min_years")))
    steps.extend(found.steps)
    if other_losses != found.tax:
        steps.append(step("isa_losses_otherwise", tax=other_losses))
    if other_early != found.tax:
        steps.append(step("isa_early_otherwise", tax=other_early))
    return IsaSettlement(
        net=net,
        tax_free=case.tax_free,
        taxable=found.taxable,
        tax=found.tax,
        early=early,
        tax_other_losses=other_losses,
        tax_other_early=other_early,
        steps=tuple(steps),
    )


@dataclass(frozen=True, slots=True)
class _Case:
    results: tuple[Gain, ...]
    fees: int
    tax_free: int
    early: bool


@dataclass(frozen=True, slots=True)
class _Owed:
    taxable: int
    tax: int
    steps: tuple[Step, ...]


def _net(book: Rulebook, case: _Case, fund_losses: bool) -> tuple[int, list[Step]]:
    untaxed = book.words("isa.shares_untaxed")
    funds = names(book.table("isa.share_fund_losses")["funds"])
    free = sum(max(0, entry.gain) for entry in case.results if entry.asset in untaxed)
    lost = sum(-min(0, entry.gain) for entry in case.results if entry.asset in funds)
    net = sum(entry.gain for entry in case.results) - free - case.fees
    steps = [step("isa_shares_free", free=free)]
    if lost and not fund_losses:
        net += lost
        steps.append(step("isa_fund_losses", lost=lost))
    if case.fees:
        steps.append(step("isa_fees_deducted", fees=case.fees))
    return net, [*steps, step("isa_netted", net=net)]


def _owed(book: Rulebook, case: _Case, net: int, ordinary: bool) -> _Owed:
    """Return the tax on a net result, or on the results one by one as in an ordinary account."""
    if ordinary:
        general = settle_general(book, results=case.results)
        return _Owed(general.taxable, general.tax, general.steps)
    taxable = max(0, net - case.tax_free)
    owed = levy(book, taxable, book.rate("tax.withholding" if case.early else "isa.rate"))
    steps = [step("levied", base=taxable, national=owed.national, local=owed.local)]
    if not case.early:
        steps.insert(0, step("isa_tax_free", tax_free=case.tax_free, taxable=taxable))
    return _Owed(taxable, owed.total, tuple(steps))


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
        raise book.refuse(rule, key, "an amount is below zero; give 0 or more")
    if amount > value:
        raise book.refuse(
            rule,
            key,
            f"amount {amount} is more than the account holds, {value}; give {value} at most",
        )
    free = max(0, paid_in - withdrawn)
    if amount <= free:
        outcome = "free"
    elif years_held < book.won(key):
        outcome = "early_termination"
    else:
        outcome = "settlement"
    steps = (step("isa_withdrawal", amount=amount, free=free, years=years_held),)
    return IsaWithdrawal(outcome, min(free, value), steps)
