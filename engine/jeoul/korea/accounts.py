"""What each kind of account may hold, and the IRP's limit on risk assets."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from jeoul.korea.levy import Flag, Won, floor
from jeoul.korea.rulebook import Rulebook, Step, names, step
from jeoul.model.instrument import AccountKind

LISTINGS = ("KRX", "US")


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether something may be held or bought, why not, and on what condition."""

    allowed: bool
    reasons: tuple[str, ...]
    conditions: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class IrpHolding:
    """One holding of an IRP: its weight, the equity inside it, and its class under the rule."""

    weight: Decimal
    equity: Decimal
    risk_asset: Flag
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class IrpClass:
    """How an IRP counts a fund: ``risk``, ``safe`` or ``barred``."""

    counts_as: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class LookThrough:
    """Whether the 70 % rule holds, and the equity that it does not see."""

    allowed: bool
    risk: Decimal
    equity: Decimal
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class IrpOrder:
    """A purchase in an IRP, in won."""

    amount: Won
    risk_asset: Flag = True
    leveraged: Flag = False
    inverse: Flag = False
    qualified_tdf: Flag = False
    single_stock: Flag = False
    derivative_risk: Decimal = Decimal(0)
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class IrpPurchase:
    """Whether a purchase passes, and how much of risk assets still may be bought."""

    allowed: bool
    reasons: tuple[str, ...]
    room: int
    steps: tuple[Step, ...]


def may_hold(
    book: Rulebook,
    *,
    account: str,
    listing: str = "KRX",
    kind: str = "etf",
    leveraged: Flag = False,
    inverse: Flag = False,
    derivative_risk: Decimal = Decimal(0),
    manager: str | None = None,
) -> Permission:
    """Return whether an account may hold a product, with every reason against.

    ``manager`` narrows an ISA to ``brokerage``, ``trust`` or ``discretionary``; ``derivative_risk``
    is the fund's derivative risk value as a share of its assets. Sources: 조세특례제한법
    §91의18③3, 퇴직연금감독규정 §§9, 12.

    >>> from jeoul.korea.tables import load_rules
    >>> may_hold(load_rules(2026), account="isa", listing="US", kind="etf").reasons
    ('hold_foreign',)
    """
    rule, key = "account.may_hold", "account.holdings"
    _known(book, rule, account, listing, kind)
    foreign = listing == "US" or kind in ("us_etf", "us_stock")
    geared = leveraged or inverse
    against = {
        "hold_foreign": foreign and account not in book.words("account.foreign_listed"),
        "hold_kind": not foreign and kind not in names(book.table(key)[account]),
        "hold_geared": geared and account in book.words("account.leverage_barred"),
        "hold_derivatives": account in book.words("irp.accounts")
        and derivative_risk > book.rate("account.derivative_risk_cap"),
        "hold_manager": _manager_bars(book, account, kind, manager),
    }
    reasons = tuple(name for name, holds in against.items() if holds)
    conditions = ("hold_education",) if leveraged and not reasons else ()
    deposit = book.table("account.leverage_conditions")["deposit"]
    steps = tuple(
        step(name, account=account, kind=kind, deposit=deposit) for name in (*reasons, *conditions)
    )
    return Permission(not reasons, reasons, conditions, steps)


def _known(book: Rulebook, rule: str, account: str, listing: str, kind: str) -> None:
    key = "account.holdings"
    accounts = book.table(key)
    kinds = names(accounts["general"])
    for name, value, choices in (
        ("account", account, tuple(accounts)),
        ("listing", listing, LISTINGS),
        ("kind", kind, kinds),
    ):
        if value not in choices:
            raise book.refuse(
                rule, key, f"{name} {value!r} is unknown; use one of {', '.join(choices)}"
            )


def _retirement(book: Rulebook, rule: str, kind: str) -> None:
    """Refuse a kind of account that the rules of retirement accounts do not bind."""
    bound = book.words("irp.accounts")
    if kind not in bound:
        raise book.refuse(
            rule,
            "irp.accounts",
            f"kind {kind!r} has no limit on risk assets; use {', '.join(bound)}",
        )


def _manager_bars(book: Rulebook, account: str, kind: str, manager: str | None) -> bool:
    if manager is None:
        return False
    bars = book.table("account.isa_manager_bars")
    if account != AccountKind.ISA or manager not in bars:
        raise book.refuse(
            "account.may_hold",
            "account.isa_manager_bars",
            f"manager {manager!r} of {account!r}; an ISA has one of {', '.join(bars)}",
        )
    return kind in names(bars[manager])


def irp_class(
    book: Rulebook,
    *,
    equity: Decimal,
    qualified_tdf: Flag = False,
    geared: Flag = False,
    kind: str = "irp",
) -> IrpClass:
    """Return how an IRP, or a DC account as ``kind``, counts a fund: risk, safe or barred.

    Up to 50 % in shares a fund counts as safe, above it as a risk asset; a qualified target-date
    fund counts as safe whatever it holds; leveraged and inverse funds are barred. Source:
    퇴직연금감독규정 §§9, 12.

    >>> from jeoul.korea.tables import load_rules
    >>> irp_class(load_rules(2026), equity=Decimal("0.5")).counts_as
    'safe'
    """
    rule, key = "irp.class", "irp.safe_equity"
    _retirement(book, rule, kind)
    if not 0 <= equity <= 1:
        raise book.refuse(rule, key, f"equity is {equity}; give a share of 1")
    most = book.rate(key)
    counts_as = "barred" if geared else "safe" if qualified_tdf or equity <= most else "risk"
    return IrpClass(counts_as, (step("irp_counts", equity=equity, most=most),))


def look_through(
    book: Rulebook, *, holdings: tuple[IrpHolding, ...], kind: str = "irp"
) -> LookThrough:
    """Return whether risk assets stay within 70 % of an IRP or DC, and its real equity share.

    The rule counts a bond-mixed fund of up to 50 % equity as safe; looking through shows what the
    account really holds. Source: 퇴직연금감독규정 §12④.

    >>> from jeoul.korea.tables import load_rules
    >>> shares = IrpHolding(Decimal("0.7"), Decimal(1), True)
    >>> mix = (shares, IrpHolding(Decimal("0.3"), Decimal("0.5"), False))
    >>> look_through(load_rules(2026), holdings=mix).equity
    Decimal('0.85')
    """
    rule, key = "irp.look_through", "irp.risk_cap"
    _retirement(book, rule, kind)
    total = sum((part.weight for part in holdings), Decimal(0))
    if total > 1 or any(not 0 <= p.weight <= 1 or not 0 <= p.equity <= 1 for p in holdings):
        raise book.refuse(rule, key, "weights and equity are shares of 1, and weights sum to 1")
    risk = sum((part.weight for part in holdings if part.risk_asset), Decimal(0))
    equity = sum((part.weight * part.equity for part in holdings), Decimal(0))
    cap = book.rate(key)
    return LookThrough(
        risk <= cap,
        risk,
        equity.normalize(),
        (step("irp_risk", risk=risk, cap=cap), step("irp_equity", equity=equity)),
    )


def irp_buy(
    book: Rulebook, *, account: Won, risk: Won, order: IrpOrder, kind: str = "irp"
) -> IrpPurchase:
    """Return whether an IRP, or a DC account as ``kind``, may place a purchase.

    ``account`` is everything in it with its cash, ``risk`` the risk assets already held. Leveraged
    and inverse funds, single shares and funds with derivative risk above 40 % are barred; risk
    assets may reach 70 % by buying, and drift above it forces no sale; a qualified TDF counts as
    safe. Source: 퇴직연금감독규정 §§9, 12.

    >>> from jeoul.korea.tables import load_rules
    >>> irp_buy(load_rules(2026), account=10, risk=6, order=IrpOrder(2)).reasons
    ('irp_over_cap',)
    """
    rule, key = "irp.buy", "irp.risk_cap"
    _retirement(book, rule, kind)
    if min(account, risk, order.amount) < 0 or risk > account:
        raise book.refuse(rule, key, "an amount is below zero, or risk above the account")
    room = max(0, floor(account * book.rate(key)) - risk)
    counts = order.risk_asset and not order.qualified_tdf
    against = {
        "hold_geared": order.leveraged or order.inverse,
        "irp_single_stock": order.single_stock,
        "hold_derivatives": order.derivative_risk > book.rate("account.derivative_risk_cap"),
        "irp_over_cap": counts and order.amount > room,
        "irp_no_cash": order.amount > account - risk,
    }
    reasons = tuple(name for name, holds in against.items() if holds)
    steps = (
        step("irp_room", room=room, amount=order.amount),
        *(step(name, account=kind, kind="") for name in reasons),
    )
    return IrpPurchase(not reasons, reasons, room, steps)
