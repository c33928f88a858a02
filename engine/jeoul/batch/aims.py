"""Proposals and terms as the arrays that the compiled decision reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import inf

import numpy as np

from jeoul.batch.arrays import Aims, Tariffs
from jeoul.batch.records import BatchTerms
from jeoul.batch.restricting import restricted
from jeoul.model.decision import Proposal
from jeoul.model.portfolio import CASH
from jeoul.pipeline.placing import default_rules
from jeoul.rebalance import Tariff, TradeRules, round_to_tick

_MOST = 10**9  # the largest denominator of a rate with which whole numbers cannot overflow


class AimTable:
    """Targets by number: each proposal under each pair of cap and excluded funds that occurs."""

    def __init__(self, proposals: Mapping[tuple[str, str], Proposal], funds: Sequence[str]) -> None:
        self._proposals, self._funds = proposals, tuple(funds)
        self._numbers: dict[tuple[tuple[str, str], float, frozenset[str]], int] = {}
        self.targets: list[Proposal] = []

    def number(self, pair: tuple[str, str], terms: BatchTerms) -> int:
        """Return the number of a target; it is made when it is first asked for."""
        cap = inf if terms.risk_cap is None else terms.risk_cap
        key = (pair, cap, terms.excluded)
        if key not in self._numbers:
            self._numbers[key] = len(self.targets)
            self.targets.append(restricted(self._proposals[pair], terms))
        return self._numbers[key]

    def arrays(self) -> Aims:
        """Return all targets so far as arrays."""
        shape = (len(self.targets), len(self._funds))
        weights = np.zeros(shape)
        listed, risk = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
        dear = np.zeros(shape, dtype=np.bool_)
        price, buy, sell = (np.zeros(shape, dtype=np.int64) for _ in range(3))
        rule, cash = np.zeros((shape[0], 4)), np.zeros(shape[0])
        plain = np.ones(shape[0], dtype=np.bool_)
        places = {code: place for place, code in enumerate(self._funds)}
        for v, target in enumerate(self.targets):
            for code, weight in target.weights.items():
                if code != CASH:
                    listed[v, places[code]], weights[v, places[code]] = True, weight
            for code in target.risk & places.keys():
                risk[v, places[code]] = True
            for code, quote in target.quotes.items():
                if code in places:
                    dear[v, places[code]] = quote.too_dear
            _price(target, places, price[v], buy[v], sell[v])
            cash[v] = target.weights.get(CASH, 0.0)
            cap = -1.0 if target.risk_cap is None else target.risk_cap
            rule[v] = (target.band, target.min_trade, cap, float(target.due))
            plain[v] = _is_plain(target)
        place = sum(code < CASH for code in self._funds)
        return Aims(
            weight=weights,
            listed=listed,
            risk=risk,
            price=price,
            buy=buy,
            sell=sell,
            cash_weight=cash,
            rule=rule,
            plain=plain,
            dear=dear,
            cash_place=place,
        )


def _price(
    target: Proposal,
    places: Mapping[str, int],
    price: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    buy: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
    sell: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
) -> None:
    ticks = default_rules(target).ticks
    for code, quote in target.quotes.items():
        if code in places:
            place = places[code]
            price[place] = quote.price
            buy[place] = round_to_tick(quote.price, "up", ticks)
            sell[place] = round_to_tick(quote.price, "down", ticks)


def _is_plain(target: Proposal) -> bool:
    """Return whether the compiled decision knows all that the target depends on."""
    graded = target.graded is not None and target.graded.limit.binds
    priced = all(code in target.quotes for code in target.weights if code != CASH)
    return not graded and priced and CASH in target.weights


class ChargeTable:
    """Tariffs by number."""

    def __init__(self) -> None:
        self._numbers: dict[Tariff, int] = {}
        self._rows: list[tuple[int, int, int, int, int, int]] = []
        self._known: list[float] = []

    def number(self, tariff: Tariff) -> int:
        """Return the number of a tariff, -1 of one for the records, whose rate is too fine."""
        if tariff not in self._numbers:
            # As an account would: the rules refuse what cannot be charged.
            rules = TradeRules(
                buy_fee=tariff.rate,
                min_fee=tariff.min_fee,
                fixed_fee=tariff.fixed_fee,
                spread=tariff.spread,
            )
            rate, of = _fraction(rules.buy_fee)
            half, half_of = _fraction(rules.spread / 2)
            fits = max(of, half_of, tariff.min_fee, tariff.fixed_fee) <= _MOST
            self._numbers[tariff] = len(self._rows) if fits else -1
            if fits:
                self._rows.append((rate, of, half, half_of, tariff.min_fee, tariff.fixed_fee))
                self._known.append(float(rules.buy_fee) + float(rules.spread) / 2)
        return self._numbers[tariff]

    def arrays(self) -> Tariffs:
        """Return all tariffs so far as arrays."""
        columns = np.array(self._rows or [(0, 1, 0, 1, 0, 0)], dtype=np.int64).T
        rate, rate_of, spread, spread_of, least, fixed = map(np.ascontiguousarray, columns)
        known = np.array(self._known or [0.0])
        return Tariffs(
            rate=rate,
            rate_of=rate_of,
            spread=spread,
            spread_of=spread_of,
            least=least,
            fixed=fixed,
            known=known,
        )


def _fraction(rate: Decimal) -> tuple[int, int]:
    return rate.as_integer_ratio()
