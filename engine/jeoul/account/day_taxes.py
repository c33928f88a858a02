"""The taxes of one session of an account, collected while the session passes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from jeoul.account.exchange import CurrencyExchange
from jeoul.account.price_events import CorporateAction, PriceEvents
from jeoul.account.withholding import (
    AVERAGE,
    US,
    Taxed,
    TaxLedger,
    TaxRules,
    base_price,
    bought,
    distributed,
    interest_taxed,
    sold,
    sold_abroad,
    split,
)


class Untaxed:
    """A session without taxes: nothing is taken, nothing is remembered."""

    ledger = TaxLedger()
    found: Sequence[Taxed] = ()

    def interest(self, amount: int) -> int:  # noqa: ARG002
        """Return the tax taken from interest, in the account's money."""
        return 0

    def opening(self, held: dict[str, int], actions: Iterable[CorporateAction]) -> int:  # noqa: ARG002
        """Return the tax taken from the distributions of an open; splits change the costs."""
        return 0

    def sale(self, ticker: str, count: int, price: int, net: int) -> int:  # noqa: ARG002
        """Return the tax taken from a sale that brings ``net`` after fees."""
        return 0

    def purchase(self, ticker: str, held: int, count: int, price: int, cost: int) -> None:
        """Remember what was bought on top of ``held`` shares, for ``cost`` with its fees."""


class DayTaxes(Untaxed):
    """The taxes of one session; ``parts`` of a share and of a unit of money are counted as one."""

    def __init__(
        self,
        rules: TaxRules,
        ledger: TaxLedger,
        session: date,
        events: PriceEvents,
        exchange: CurrencyExchange | None,
        parts: int,
    ) -> None:
        self.ledger = ledger._replace(basis=dict(ledger.basis))
        self.found: list[Taxed] = []
        self._basis = dict(ledger.basis)
        self._rules, self._session, self._events = rules, session, events
        self._exchange, self._parts = exchange, parts

    def interest(self, amount: int) -> int:
        """Return the tax taken from interest, in the account's money."""
        if not amount:
            return 0
        month = self._session.year * 12 + self._session.month
        before = self.ledger.interest if self.ledger.month == month else 0
        whole = (before + amount) // self._parts - before // self._parts
        self.ledger = self.ledger._replace(interest=before + amount, month=month)
        return self._taken(
            interest_taxed(self._rules, self._session, before // self._parts, whole, self._home)
        )

    def opening(self, held: dict[str, int], actions: Iterable[CorporateAction]) -> int:
        """Return the tax taken from the distributions of an open; splits change the costs."""
        taken = 0
        for action in actions:
            ticker = action.ticker
            if action.kind == "split":
                after = held[ticker] + action.shares
                self._basis[ticker] = split(self._basis[ticker], held[ticker], after)
                continue
            amount = action.cash // self._parts
            taxable = int(amount * self._events.taxable_share(ticker, self._session))
            taken += self._taken(
                distributed(self._rules, self._session, ticker, amount, taxable, self._home)
            )
        self._keep()
        return taken

    def sale(self, ticker: str, count: int, price: int, net: int) -> int:
        """Return the tax taken from a sale that brings ``net`` after fees."""
        basis, units = self._basis[ticker], Decimal(count) / self._parts
        if self._rules.kinds[ticker] == US:
            proceeds = self._home(net // self._parts)
            return self._taken(
                sold_abroad(self._rules, self._session, ticker, basis, units, proceeds)
            )
        base = base_price(self._events, ticker, self._session)
        return self._taken(sold(self._rules, self._session, ticker, basis, units, price, base))

    def purchase(self, ticker: str, held: int, count: int, price: int, cost: int) -> None:
        """Remember what was bought on top of ``held`` shares, for ``cost`` with its fees."""
        if self._rules.kinds[ticker] == US:
            paid = Decimal(self._home(cost // self._parts))
            each, base = (paid * self._parts / count).quantize(AVERAGE), None
        else:
            each, base = Decimal(price), base_price(self._events, ticker, self._session)
        self._basis[ticker] = bought(self._basis.get(ticker), held, count, each, base)
        self._keep()

    def _keep(self) -> None:
        self.ledger = self.ledger._replace(basis=dict(self._basis))

    def _home(self, amount: int) -> int:
        return amount if self._exchange is None else self._exchange.home(amount, self._session)

    def _taken(self, found: Taxed) -> int:
        self.found.append(found)
        return found.taken * self._parts
