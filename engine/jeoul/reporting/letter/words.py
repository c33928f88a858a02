"""The facts of a letter as sentences and cells: the page and the terminal say the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import isnan

from jeoul.model.portfolio import CASH
from jeoul.reporting.charts.figure import FigureTable
from jeoul.reporting.formats import Formats
from jeoul.reporting.letter.facts import (
    Compared,
    FilledTrade,
    LetterFacts,
    LetterHolding,
    Managed,
    Scaled,
)
from jeoul.reporting.reasons import reason_text
from jeoul.reporting.statement.facts import AccountFacts
from jeoul.reporting.statement.words import StatementWords
from jeoul.reporting.text import Text

LARGEST = 10
"""Holdings that a letter lists, as the report of a fund does."""
LISTED = 30
"""Trades that a letter lists; all are in the JSON."""


@dataclass(frozen=True)
class LetterWords:
    """A letter's facts in one language."""

    facts: LetterFacts
    language: str

    @cached_property
    def won(self) -> Formats:
        """Return the formats of won amounts."""
        return Formats(self.language, "Asia/Seoul")

    @cached_property
    def statement(self) -> StatementWords:
        """Return the words of the statement inside the letter."""
        return StatementWords(self.facts.statement, self.language)

    def say(self, name: str, /, **detail: object) -> str:
        """Return a message of the letter's own table."""
        return self.won.say(f"letter.{name}", detail)

    def into(self, text: Text) -> str:
        """Return a text in this language."""
        return text.into(self.language)

    def account(self, name: str) -> str:
        """Return what an account is called, its id where the statement does not have it."""
        for each in self.facts.statement.accounts:
            if each.id == name:
                return self.statement.title(each)
        return name

    # -- overview ---------------------------------------------------------------------------------

    @property
    def overview(self) -> list[tuple[str, str, str]]:
        """Return the key figures: what they are called, what they are, and a remark."""
        figures, money = self.facts.statement.figures, self.won.money
        rate = self.won.percent(figures.returns.total_return, 2, sign=True)
        return [
            (self.statement.say("opening"), money(figures.opening), ""),
            (self.statement.say("paid_in"), money(figures.paid_in), ""),
            (self.statement.say("taken_out"), money(figures.taken_out), ""),
            (self.statement.say("gain"), money(figures.gain), ""),
            (self.statement.say("value"), money(figures.value), ""),
            (self.say("quarter_return"), rate, self.say("time_weighted")),
        ]

    @property
    def accounts(self) -> FigureTable:
        """Return the table of accounts: value, gain and return, and who manages them."""
        managed = {each.id: each for each in self.facts.managed}
        heads = (
            self.say("account"),
            self.say("profile"),
            self.statement.say("value"),
            self.statement.say("gain"),
            self.say("quarter_return"),
        )
        rows = [
            (
                self.statement.title(each),
                self._managed(managed.get(each.id), each.id),
                self.won.money(each.figures.value),
                self.won.money(each.figures.gain),
                self.won.percent(each.figures.returns.total_return, 2, sign=True),
            )
            for each in self.facts.statement.accounts
        ]
        return FigureTable(heads, tuple(rows))

    def _managed(self, managed: Managed | None, account: str) -> str:
        if managed is not None:
            profile, strategy = managed.profile, managed.strategy
        elif account in self.facts.firm:
            profile, strategy = self.facts.firm[account]
        else:
            return self.say("unmanaged")
        return f"{self.won.say(f'profile.{profile}')} · {self.into(strategy)}"

    @property
    def lead(self) -> str:
        """Return what the letter is based on."""
        return self.say("lead_firm" if self.facts.firm else "lead")

    @property
    def nobody(self) -> str:
        """Return what is said where no account is compared with a benchmark."""
        return self.say("firm_only" if self.facts.firm else "nobody")

    # -- course and returns -----------------------------------------------------------------------

    def course(self, managed: Managed) -> str:
        """Return what the rules did in the quarter, in a sentence or two."""
        looked = managed.lived - managed.missed
        name = "looked" if managed.missed else "looked_all"
        said = self.say(name, sessions=managed.lived, looked=looked, missed=managed.missed)
        if managed.scaled:
            return said
        scale = self.won.percent(managed.scale, 0)
        return f"{said} {self.say('unscaled', scale=scale)}"

    def scaled(self, each: Scaled) -> str:
        """Return that risk assets were cut or taken back on a session, and why."""
        name = "cut" if each.now < each.before else "rise"
        before, now = (self.won.percent(scale, 0) for scale in (each.before, each.now))
        said = self.say(name, session=each.session, before=before, now=now)
        reasons = (reason_text(reason, self.language) for reason in each.reasons)
        return " ".join([said, *(f"{reason.rstrip('.')}." for reason in reasons)])

    def compared(self, managed: Managed) -> FigureTable:
        """Return the table of an account's returns beside its benchmark."""
        heads = ("", "own", "benchmark", "difference", "tracking_error")
        rows = [
            (
                self._span(each),
                self.won.percent(each.own, 2),
                self.won.percent(each.benchmark, 2),
                self.won.points(each.own - each.benchmark),
                self._deviation(each),
            )
            for each in managed.compared
        ]
        return FigureTable(tuple(self.say(head) if head else "" for head in heads), tuple(rows))

    @property
    def together(self) -> FigureTable:
        """Return the table of returns of all accounts together, as a statement has it."""
        words, figures = self.statement, self.facts.statement.figures
        heads = ("", *(words.say(name) for name in words.rates))
        spans = words.spans(figures, self.facts.statement.windows)
        (_, own), *usual = spans
        named = [(self.facts.quarter, own), *usual]
        rows = [(name, *words.returns(found)) for name, found in named if found is not None]
        return FigureTable(heads, tuple(rows))

    def _span(self, each: Compared) -> str:
        return self.say(f"span_{each.span}", start=each.start)

    def _deviation(self, each: Compared) -> str:
        if isnan(each.tracking_error):
            return self.won.percent(each.tracking_error)
        parts = (self.won.percent(value, 2) for value in (each.tracking_error, each.error))
        return " ± ".join(parts)

    # -- composition ------------------------------------------------------------------------------

    @property
    def currencies(self) -> FigureTable:
        """Return the table of currencies before and at the end of the quarter."""
        heads = (self.say("currency"), self.say("before"), self.say("now"))
        percent = self.won.percent
        return FigureTable(
            heads,
            tuple(
                (self.into(part.name), percent(part.before), percent(part.now))
                for part in self.facts.by_currency
            ),
        )

    @property
    def largest(self) -> FigureTable:
        """Return the table of the largest holdings."""
        names = {item.key: item.name for item in self.facts.classes}
        heads = (self.say("security"), self.say("class"), self.say("worth"), self.say("share"))

        def row(each: LetterHolding) -> tuple[str, ...]:
            name = self.into(names[each.asset_class])
            called = self.into(each.name)
            title = called if each.code in (CASH, called) else f"{called} ({each.code})"
            return title, name, self.won.money(each.value), self.won.percent(each.share)

        return FigureTable(heads, tuple(map(row, self.facts.holdings[:LARGEST])))

    # -- costs and trades -------------------------------------------------------------------------

    @property
    def costs(self) -> FigureTable:
        """Return the table of costs: amounts of the quarter and rates a year."""
        costs, percent, money = self.facts.costs, self.won.percent, self.won.money
        figures = self.facts.statement.figures
        unknown = self.won.say("report.unknown")
        funds = unknown if costs.unknown >= 1.0 else percent(costs.funds_rate, 3)
        return FigureTable(
            (self.say("cost"), self.say("amount"), self.say("rate")),
            (
                (self.say("cost_trading"), money(costs.trading), percent(costs.trading_rate, 3)),
                (self.say("cost_funds"), "–", funds),
                (self.say("cost_total"), "", percent(costs.total_rate, 3)),
                (self.say("cost_taxes"), money(figures.taxes), ""),
            ),
        )

    @property
    def turnover(self) -> str:
        """Return what was bought and sold, in a sentence."""
        trades = self.facts.trades
        return self.say(
            "turnover_short" if isnan(trades.turnover_rate) else "turnover",
            bought=self.won.money(trades.bought),
            sold=self.won.money(trades.sold),
            turnover=self.won.percent(trades.turnover),
            yearly=self.won.percent(trades.turnover_rate),
        )

    def done(self, account: AccountFacts) -> list[str]:
        """Return what was decided for an account against what was done; [] without decisions."""
        if account.done is None:
            return []
        return [*self.statement.done(account.done), *self.statement.missed(account.done)]

    @property
    def trades(self) -> FigureTable:
        """Return the table of trades, the largest of them where there are many, by date."""
        heads = ("session", "account", "side", "security", "shares", "worth", "reason")
        kept = sorted(self.facts.traded, key=lambda each: -each.amount)[:LISTED]
        rows = sorted(kept, key=lambda each: (each.session, each.account, each.side, each.code))
        return FigureTable(tuple(map(self.say, heads)), tuple(map(self._trade, rows)))

    def _trade(self, each: FilledTrade) -> tuple[str, ...]:
        return (
            each.session.isoformat(),
            each.account,
            self.statement.say(f"side_{each.side.lower()}"),
            f"{self.into(each.name)} ({each.code})",
            self.won.count(each.shares),
            self.won.money(each.amount),
            reason_text(each.reason, self.language),
        )

    @property
    def unlisted(self) -> int:
        """Return how many trades are not listed."""
        return max(len(self.facts.traded) - LISTED, 0)

    # -- rules and notes --------------------------------------------------------------------------

    @property
    def changed(self) -> Iterator[tuple[str, Sequence[str]]]:
        """Yield each change of rules as a sentence, and its keys."""
        for each in self.facts.changed:
            said = self.say("changed", account=self.account(each.account), session=each.session)
            if each.by is not None:
                said += " " + self.say("accepted", by=each.by)
            if each.promoted:
                said += " " + self.say("promoted")
            rows = [
                self.won.say("operations.rules_key", {"key": key, "before": before, "now": now})
                for key, before, now in each.keys
            ]
            yield said, rows

    @property
    def notes(self) -> Iterator[str]:
        """Yield how the figures are to be read."""
        yield self.say("note_benchmark")
        yield self.say("note_tracking")
        if any(each.currency != "KRW" for each in self.facts.statement.accounts):
            yield self.say("note_currency")
        costs = self.facts.costs
        yield self.say("note_costs")
        if isnan(costs.trading_rate):
            yield self.say("note_short")
        if costs.unknown > 0.0:
            yield self.say("note_unknown", share=self.won.percent(costs.unknown))
        yield self.say("note_turnover")
        yield from self.statement.notes
        yield self.say("note_kept")

    @property
    def days(self) -> tuple[date, date]:
        """Return the first and the last day of the letter."""
        figures = self.facts.statement.figures
        return figures.start, figures.end
