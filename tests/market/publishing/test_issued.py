"""Base prices and distributions of issuers' files in a fetched folder, and in an account's tax."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jeoul import api
from jeoul.account.price_events import PriceEvents
from jeoul.market.cache.store import RawStore
from jeoul.market.calendars import load_calendar
from jeoul.market.fetching.plan import FetchPlan
from jeoul.market.fetching.pool import JobOutcome
from jeoul.market.fetching.run import Fetching
from jeoul.market.market import Market
from jeoul.market.publishing.issued import Distribution, ex_date, merged
from jeoul.market.publishing.layout import Published, lay_out
from jeoul.market.publishing.publish import publish, restore
from jeoul.market.raw.answer import AS_TRADED, Fetched, Payment, VendorRow
from jeoul.market.sources.errors import SourceError
from jeoul.market.sources.port import SourcePlace, connect

KRX = load_calendar("XKRX")
NOW = int(datetime(2024, 8, 31, 9, tzinfo=UTC).timestamp())
FUND = "360750"
PLAN = {
    "schema": 1,
    "name": "core",
    "what": "test",
    "start": date(2024, 6, 3),
    "store": "store",
    "folder": "market",
    "sources": {"issuers": {}},
    "prices": [
        {
            "path": "prices-kr.csv", "what": "closes", "exchange": "XKRX", "currency": "KRW",
            "source": "yahoo", "tickers": [FUND, "069500"],
        }
    ],
}  # fmt: skip
PAID = "지급기준일,실지급일,분배금액(원),주당과세표준액(원)\n2024-07-31,2024-08-02,65,60\n"
BASES = "일자,기준가격(NAV),과표기준가\n" + "".join(
    f"{day},{18_000 + n}.5,{17_000 + n}.25\n"
    for n, day in enumerate(KRX.sessions[KRX.sessions >= np.datetime64("2024-07-01")][:40])
)


@pytest.fixture
def plan() -> FetchPlan:
    return FetchPlan.model_validate(PLAN)


Fetch = Callable[..., Published]


@pytest.fixture
def fetch(tmp_path: Path, plan: FetchPlan) -> Fetch:
    """Fetch a fund whose source shows some dividends, beside files of its issuer."""

    def ask(jobs: Any, dividends: dict[date, float]) -> Iterator[JobOutcome]:
        files = connect("issuers", SourcePlace(tmp_path, tmp_path))
        for job in jobs:
            if job.source == "issuers":
                try:
                    yield JobOutcome(job, files.fetch(job.request), 1)
                except SourceError as error:
                    yield JobOutcome(job, error, 1)
                continue
            days = KRX.sessions[
                (KRX.sessions >= np.datetime64(job.request.first))
                & (KRX.sessions <= np.datetime64("2024-08-30"))
            ].tolist()
            paid = dividends if job.request.symbol == FUND else {}
            events = tuple(Payment(day, amount) for day, amount in paid.items())
            yield JobOutcome(
                job, Fetched(AS_TRADED, tuple(VendorRow(d, 18_000.0) for d in days), events), 1
            )

    def run(dividends: dict[date, float], **files: str) -> Published:
        place = tmp_path / "issuers"
        place.mkdir(exist_ok=True)
        for name, text in files.items():
            (place / f"{FUND}-{name}.csv").write_text(text, "utf-8")
        with RawStore(tmp_path / "raw.sqlite3") as store:
            fetching = Fetching(plan, store, api.calendars(), lambda: NOW)
            list(fetching.run(lambda jobs: ask(jobs, dividends)))
            published, snapshot = publish(store, plan, tmp_path / "market", NOW, api.calendars())
            restore(store, snapshot.digest, tmp_path / "again", api.calendars())
            assert lay_out(store, plan, api.calendars()).files == published.files
        return published

    return run


def events(published: Published) -> list[str]:
    return published.files["events-prices-kr.csv"].decode().splitlines()


EX = date(2024, 7, 30)


def test_the_ex_date_is_the_session_before_the_record_date() -> None:
    assert ex_date(KRX, date(2024, 7, 31)) == EX
    assert ex_date(KRX, date(2024, 6, 30)) == date(2024, 6, 27), "a Sunday counts as the Friday"
    assert ex_date(KRX, date(2999, 1, 1)) is None


def test_a_folder_has_the_base_prices_and_the_taxed_parts(fetch: Fetch, tmp_path: Path) -> None:
    published = fetch({EX: 65.0}, paid=PAID, base=BASES)
    assert events(published) == ["date,ticker,dividend,split,taxable", f"{EX},{FUND},65,1,60"]
    (table,) = api.open_market(tmp_path / "market").prices
    assert table.tax_base is not None
    assert table.nav is not None
    row = int(np.searchsorted(table.sessions, np.datetime64("2024-07-01")))
    assert (table.tax_base[row, 0], table.nav[row, 0]) == (17_000.25, 18_000.5)
    assert np.isnan(table.tax_base[:, 1]).all()
    assert not [f for f in published.findings if f.kind.startswith("gate.issuer")]


def test_without_files_a_folder_is_as_it_was(fetch: Fetch) -> None:
    published = fetch({EX: 65.0})
    assert events(published) == ["date,ticker,dividend,split", f"{EX},{FUND},65,1"]
    assert set(published.files) >= {"prices-kr.csv", "events-prices-kr.csv", "manifest.toml"}
    assert not [name for name in published.files if name.startswith(("tax-base", "nav"))]


@pytest.mark.parametrize(
    ("shown", "line", "kinds"),
    [
        ({}, f"{EX},{FUND},65,1,60", ["gate.issuer_adds"]),
        ({date(2024, 7, 31): 65.2}, f"2024-07-31,{FUND},65.2,1,60", []),
        ({EX: 90_000.0}, f"{EX},{FUND},65,1,60", ["gate.issuer_differs"]),
    ],
)
def test_an_issuer_adds_to_and_corrects_what_a_source_shows(
    fetch: Fetch, shown: Any, line: str, kinds: list[str]
) -> None:
    published = fetch(shown, paid=PAID)
    assert events(published)[1:] == [line]
    assert [f.kind for f in published.findings if f.kind.startswith("gate.issuer")] == kinds


def test_an_older_file_that_comes_later_is_read_too(fetch: Fetch) -> None:
    fetch({EX: 65.0}, base=BASES)
    later = PAID.replace("2024-07-31", "2024-06-28").replace("65,60", "30,30")
    assert f"2024-06-27,{FUND},30,1,30" in events(fetch({EX: 65.0}, paid=PAID, old=later))


def test_two_distributions_of_one_month_stay_two() -> None:
    first, second = date(2024, 7, 10), date(2024, 7, 12)
    shown = {first: Payment(first, 30.0), second: Payment(second, 40.0)}
    told = [Distribution(first, 30.0, 30.0), Distribution(second, 40.0, 0.0)]
    found = merged("A", shown, told, KRX)
    assert found.payments == shown
    assert found.taxable == {first: 30.0, second: 0.0}
    assert found.findings == ()


def test_what_a_person_has_corrected_stays(fetch: Fetch) -> None:
    shown = {EX: Payment(EX, 50.0)}
    found = merged("A", shown, [Distribution(EX, 65.0, 60.0)], KRX, fixed={EX})
    assert found.payments == shown
    assert found.taxable == {EX: 50.0}


def test_the_tax_of_an_account_reads_them(fetch: Fetch, tmp_path: Path) -> None:
    fetch({EX: 65.0}, paid=PAID, base=BASES)
    market: Market = api.open_market(tmp_path / "market")
    found = PriceEvents(market.prices)
    assert found.taxable_share(FUND, EX) == Fraction(60, 65)
    assert found.tax_base(FUND, date(2024, 7, 1)) == 17_000.25
