"""The facts of a statement as sentences: terminal and page say the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isnan

from jeoul.reporting.formats import Formats
from jeoul.reporting.statement.facts import (
    AccountFacts,
    DecisionsDone,
    Drift,
    Missed,
    Paying,
    Returns,
    ReturnWindow,
    SpanFigures,
    StatementFacts,
    YearTax,
)
from jeoul.reporting.text import Text

MISSED = 5
"""Orders without a full fill that an account lists; all are in the JSON."""

AMOUNTS = ("opening", "paid_in", "taken_out", "gain", "value")
INSIDE = ("costs", "taxes", "distributions", "interest", "currency_gain")
RATES = ("time_weighted", "money_weighted", "currency", "real")


@dataclass(frozen=True)
class StatementWords:
    """A statement's facts in one language. ``won`` formats won."""

    facts: StatementFacts
    language: str

    @cached_property
    def won(self) -> Formats:
        """Return the formats of won amounts."""
        return Formats(self.language, "Asia/Seoul")

    def say(self, name: str, /, **detail: object) -> str:
        """Return a message of the statement's own table."""
        return self.won.say(f"statement.{name}", detail)

    def into(self, text: Text) -> str:
        """Return a text in this language."""
        return text.into(self.language)

    def title(self, account: AccountFacts) -> str:
        """Return what an account is called, with its id."""
        return f"{self.into(account.title)} [{account.id}]"

    @property
    def head(self) -> str:
        """Return whose statement it is, and of which days."""
        figures = self.facts.figures
        return self.say("head", title=self.facts.title, start=figures.start, end=figures.end)

    @property
    def lead(self) -> str:
        """Return in one line what the span came to."""
        figures, returns = self.facts.figures, self.facts.figures.returns
        if figures.start == figures.end:
            return self.say("lead_begun", day=figures.end)
        short = isnan(returns.time_weighted)
        rate = self.won.percent(_either(returns.time_weighted, returns.total_return), 2)
        real = _either(returns.real_yearly, returns.real_return)
        return self.say(
            "lead_gain" if figures.gain >= 0 else "lead_loss",
            gain=self.won.money(abs(figures.gain)),
            rate=self.say("lead_span" if short else "lead_yearly", rate=rate),
            real="" if real is None else self.say("lead_real", rate=self.won.percent(real, 2)),
        ).strip()

    @property
    def assessed(self) -> bool:
        """Return whether the years are assessed, over all accounts of a person."""
        return any(each.assessed is not None for each in self.facts.taxes)

    def inside(self, figures: SpanFigures) -> list[tuple[str, int]]:
        """Return the parts of a gain that are not 0, with what they are called."""
        named = {"currency_gain": "currency"}
        found = [(named.get(name, name), getattr(figures, name)) for name in INSIDE]
        return [(self.say(name), amount) for name, amount in found if amount]

    @property
    def rates(self) -> list[str]:
        """Return which returns are shown: that of exchange rates only with foreign accounts."""
        unknown = {"currency": self.facts.rates is None, "real": self.facts.inflation is None}
        return [name for name in RATES if not unknown.get(name)]

    def returns(self, returns: Returns) -> list[str]:
        """Return the cells of a span's returns; of less than a year those of the span as it is."""
        percent = self.won.percent
        shown = {
            "time_weighted": _either(returns.time_weighted, returns.total_return),
            "money_weighted": _either(returns.money_weighted, returns.money_return),
            "currency": _either(returns.currency_yearly, returns.currency),
            "real": _either(returns.real_yearly, returns.real_return),
        }
        return [percent(shown[name], 2) for name in self.rates]

    def spans(
        self, figures: SpanFigures, windows: Sequence[ReturnWindow]
    ) -> list[tuple[str, Returns]]:
        """Return spans that the account is old enough for, the statement's own first."""
        usual = [(self.say(f"span_{name}"), found) for name, _, found in windows if found]
        return [(self.say("span_this"), figures.returns), *usual]

    @property
    def notes(self) -> Iterator[str]:
        """Yield how the figures are to be read."""
        facts = self.facts
        yield self.say("annual_note")
        yield self.inflation
        if facts.rates is not None:
            yield self.say("rates", series=facts.rates)
        if facts.undated:
            yield self.say("undated", accounts=", ".join(facts.undated), end=facts.figures.end)
        if facts.left_out:
            yield self.say("left_out", accounts=", ".join(facts.left_out))
        for account in facts.accounts:
            yield from self._of_account(account)
        yield self.say("past_note")

    @property
    def inflation(self) -> str:
        """Return where the rise of prices comes from."""
        source = self.facts.inflation
        if source is None:
            return self.say("inflation_none")
        if source.country is None:
            return self.say("inflation_rate", rate=self.won.percent(source.rate, 2))
        return self.say(f"inflation_{source.country.lower()}", series=source.series)

    def _of_account(self, account: AccountFacts) -> Iterator[str]:
        title = self.title(account)
        if account.unpriced:
            yield self.say("unpriced", account=title, codes=", ".join(account.unpriced))
        if account.approximate:
            yield self.say("approximate", account=title)
        if account.figures.unexplained:
            amount = self.won.money(account.figures.unexplained)
            yield self.say("unexplained_note", account=title, amount=amount)

    def done(self, done: DecisionsDone) -> list[str]:
        """Return what was decided against what was done."""
        if not done.orders:
            return [self.say("decided_none", runs=done.runs)]
        money = self.won.money
        rest = done.orders - done.whole
        line = self.say(
            "decided_line", runs=done.runs, orders=done.orders, whole=done.whole, rest=rest
        )
        name = "decided_worth" if done.slippage >= 0 else "decided_better"
        worth = self.say(
            name,
            planned=money(done.planned),
            filled=money(done.filled),
            slippage=money(abs(done.slippage)),
        )
        return [line, worth]

    def missed(self, done: DecisionsDone) -> list[str]:
        """Return the newest orders that were not filled in full, and how many more there are."""
        lines = [self._missed(each) for each in reversed(done.missed[-MISSED:])]
        more = len(done.missed) - MISSED
        return [*lines, self.say("missed_more", count=more)] if more > 0 else lines

    def _missed(self, order: Missed) -> str:
        return self.say(
            "missed_line",
            session=order.session,
            side=self.say(f"side_{order.side.lower()}"),
            name=self.into(order.name),
            code=order.code,
            planned=self.won.count(order.planned),
            filled=self.won.count(order.filled),
            state=self.say(f"state_{order.state}"),
        )

    def drift(self, drift: Drift | None) -> str:
        """Return how far an account is from its last decision."""
        if drift is None:
            return self.say("drift_none")
        name = "drift_together" if drift.with_others else "drift_line"
        return self.say(name, drift=self.won.percent(drift.drift), session=drift.session)

    def code(self, code: str, name: Text) -> str:
        """Return a fund with its code, or cash."""
        return self.say("cash") if code == "CASH" else f"{self.into(name)} ({code})"

    def income(self, income: tuple[Paying, ...] | None) -> str:
        """Return what distributions are to come, if funds pay what they paid."""
        if income is None:
            return self.say("income_none")
        end = self.facts.figures.end
        if not income:
            return self.say("income_nothing", end=end)
        amount = self.won.money(sum(each.amount for each in income))
        return self.say("income_line", end=end, amount=amount)

    def year(self, tax: YearTax) -> str:
        """Return a year, and whether it is not over."""
        shown = str(tax.year) if tax.whole else self.say("year_so_far", year=tax.year)
        several = len({each.person for each in self.facts.taxes}) > 1
        return f"{tax.person} {shown}" if several else shown

    def year_parts(self, tax: YearTax) -> list[tuple[str, str]]:
        """Return the taxes of a year that are not 0, with what they are called, and their sum."""
        found = tax.assessed
        parts: list[tuple[str, int | None]] = [("withheld", tax.withheld)]
        if found is not None:
            parts += [
                ("overseas", found.overseas),
                ("comprehensive", found.comprehensive),
                ("health", found.health),
                ("credit", -found.credit),
            ]
            total = ("total", tax.withheld + found.total)
            parts = [each for each in parts if each[1] != 0] + [total]
        return [(self.say(name), self.won.money(amount)) for name, amount in parts]


def _either(yearly: float | None, whole: float | None) -> float | None:
    """Return a yearly rate, of less than a year the return of the span; None stays unknown."""
    return whole if yearly is not None and isnan(yearly) else yearly
