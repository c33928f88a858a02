"""Records as pandas frames with raw numbers: the table of a page, or one row a session."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np

from jeoul.account.records import AccountRun
from jeoul.api.showing import runs  # noqa: F401  registers the views of runs
from jeoul.api.showing.views import view_of
from jeoul.backtesting import Backtest
from jeoul.market import Market
from jeoul.metrics import drawdown_path
from jeoul.model.calendar import Calendar
from jeoul.model.history import History
from jeoul.model.series import PriceTable
from jeoul.model.snapshot import Snapshot
from jeoul.reporting.formats import Formats
from jeoul.reporting.notebook import view_frame

if TYPE_CHECKING:
    import pandas as pd


@singledispatch
def frame_of(record: Any, language: str) -> pd.DataFrame:
    """Return a record as a frame; texts such as names are in a language."""
    return view_frame(view_of(record, Formats(language, "Asia/Seoul")))


@frame_of.register(Backtest)
def _backtest(record: Backtest, _language: str) -> pd.DataFrame:
    return _by_session(
        record.sessions,
        {
            "nav": record.nav,
            "drawdown": drawdown_path(record.nav),
            "cash": record.cash,
            "proxy": record.proxy,
            "turnover": record.turnover,
            "cost": record.cost,
        },
    )


@frame_of.register(AccountRun)
def _account(record: AccountRun, _language: str) -> pd.DataFrame:
    days = record.days
    return _by_session(
        np.array([day.session for day in days], dtype="datetime64[D]"),
        {
            "worth": [day.worth for day in days],
            "value": [day.value for day in days],
            "cash": [day.portfolio.money for day in days],
            "paid_in": [day.flows.paid_in for day in days],
            "paid_out": [day.flows.paid_out for day in days],
            "interest": [day.flows.interest for day in days],
            "fees": [sum(fill.fee for fill in day.fills) for day in days],
            "orders": [len(day.orders) for day in days],
        },
    )


@frame_of.register(History)
def _history(record: History, _language: str) -> pd.DataFrame:
    columns = {name: record.level[:, k] for k, name in enumerate(record.members)}
    return _by_session(record.sessions, columns)


@frame_of.register(Calendar)
def _calendar(record: Calendar, _language: str) -> pd.DataFrame:
    import pandas as pd

    instants = {"opens": record.opens, "closes": record.closes}
    columns = {name: pd.to_datetime(found, unit="s", utc=True) for name, found in instants.items()}
    local = {name: found.tz_convert(record.timezone) for name, found in columns.items()}
    return _by_session(record.sessions, local)


@frame_of.register(Market)
@frame_of.register(Snapshot)
def _market(record: Market | Snapshot, _language: str) -> pd.DataFrame:
    """Return closing prices, one column a ticker, on the days of all exchanges."""
    import pandas as pd

    tables = [_closes(table) for table in record.prices]
    found = pd.concat(tables, axis=1, sort=True)
    found.index.name = "session"
    return found


def _closes(table: PriceTable) -> pd.DataFrame:
    columns = {ticker: table.close[:, k] for k, ticker in enumerate(table.tickers)}
    return _by_session(table.sessions, columns)


def _by_session(sessions: Any, columns: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns, index=pd.DatetimeIndex(sessions, name="session"))
