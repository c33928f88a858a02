"""Clean real data passes the gates: at most one false alarm in 1,000 sessions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jeoul.market import open_market
from jeoul.market.cache.store import RawStore
from jeoul.market.calendars import load_calendar
from jeoul.market.coverage import coverage, findings
from jeoul.market.fetching.plan import FetchPlan
from jeoul.market.fetching.pool import JobOutcome
from jeoul.market.fetching.run import Fetching
from jeoul.market.publishing.publish import publish
from jeoul.market.sources.folder import MarketFolders
from jeoul.model.finding import Severity

EVENING = 1719600000  # 2024-06-28 18:40 UTC, before the close in New York
NIGHT = EVENING + 6 * 3600
FACTS = {"gap", "missing_session", "stale", "ended", "off_session", "stale_series"}


@pytest.fixture(scope="module")
def copied(market_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The whole real folder, fetched through its source, stored, and written again."""
    calendars = {name: load_calendar(name) for name in ("XKRX", "XNYS")}
    original = open_market(market_folder, calendars=calendars)
    files = [
        {
            "path": f"prices-{table.exchange.lower()}.csv",
            "what": "closes",
            "exchange": table.exchange,
            "currency": table.currency,
            "source": "folder",
            "prefix": "./",
            "tickers": list(table.tickers),
        }
        for table in original.prices
    ]
    plan = FetchPlan.model_validate(
        {
            "schema": 1,
            "name": "copy",
            "what": "a copy",
            "start": original.prices[0].sessions[0].astype(object),
            "store": "s",
            "folder": "m",
            "prices": files,
        }
    )
    source = MarketFolders(market_folder)

    def ask(jobs: Any) -> Any:
        return (JobOutcome(job, source.fetch(job.request), 1) for job in jobs)

    folder = tmp_path_factory.mktemp("copy")
    with RawStore(folder / "raw.sqlite3") as store:
        outcomes = list(Fetching(plan, store, calendars, lambda: NIGHT).run(ask))
        assert all(outcome.error is None for outcome in outcomes)
        publish(store, plan, folder / "market", NIGHT, calendars)
    return original, open_market(folder / "market", calendars=calendars)


def test_at_most_one_false_alarm_in_1000_sessions(copied: Any) -> None:
    _, market = copied
    found = findings(market)
    sessions = sum(row.rows for row in coverage(market, found))
    assert sessions > 300_000
    alarms = [f for f in found if f.kind.partition(".")[2] not in FACTS]
    assert len(alarms) <= sessions / 1000
    assert [f for f in alarms if f.severity is Severity.SERIOUS] == []


def test_the_copy_shows_the_same_prices_and_the_same_facts(copied: Any) -> None:
    original, market = copied
    for table, copy in zip(original.prices, market.prices, strict=True):
        assert copy.adjusted == table.adjusted == "total-return"
        assert copy.tickers == table.tickers
        assert copy.sessions.tolist() == table.sessions.tolist()
        np.testing.assert_allclose(copy.close, table.close, rtol=1e-9)  # and NaN where NaN is
    kinds = [{f.kind for f in findings(m) if f.subject.isalnum()} for m in (original, market)]
    assert kinds[1] <= kinds[0]
