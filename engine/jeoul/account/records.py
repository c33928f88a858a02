"""What is agreed for an account, and what one session after another did to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from jeoul.account.day import AccountFill, DayFlows
from jeoul.account.exchange import CurrencyExchange
from jeoul.account.price_events import CorporateAction
from jeoul.account.withholding import Taxed, TaxRules
from jeoul.model.portfolio import SETTLED, Order, Portfolio, Proceeds, Reason
from jeoul.model.shown import Brief, Drawn
from jeoul.rebalance import TradeRules


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class AccountTerms(Brief):
    """What is agreed for an account beside its strategy; money in the currency's smallest unit.

    ``deposits`` and ``withdrawals`` are by session, in the money of ``exchange`` where there is
    one. ``interest`` is what settled cash earns over each session, as a decimal fraction. With
    ``parts`` above 1 the account trades that many parts of a share: holdings then count parts, and
    money as many parts of its smallest unit. ``proceeds`` says when buys may spend what sales
    bring. ``taxes`` are the rules of what is withheld, None before tax.
    """

    start: Portfolio
    rules: TradeRules
    deposits: Mapping[date, int] = field(default_factory=dict)
    withdrawals: Mapping[date, int] = field(default_factory=dict)
    interest: Mapping[date, float] = field(default_factory=dict)
    exchange: CurrencyExchange | None = None
    parts: int = 1
    proceeds: Proceeds = SETTLED
    taxes: TaxRules | None = None


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class AccountDay(Brief):
    """One session of the account: what happened, what it held after the close, what it decided.

    ``owed`` is a withdrawal that waits for its money, ``value`` all that is held at the
    newest closes, and ``worth`` that in the owner's money. ``held_back`` says that the model had
    no target that the account could order. ``taxed`` is what the law looks at.
    """

    session: date
    flows: DayFlows
    actions: tuple[CorporateAction, ...]
    fills: tuple[AccountFill, ...]
    portfolio: Portfolio
    owed: int
    value: int
    worth: int
    orders: tuple[Order, ...]
    reasons: tuple[Reason, ...]
    held_back: bool
    taxed: tuple[Taxed, ...] = ()

    def _brief(self) -> Mapping[str, object]:
        return {"session": self.session, "worth": self.worth, "orders": len(self.orders)}


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class AccountRun(Drawn):
    """An account along history: its terms, what it was worth to its owner before, and its days.

    ``approximate`` says that it traded at prices adjusted for dividends, which nobody could have
    traded at, ``simulated`` that they are not those of a real market.
    """

    terms: AccountTerms
    begun: int
    days: tuple[AccountDay, ...]
    approximate: bool
    simulated: bool = False

    def _brief(self) -> Mapping[str, object]:
        first, last = self.days[0], self.days[-1]
        return {"start": first.session, "end": last.session, "worth": last.worth}
