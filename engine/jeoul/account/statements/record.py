"""What a statement of tax paid says, in won, before it is compared with anything."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from jeoul.account.money_keys import NoMoney
from jeoul.korea.levy import Won

KINDS = ("interest", "dividend", "isa", "pension", "other")
"""What was paid: interest and dividends of an ordinary account (a fund's gain is a dividend), the
income of an ISA that was closed, a pension drawn, and money taken from a pension otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateLine:
    """One line of a certificate of withholding (이자ㆍ배당소득 원천징수영수증 and its kin).

    ``income`` is the amount paid (지급액, 소득금액), ``untaxed`` the part of it without tax
    (비과세, 과세제외금액), ``loss`` what was deducted from it, ``foreign`` the foreign tax credited
    against ``national``. ``rate`` is the national rate as printed, None where none is.
    """

    kind: str
    income: NoMoney
    national: NoMoney
    local: NoMoney
    rate: Decimal | None = None
    untaxed: NoMoney = 0
    loss: NoMoney = 0
    foreign: NoMoney = 0
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WithholdingCertificate:
    """The payments of a year, as the broker that withheld from them certifies them."""

    year: Won
    payments: tuple[CertificateLine, ...]
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class YearSettlement:
    """The settlement of a year's tax (근로소득 원천징수영수증), or the return filed in May.

    ``base`` is 종합소득과세표준, ``other_credits`` every tax credit beside those of wages and of
    pension accounts, ``determined`` 결정세액 with its local tax beside it. ``financial`` are the
    interest and dividends that a return includes. None is what the statement does not say.
    """

    year: Won
    wages: NoMoney
    determined: NoMoney
    determined_local: NoMoney
    other_income: NoMoney | None = None
    dependants: Won | None = None
    base: NoMoney | None = None
    other_credits: NoMoney | None = None
    pension_credit: NoMoney | None = None
    pension_savings: NoMoney | None = None
    irp: NoMoney | None = None
    financial: NoMoney | None = None
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}
