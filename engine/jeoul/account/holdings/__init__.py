"""One reader of holdings: files of brokers, spreadsheets and people, and the plain file."""

from jeoul.account.holdings.balances import Days
from jeoul.account.holdings.plain import plain_file
from jeoul.account.holdings.reading import Given, read_holdings, read_portfolio, refuse_empty
from jeoul.account.holdings.record import HeldLot, Holdings
from jeoul.account.holdings.securities import Securities
from jeoul.account.holdings.table import ColumnNames

__all__ = [
    "ColumnNames",
    "Days",
    "Given",
    "HeldLot",
    "Holdings",
    "Securities",
    "plain_file",
    "read_holdings",
    "read_portfolio",
    "refuse_empty",
]
