"""What an account holds, for a plan: the shares of the books with the costs that are known."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal

from jeoul.account.holdings import Holdings, read_holdings
from jeoul.account.holdings.known import securities_of
from jeoul.household.written.file import HouseholdAccount
from jeoul.model.instrument import Universe
from jeoul.model.portfolio import Portfolio


def holdings_of(
    account: HouseholdAccount,
    portfolio: Portfolio,
    costs: Mapping[str, Decimal],
    universe: Universe,
    priced: Collection[str] = (),
) -> Holdings:
    """Return the holdings that a plan starts from: what the books have, with known ``costs``.

    The costs are those of the broker's file where the account has one, and of the ledger's fills
    where it does not say them. Purchases with their days are kept for funds of which the account
    has as many shares as the file says: a sale since the export has changed which are left. What
    the universe does not know is outside: the rows of the file, and shares that the books have.
    """
    written = _written(account, universe, priced)
    held = {code: count for code, count in portfolio.shares.items() if count}
    return Holdings(
        file=str(account.holdings or account.id),
        shares={code: count for code, count in held.items() if code in universe.instruments},
        cash=portfolio.cash,
        currency=portfolio.currency,
        outside={
            **written.outside,
            **{code: count for code, count in held.items() if code not in universe.instruments},
        },
        found=written.found,
        incoming=dict(portfolio.unsettled),
        cost={**costs, **written.cost},
        tax_base=dict(written.tax_base),
        lots={
            code: lots
            for code, lots in written.lots.items()
            if sum(lot.shares for lot in lots) == held.get(code)
        },
    )


def _written(account: HouseholdAccount, universe: Universe, priced: Collection[str]) -> Holdings:
    if account.holdings is None:
        return Holdings(account.id, {}, None, account.currency)
    securities = securities_of(universe, priced)
    return read_holdings(account.holdings, securities, currency=account.currency)
