"""The account beside a model of a report, made once for the same rules, market and amount."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from jeoul.api.parts import calendars
from jeoul.files.cache import kept_or_made
from jeoul.model.days import count_before
from jeoul.model.money import UNITS

if TYPE_CHECKING:
    from jeoul.backtesting import Backtest, Prepared
    from jeoul.backtesting.attained import Attainable
    from jeoul.files.cache import Cache
    from jeoul.model.decision import Quote
    from jeoul.model.series import PriceTable
    from jeoul.pipeline.replay import ModelState


@dataclass(frozen=True, slots=True)
class Accounts:
    """What the accounts of one market share: its prices, what is paid in, and quotes by row.

    ``digest`` says what the market shows. ``amount`` is in main units of the strategy's currency,
    None for the usual one. With a ``cache`` an account that was made before is read from there.
    """

    prices: Sequence[PriceTable]
    digest: str
    amount: int | None = None
    cache: Cache | None = None
    quoted: dict[int, Mapping[str, Quote]] = field(default_factory=dict)

    def beside(self, run: Backtest, along: Iterable[ModelState]) -> Attainable | None:
        """Return the account that followed a model over the span of a backtest, None without one.

        ``along`` is the model after every row of its history. The account decides on the session
        before the span, so that its first fill is the first session of the backtest.
        """
        from jeoul.backtesting.attained import AMOUNTS
        from jeoul.pipeline.kept_names import kept_name

        amount, name = self.amount, None
        if amount is None:
            amount = AMOUNTS[run.history.currency]
        if self.cache is not None:
            followed = sha256(run.nav.tobytes()).hexdigest()  # a replay and a simulation may differ
            span = (run.start, run.end)
            name = kept_name("account", run.mandate, self.digest, amount, span, followed)
        make = partial(self._made, run, along, amount)
        return kept_or_made(self.cache, name, make, _written, _read)

    def of_prepared(self, prepared: Prepared, run: Backtest) -> Attainable | None:
        """Return the account beside a backtest of prepared inputs: :meth:`beside` with a replay."""
        from jeoul.pipeline.replay import start, states

        mandate, history = prepared.mandate, prepared.history
        return self.beside(run, states(mandate, history, start(mandate), prepared.made))

    def _made(self, run: Backtest, along: Iterable[ModelState], amount: int) -> Attainable | None:
        from jeoul.account.price_events import PriceEvents
        from jeoul.backtesting.attainable import attainable, first_target, usual_terms
        from jeoul.pipeline.targets import targets_of

        mandate, history = run.mandate, run.history
        calendar = calendars()[mandate.strategy.calendar]
        row = count_before(history.sessions, run.sessions[0])
        begun = history.day(max(0, row - 1))
        found = targets_of(mandate, history, along, self.quoted, start=begun, end=run.end)
        wanted = list(found)
        if first_target(wanted) is None:
            return None
        tables = tuple(t for t in self.prices if t.exchange == calendar.name)
        events = PriceEvents(tables, UNITS[history.currency])
        terms = usual_terms(wanted, history, amount)
        return attainable(run, wanted, events, calendar, terms)


def _written(found: Attainable | None) -> bytes:
    if found is None:
        return b"null"
    document = {
        "amount": found.amount,
        "currency": found.currency,
        "sessions": packed(found.sessions.astype(np.int64)),
        "worth": found.worth,
        "paths": {name: packed(path) for name, path in found.paths.items()},
        "proxies": found.proxies,
        "turnover": found.turnover,
        "cost": found.cost,
    }
    return json.dumps(document).encode()


def _read(content: bytes) -> Attainable | None:
    from jeoul.backtesting.attained import Attainable

    kept = json.loads(content)
    if kept is None:
        return None
    return Attainable(
        amount=kept["amount"],
        currency=kept["currency"],
        sessions=unpacked(kept["sessions"], "<i8").astype("datetime64[D]"),
        worth=tuple(kept["worth"]),
        paths={name: unpacked(path, "<f8") for name, path in kept["paths"].items()},
        proxies=kept["proxies"],
        turnover=kept["turnover"],
        cost=kept["cost"],
    )


def packed(values: np.ndarray) -> str:
    """Return the numbers of an array as text, which keeps every bit."""
    return base64.b64encode(values.astype(values.dtype.newbyteorder("<")).tobytes()).decode()


def unpacked(text: str, kind: str) -> np.ndarray:
    """Return the array that :func:`packed` wrote."""
    return np.frombuffer(base64.b64decode(text), dtype=kind)
