"""The outcomes of decisions as sentences and cells: terminal, statement and page say the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from jeoul.account.hindsight.found import Hindsight
from jeoul.account.hindsight.records import HindsightOutcome, LookedBack, TradedDecision
from jeoul.account.hindsight.summary import LEAST, Between, HindsightSummary
from jeoul.model.portfolio import Side
from jeoul.reporting.formats import MINUS, Formats


@dataclass(frozen=True)
class HindsightWords:
    """A look back in one language."""

    found: Hindsight
    language: str

    @cached_property
    def formats(self) -> Formats:
        """Return the formats of the account's money."""
        return Formats(self.language, "Asia/Seoul", self.found.currency)

    def say(self, name: str, /, **detail: object) -> str:
        """Return a message of the table of these outcomes."""
        return self.formats.say(f"hindsight.{name}", detail)

    def method(self) -> Iterator[str]:
        """Yield what one outcome proves, how it is computed, and what is assumed."""
        yield self.say("proves_nothing")
        yield self.say("definition")
        yield self.say("costs_adjusted" if self.found.approximate else "costs")
        yield self.say("taxed" if self.found.taxed else "untaxed_kind")
        if self.found.taxed and self.found.untaxed:
            yield self.say("untaxed", tickers=", ".join(self.found.untaxed))
        yield self.say("grouped")
        yield self.say("apart_why", least=LEAST)

    def money(self, amount: int) -> str:
        """Return an amount of the account's money, rounded where the account counts parts."""
        return self.formats.money(round(amount / self.found.parts))

    def signed(self, amount: int) -> str:
        """Return a difference of money with its sign."""
        text = self.money(abs(amount))
        return f"{MINUS if amount < 0 else '+' if amount > 0 else ''}{text}"

    def cause(self, cause: str) -> str:
        """Return the name of a cause."""
        return self.say(f"cause_{cause}")

    def orders(self, decision: TradedDecision) -> str:
        """Return the orders of a decision on one line."""
        count = self.formats.count
        return ", ".join(
            f"{self.say(f'side_{each.side.lower()}')} {each.ticker} {count(each.shares)}"
            for each in decision.orders
        )

    def counts(self, decision: TradedDecision) -> str:
        """Return how many orders of a decision sold, and how many bought."""
        sales = sum(order.side is Side.SELL for order in decision.orders)
        return self.say("counts", sales=sales, purchases=len(decision.orders) - sales)

    def share(self, decision: TradedDecision, outcome: HindsightOutcome) -> str:
        """Return the difference of an outcome as a part of the account."""
        part = outcome.effect / decision.value if decision.value > 0 else None
        return self.formats.percent(part, 2, sign=True)

    def outcome(self, decision: TradedDecision, outcome: HindsightOutcome) -> str:
        """Return one outcome as a sentence."""
        return self.say(
            "outcome",
            days=outcome.days,
            day=outcome.day,
            untraded=self.money(outcome.untraded),
            traded=self.money(outcome.traded),
            effect=self.signed(outcome.effect),
            share=self.share(decision, outcome),
        )

    def outcomes(self, looked: LookedBack) -> list[str]:
        """Return what is known of a decision, and what is still to come."""
        if looked.unpriced:
            return [self.say("unpriced", tickers=", ".join(looked.unpriced))]
        return [self.outcome(looked.decision, each) for each in looked.outcomes.values()]

    def better(self, summary: HindsightSummary) -> str:
        """Return how often decisions came out ahead, with the interval where it says something."""
        return self._between(summary.better, summary.better_range, digits=0, sign=False)

    def mean(self, summary: HindsightSummary) -> str:
        """Return the mean difference, with the interval where it says something."""
        return self._between(summary.mean, summary.mean_range, digits=2, sign=True)

    def verdict(self, summary: HindsightSummary) -> str:
        """Return whether the mean difference is more than chance, or that too few are known."""
        if summary.mean_range is None:
            return self.say("too_few", apart=summary.apart, least=LEAST)
        if not summary.tells:
            return self.say("luck")
        return self.say("ahead" if summary.mean_range.low > 0.0 else "behind")

    def summary(self, summary: HindsightSummary) -> str:
        """Return the decisions of one cause and horizon as a sentence."""
        return self.say(
            "summary",
            cause=self.cause(summary.cause),
            days=summary.days,
            known=summary.known,
            better=self.better(summary),
            mean=self.mean(summary),
            verdict=self.verdict(summary),
        )

    def _between(
        self, middle: float | None, ends: Between | None, *, digits: int, sign: bool
    ) -> str:
        percent = self.formats.percent
        if ends is None:
            return percent(middle, digits, sign=sign)
        low, high = (percent(end, digits, sign=sign) for end in ends)
        return self.say("between", middle=percent(middle, digits, sign=sign), low=low, high=high)
