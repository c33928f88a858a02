"""A market folder from all the sources of the shipped plan; one of them falls out or behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reading import read_by

from jeoul import api, assets
from jeoul.market.cache.store import RawStore
from jeoul.market.fetching.plan import FetchPlan, read_plan
from jeoul.market.fetching.pool import FetchJob, JobOutcome
from jeoul.market.fetching.run import Fetching, SeriesOutcome
from jeoul.market.publishing.layout import Published, lay_out
from jeoul.market.raw.answer import AS_TRADED, LEVEL, SPLIT_ADJUSTED, Fetched, VendorRow
from jeoul.market.raw.series import SeriesKey
from jeoul.market.sources.errors import EmptyAnswer, SourceError, VendorBroken
from jeoul.strategy.load import shipped as strategies
from jeoul.workspace.fetch_report import FetchReport

NOW = int(datetime(2024, 6, 29, 9, tzinfo=UTC).timestamp())
MONTHLY = {"fedfunds", "unrate_us", "cpi_us_nsa", "cpi_kr_2020eq100", "bok_base_rate"}


@dataclass
class Vendors:
    """Every source of a plan, with the same figures; some are behind, silent or of another unit."""

    plan: FetchPlan
    behind: dict[str, date]
    broken: set[str]
    times: dict[str, float]
    currency: dict[str, str]

    def ask(self, jobs: Any) -> Iterator[JobOutcome]:
        for job in jobs:
            yield JobOutcome(job, self._answer(job), 1)

    def _answer(self, job: FetchJob) -> Fetched | SourceError:
        source, symbol = job.source, job.request.symbol
        if source == "issuers":
            return EmptyAnswer(source, symbol, "no row")
        if source in self.broken:
            return VendorBroken(source, symbol, "answered with the status 503")
        key = SeriesKey(source, symbol)
        name = self.plan.wanted()[key]
        last = min(job.request.last, self.behind.get(source, date(2024, 6, 28)))
        days = np.arange(np.datetime64(job.request.first), np.datetime64(last + timedelta(days=1)))
        if name in MONTHLY:
            days = np.unique(days.astype("datetime64[M]")).astype("datetime64[D]")[:-1]
        else:
            days = days[np.is_busday(days)]
        if not len(days):
            return EmptyAnswer(source, symbol, "no row")
        times = self.times.get(source, 1.0)
        rows = tuple(
            VendorRow(day, times * (100.0 + day.toordinal() % 7), 1e7, nav(source, day))
            for day in days.tolist()
        )
        fund = name[0].isdigit() or name.isupper()
        basis = (AS_TRADED if source == "krx" else SPLIT_ADJUSTED) if fund else LEVEL
        return Fetched(basis, rows, currency=self.currency.get(source, "") if fund else "")


def nav(source: str, day: date) -> float | None:
    return 100.0 + day.toordinal() % 7 if source == "krx" else None


Fetch = Callable[..., tuple[Published, list[SeriesOutcome]]]


@pytest.fixture(scope="module")
def plan() -> FetchPlan:
    shipped = read_plan(assets.root() / "configs" / "fetch.toml")
    return shipped.model_copy(update={"start": date(2024, 3, 1)})


@pytest.fixture
def fetch(plan: FetchPlan, tmp_path: Path) -> Fetch:
    def run(
        behind: Any = None, broken: Any = (), times: Any = None, currency: Any = None
    ) -> tuple[Published, list[SeriesOutcome]]:
        vendors = Vendors(plan, behind or {}, set(broken), times or {}, currency or {})
        with RawStore(tmp_path / "raw.sqlite3") as store:
            fetching = Fetching(plan, store, api.calendars(), lambda: NOW)
            outcomes = list(fetching.run(vendors.ask))
            return lay_out(store, plan, api.calendars()), outcomes

    return run


def columns(published: Published) -> set[str]:
    heads = [c.split(b"\n", 1)[0].decode() for n, c in published.files.items() if ".csv" in n]
    return {name for head in heads for name in head.split(",")}


def column(published: Published, file: str, name: str) -> dict[str, str]:
    head, *rows = published.files[file].decode().splitlines()
    place = head.split(",").index(name)
    return {row.split(",")[0]: row.split(",")[place] for row in rows}


def standing_in(published: Published) -> dict[str, str]:
    found = (f for f in published.findings if f.kind == "gate.stands_in")
    return {f.subject: dict(f.detail)["source"] for f in found}


def test_a_folder_from_the_sources_has_every_column_that_shipped_strategies_read(
    fetch: Fetch,
) -> None:
    published, outcomes = fetch()
    assert not FetchReport(outcomes, published).failed
    assert {o.key.source for o in outcomes if o.error is not None} == {"issuers"}
    assert published.missing == ()
    assert {series for name in strategies() for series in read_by(name)} <= columns(published)
    assert standing_in(published) == {}
    assert FetchReport(outcomes, published).unread == {}


def test_every_series_has_a_second_source(plan: FetchPlan) -> None:
    assert not {n for s in plan.series for n, c in s.columns.items() if not c.second}
    assert {file.path for file in plan.prices if not file.second} == {"prices-us.csv"}


def test_a_source_that_is_silent_is_stood_in_for_and_the_report_says_so(fetch: Fetch) -> None:
    published, outcomes = fetch(broken={"yahoo", "fred"})
    found = standing_in(published)
    assert (found["vix3m"], found["kospi"], found["us_hy_oas"]) == ("cboe", "krx", "fredgraph")
    assert found["069500"] == "krx"
    assert {"SPY", "IEF"} <= set(published.missing)
    report = FetchReport(outcomes, published)
    assert {"wti", "us10y"} <= set(report.unread["managed"])
    assert {o.name for o in report.covered} >= {"vix3m", "us_hy_oas", "069500"}
    assert {o.name for o in report.failed} >= {"SPY", "wti"}
    (told,) = [t for t in report.document("en")["standing_in"] if t["name"] == "vix3m"]
    assert told["source"] == "cboe"


def test_the_rate_and_the_prices_of_korea_go_on_without_the_bank(fetch: Fetch) -> None:
    published, outcomes = fetch(broken={"ecos"})
    found = standing_in(published)
    assert (found["bok_base_rate"], found["cpi_kr_2020eq100"]) == ("bis", "kosis")
    assert {o.name for o in FetchReport(outcomes, published).covered} >= {"bok_base_rate", "kr10y"}


def test_a_source_that_is_behind_keeps_its_past_and_gets_its_newest_days(fetch: Fetch) -> None:
    published, _ = fetch(behind={"ecos": date(2024, 6, 24)}, times={"krx": 1.001})
    found = column(published, "signals.csv", "kr10y")
    past = 100.0 + date(2024, 6, 24).toordinal() % 7
    newer = 1.001 * (100.0 + date(2024, 6, 25).toordinal() % 7)
    assert float(found["2024-06-24"]) == past
    assert float(found["2024-06-25"]) == pytest.approx(newer)
    (note,) = [f for f in published.findings if f.subject == "kr10y"]
    assert (note.kind, note.day) == ("gate.stands_in", date(2024, 6, 25))


def test_a_source_of_another_unit_never_stands_in(fetch: Fetch) -> None:
    published, _ = fetch(behind={"ecos": date(2024, 6, 24)}, times={"krx": 10.0})
    assert not column(published, "signals.csv", "kr10y")["2024-06-25"]
    (note,) = [f for f in published.findings if f.subject == "kr10y"]
    assert note.kind == "gate.apart"


def test_failures_are_told_together_only_where_their_reason_is_the_same() -> None:
    reasons = {"A": "answered with the status 503", "B": "answered with the status 503",
               "C": "observations of an unknown shape"}  # fmt: skip
    outcomes = [
        SeriesOutcome(
            name, SeriesKey("fred", name), asked=True, error=VendorBroken("fred", name, reason)
        )
        for name, reason in reasons.items()
    ]
    told = [line for line in FetchReport(outcomes).lines("en") if "the source failed" in line]
    assert [line.split(": ")[0].strip() for line in told] == ["fred A, B", "fred C"]
    assert ["503" in line for line in told] == [True, False]


def test_the_report_shows_how_far_each_source_reaches(fetch: Fetch) -> None:
    published, outcomes = fetch(behind={"ecos": date(2024, 6, 24)})
    (line,) = [
        x for x in FetchReport(outcomes, published).lines("en") if x.startswith("newest row")
    ]
    assert "ecos 2024-06-24" in line
    assert "yahoo 2024-06-28" in line


def test_a_source_that_answers_day_by_day_is_asked_for_a_month(
    fetch: Fetch, plan: FetchPlan
) -> None:
    seconds = {key: second for key, second in plan.seconds().items() if key.source == "krx"}
    assert len(seconds) > 20
    assert {second.days for second in seconds.values()} == {30}


def test_a_close_far_from_the_net_asset_value_of_the_exchange_is_found(fetch: Fetch) -> None:
    published, _ = fetch(times={"yahoo": 1.03})
    serious = {f.subject for f in published.findings if f.kind == "gate.premium"}
    assert {"069500", "360750"} <= serious


def test_values_in_another_currency_are_found_on_the_first_day_that_has_one(fetch: Fetch) -> None:
    published, _ = fetch(currency={"krx": "USD"})
    days = {f.day for f in published.findings if f.kind == "gate.nav_currency"}
    assert days == {date(2024, 5, 30)}
