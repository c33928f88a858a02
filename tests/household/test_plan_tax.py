"""The tax of drawn sales by the evaluator against the law's own amounts, all accounts together."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest

from jeoul.household.gathering.lots import Bought, LotWorth, Sellable, sellable
from jeoul.household.gathering.pieces import curve
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import (
    Account,
    Fund,
    Gains,
    Household,
    HouseholdMember,
    Moves,
    Position,
)
from jeoul.korea.etf import sell_etf
from jeoul.korea.health import health_premium
from jeoul.korea.income import financial_income
from jeoul.korea.overseas import settle_overseas
from jeoul.korea.pieces_gains import overseas_pieces
from jeoul.korea.pieces_health import health_pieces
from jeoul.korea.pieces_income import income_pieces
from jeoul.korea.tables import load_rules

BOOK = load_rules(2026)
TAXABLE = 40_000_000
KINDS = {"A": "krx_other_etf", "B": "krx_other_etf", "K": "kr_equity_etf", "U": "us_etf"}


class Drawn:
    """Holdings, prices and sales of one person with an ordinary account and one abroad."""

    def __init__(self, seed: int) -> None:
        rng = Random(seed)
        self.status = rng.choice(["employee", "self_employed", "dependant"])
        self.financial = rng.choice([0, 9_000_000, 19_000_000, 25_000_000])
        self.realised = rng.choice([-1_000_000, 0, 2_400_000, 5_000_000])
        self.price = {code: rng.randint(5_000, 50_000) for code in KINDS}
        self.cost = {code: round(p * rng.uniform(0.5, 1.3)) for code, p in self.price.items()}
        self.base = {code: round(p * rng.uniform(0.7, 1.2)) for code, p in self.price.items()}
        self.base_cost = {c: round(p * rng.uniform(0.5, 1.0)) for c, p in self.base.items()}
        self.held = {code: rng.randint(1, 3_000) for code in KINDS}
        self.sold = {code: rng.randint(0, count) for code, count in self.held.items()}

    def account(self, code: str) -> str:
        return "us" if code == "U" else "general"

    def basis(self, code: str) -> Sellable:
        bought = Bought(
            shares=self.held[code],
            cost=Decimal(self.cost[code]),
            tax_base=Decimal(self.base_cost[code]),
            fx=Decimal(1),
        )
        worth = LotWorth(price=Decimal(self.price[code]), tax_base=Decimal(self.base[code]))
        gains = Gains.YEARLY if code == "U" else Gains.WITHHELD
        return sellable([bought], worth, kind=KINDS[code], gains=gains)

    def household(self) -> Household:
        pieces = income_pieces(BOOK, taxable=TAXABLE) + health_pieces(BOOK, status=self.status)
        return Household(
            classes=("all",),
            funds=tuple(
                Fund(code=code, price=float(price), exposure={"all": 1.0})
                for code, price in self.price.items()
            ),
            accounts=(
                Account(
                    id="general",
                    owner="m",
                    kind="general",
                    gains=Gains.WITHHELD,
                    sale_rate=0.154,
                ),
                Account(id="us", owner="m", kind="overseas", gains=Gains.YEARLY, sale_rate=0.22),
            ),
            positions=tuple(
                Position(
                    account=self.account(code),
                    fund=code,
                    shares=self.held[code],
                    lots=self.basis(code).lots,
                )
                for code in KINDS
            ),
            members=(
                HouseholdMember(
                    id="m",
                    financial=float(self.financial),
                    income_levy=curve(pieces),
                    realised=float(self.realised),
                    gains_levy=curve(overseas_pieces(BOOK)),
                ),
            ),
            aims=(),
        )

    def by_law(self) -> int:
        """Return the tax that the sales cause: withheld, of May, and health insurance."""
        withheld = income = 0
        for code, kind in KINDS.items():
            if code == "U":
                continue
            found = sell_etf(
                BOOK,
                kind=kind,
                units=self.sold[code],
                buy=Decimal(self.cost[code]),
                sell=Decimal(self.price[code]),
                base_buy=Decimal(self.base_cost[code]),
                base_sell=Decimal(self.base[code]),
            )
            withheld, income = withheld + found.tax, income + found.taxable
        gain = self.sold["U"] * (self.price["U"] - self.cost["U"])
        abroad = self._abroad(self.realised + gain) - self._abroad(self.realised)
        yearly = self._yearly(self.financial + income) - self._yearly(self.financial)
        return withheld + abroad + yearly

    def _abroad(self, net: int) -> int:
        return settle_overseas(BOOK, gains=(net,)).tax

    def _yearly(self, financial: int) -> int:
        may = financial_income(BOOK, financial=financial, other_income=TAXABLE)
        premium = health_premium(BOOK, status=self.status, financial=financial)
        return may.extra + may.local_extra + premium.total


def test_the_tax_of_a_thousand_drawn_sales_is_the_law_s() -> None:
    """Cutting below 10 and 1,000 won, by sale, levy and month of a premium, is all that differs."""
    cut = 3 * 1_100 + 260 + 60
    for seed in range(1_000):
        drawn = Drawn(seed)
        moves = Moves(
            trades={(drawn.account(c), c): -count for c, count in drawn.sold.items() if count}
        )
        tax = evaluate(drawn.household(), moves).cost.tax_now
        assert tax == pytest.approx(drawn.by_law(), abs=cut)
