"""One account on the day of a decision: what it holds, money that moves, and how it trades."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from jeoul.account.collar import COLLAR, Collar
from jeoul.account.holdings.reading import refuse_empty
from jeoul.account.holdings.record import Holdings
from jeoul.account.orders import account_decision
from jeoul.model.decision import Decision, Proposal, Target
from jeoul.model.instrument import Instrument
from jeoul.model.portfolio import SETTLED, Portfolio, Proceeds, Reason
from jeoul.pipeline import default_rules
from jeoul.pipeline.situation import Situation, never_invested
from jeoul.rebalance import ONLINE, Fresh, Tariff, TradeRules


@dataclass(frozen=True, slots=True, kw_only=True)
class TodaysAccount:
    """An account whose orders are asked for; money is in the currency's smallest unit.

    ``deposit`` is new money beside the holdings, ``withdrawal`` money to pay out. ``collar`` is how
    far limit prices are from the last close, ``stops`` why nothing is bought.
    """

    holdings: Holdings
    deposit: int = 0
    withdrawal: int = 0
    proceeds: Proceeds = SETTLED
    tariff: Tariff = ONLINE
    collar: float = COLLAR
    stops: Reason | None = None

    @property
    def portfolio(self) -> Portfolio:
        """Return what the account decides on: its holdings with the deposit.

        Raises :class:`~jeoul.errors.HoldingsError` for an account that has nothing, and for
        holdings without cash.
        """
        held = self.holdings if self.deposit else refuse_empty(self.holdings)
        portfolio = held.portfolio()
        return replace(portfolio, cash=portfolio.cash + self.deposit)

    @property
    def fresh(self) -> Fresh:
        """Return the money that is new."""
        return Fresh(deposited=self.deposit)

    def rules(self, target: Target) -> TradeRules:
        """Return how the account trades."""
        return default_rules(target, self.tariff)

    def situation(self, proposal: Proposal) -> Situation:
        """Return whether the account was never invested, and why it may not buy."""
        return Situation(first=never_invested(self.portfolio, proposal.classes), stops=self.stops)


def decide_today(
    proposal: Proposal, account: TodaysAccount, instruments: Mapping[str, Instrument]
) -> Decision:
    """Return the decision of an account on a proposal; ``instruments`` are those of its universe.

    Raises what :func:`~jeoul.account.orders.account_decision` raises.
    """
    return account_decision(
        proposal,
        account.portfolio,
        account.fresh,
        account.rules(proposal),
        owed=account.withdrawal,
        proceeds=account.proceeds,
        collar=Collar.of(account.collar, instruments),
        situation=account.situation(proposal),
    )
