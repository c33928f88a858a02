"""A fetch from end to end, the vendor on this machine: what is stored, written, found, resumed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import texts
import vendor as protocol

from jeoul.errors import DataError
from jeoul.market import open_market, serious_for
from jeoul.market.cache.store import RawStore
from jeoul.market.calendars import load_calendar
from jeoul.market.fetching.plan import read_plan
from jeoul.market.fetching.pool import JobOutcome
from jeoul.market.fetching.run import Fetching
from jeoul.market.levels import total_return
from jeoul.market.publishing.publish import lay_out, publish, restore  # type: ignore[attr-defined]
from jeoul.market.raw.series import SeriesKey
from jeoul.market.sources.errors import SourceError
from jeoul.market.sources.port import SourcePlace, connect

PLAN = texts.PLAN + 'symbols  = { "069500" = "GOOD.KS", "148070" = "OTHER.KS" }\n'
EVENING = int(datetime(2024, 6, 28, 12, tzinfo=UTC).timestamp())  # 21:00 in Seoul
NOON = int(datetime(2024, 6, 28, 3, tzinfo=UTC).timestamp())


@pytest.fixture(scope="session")
def real_calendars() -> Any:
    return {name: load_calendar(name) for name in ("XKRX", "XNYS")}


class Desk:
    """A plan, a store and the vendor, and what a user does with them."""

    def __init__(self, folder: Path, vendor: Any, calendars: Any) -> None:
        self.folder, self.vendor, self.calendars = folder, vendor, calendars
        self.source = protocol.yahoo(
            SourcePlace(folder / "state", folder, timeout=2.0), vendor.port
        )
        self.store = RawStore(folder / "raw.sqlite3")
        self.plan = PLAN

    def fetch(self, now: Any = EVENING, **options: Any) -> Any:
        path = self.folder / "plan.toml"
        path.write_text(self.plan)
        fetching = Fetching(read_plan(path), self.store, self.calendars, lambda: now)
        return {outcome.name: outcome for outcome in fetching.run(self.ask, **options)}

    def ask(self, jobs: Any) -> Iterator[Any]:
        for job in jobs:
            try:
                yield JobOutcome(job, self.source.fetch(job.request), 1)
            except SourceError as error:
                yield JobOutcome(job, error, 1)

    def write(self, now: Any = EVENING) -> Any:
        (self.folder / "plan.toml").write_text(self.plan)
        plan = read_plan(self.folder / "plan.toml")
        return publish(self.store, plan, self.folder / "market", now, self.calendars)

    def market(self) -> Any:
        return open_market(self.folder / "market", calendars=self.calendars)

    def findings(self) -> Any:
        market = self.market()
        return market.as_of(market.last_session()).findings

    def asked(self) -> Any:
        count = len(self.vendor.asked)
        self.vendor.asked.clear()
        return count


@pytest.fixture
def desk(tmp_path: Path, vendor: Any, real_calendars: Any) -> Iterator[Any]:
    vendor.changes.clear()
    vendor.asked.clear()
    found = Desk(tmp_path, vendor, real_calendars)
    yield found
    found.store.close()


def column(market: Any, ticker: Any) -> Any:
    (table,) = market.prices
    return table, table.tickers.index(ticker)


def test_what_is_fetched_is_what_the_folder_shows(desk: Any) -> None:
    outcomes = desk.fetch()
    days = list(protocol.sessions())
    assert {o.added for o in outcomes.values()} == {len(days)}
    published, _ = desk.write()
    assert published.findings == ()
    market = desk.market()
    table, place = column(market, "069500")
    assert table.adjusted == "raw"
    assert table.close[:, place].tolist() == protocol.prices(len(days))
    paid = table.sessions[table.dividends[:, place] > 0].astype(str).tolist()
    assert paid == ["2024-04-29"]
    assert market.last == date(2024, 6, 28)


def test_a_failure_leaves_nothing_in_the_store_and_the_rest_is_written(desk: Any) -> None:
    for symbol in ("E404.KS", "E429.KS", "E500.KS", "HTML.KS", "CUT.KS", "EMPTY.KS"):
        desk.plan = PLAN.replace("OTHER.KS", symbol)
        outcomes = desk.fetch()
        assert outcomes["148070"].error is not None
        assert desk.store.read(SeriesKey("yahoo", symbol)) is None
        published, _ = desk.write()
        assert published.missing == ("148070",)
        assert desk.market().prices[0].tickers == ("069500",)


def test_a_bar_without_a_close_is_found_and_left_out(desk: Any) -> None:
    desk.plan = PLAN.replace("GOOD.KS", "NAN.KS").replace("OTHER.KS", "NAN2.KS")
    desk.fetch()
    published, _ = desk.write()
    assert {(f.kind, f.day.isoformat()) for f in published.findings} == {
        ("gate.empty_bar", "2024-06-28")
    }
    assert desk.market().last == date(2024, 6, 27)


def test_what_is_complete_is_not_asked_for_again(desk: Any) -> None:
    desk.fetch()
    assert desk.asked() > 0
    again = desk.fetch()
    assert desk.asked() == 0
    assert not any(outcome.asked for outcome in again.values())


def test_the_bar_that_is_being_made_is_left_out_until_it_is_final(desk: Any) -> None:
    desk.fetch(now=NOON)
    published, _ = desk.write(NOON)
    assert {(f.kind, f.day.isoformat()) for f in published.findings} == {
        ("gate.unfinished", "2024-06-28")
    }
    assert desk.market().last == date(2024, 6, 27)
    outcomes = desk.fetch()
    assert all(outcome.asked and not outcome.revised for outcome in outcomes.values())
    published, _ = desk.write()
    assert published.findings == ()
    assert desk.market().last == date(2024, 6, 28)


def test_an_update_asks_for_the_newest_days_only(desk: Any) -> None:
    desk.fetch(now=NOON)
    rows = {}
    ask = desk.ask

    def counted(jobs: Any) -> Iterator[Any]:
        for done in ask(jobs):
            rows[done.job.request.symbol] = len(done.answer.rows)
            yield done

    desk.ask = counted
    desk.fetch()
    assert max(rows.values()) < 15


def test_a_refetch_shows_what_the_vendor_has_changed(desk: Any) -> None:
    desk.fetch()
    desk.vendor.changes["GOOD.KS"] = "revised"
    outcomes = desk.fetch(full=True)
    assert outcomes["069500"].revised == 1
    assert outcomes["069500"].largest == pytest.approx(0.01)
    assert outcomes["148070"].revised == 0


def test_a_new_split_restates_the_past_and_changes_no_price_as_traded(desk: Any) -> None:
    desk.fetch(now=NOON)
    before, place = column(_written(desk, NOON), "069500")
    desk.vendor.changes["GOOD.KS"] = "split"
    outcomes = desk.fetch()
    assert outcomes["069500"].error is None
    after, _ = column(_written(desk, EVENING), "069500")
    old = before.sessions < np.datetime64(protocol.SPLIT_DAY)
    assert after.close[: old.sum(), place].tolist() == before.close[old, place].tolist()
    assert after.dividends[: old.sum(), place].tolist() == before.dividends[old, place].tolist()
    growth = total_return(after, place)
    steps = growth[1:] / growth[:-1] - 1
    assert np.abs(steps).max() < 0.02  # the split itself is no return


def _written(desk: Any, now: Any) -> Any:
    desk.write(now)
    return desk.market()


def serious(found: Any) -> Any:
    return {f.kind.partition(".")[2] for f in found if f.severity == "serious"}


def test_korean_fault_1_a_dividend_multiplied_by_the_exchange_rate(desk: Any) -> None:
    """yfinance issue 2554: 148070.KS, 4,000 won became 5,411,920."""
    desk.plan = PLAN.replace("OTHER.KS", "DIVIDEND.KS")
    desk.fetch()
    desk.write()
    assert serious(desk.findings()) == {"dividend", "jump"}
    market = desk.market()
    stopped = serious_for(market.as_of(market.last_session()), ["148070"])
    assert {f.subject for f in stopped} == {"148070"}
    desk.plan += (
        '[[correct]]\nticker = "148070"\ndate = 2024-04-29\ndividend = 50.0\n'
        'reason = "the notice of the issuer"\n'
    )
    desk.write()
    assert serious(desk.findings()) == set()
    assert {f.kind for f in desk.findings()} == {"gate.corrected"}


def test_korean_fault_2_a_dividend_that_vanishes_between_two_fetches(desk: Any) -> None:
    desk.fetch()
    desk.vendor.changes["OTHER.KS"] = "no-dividend"
    desk.fetch(full=True)
    desk.write()
    (found,) = desk.findings()
    assert (found.kind, found.subject, found.day) == (
        "gate.withdrawn",
        "148070",
        date(2024, 4, 29),
    )
    del desk.vendor.changes["OTHER.KS"]
    desk.fetch(full=True)
    desk.write()
    assert desk.findings() == ()  # it is back


@pytest.mark.parametrize(("number", "change"), [(3, "split-missed"), (4, "split-twice")])
def test_korean_faults_3_and_4_a_split_missed_or_applied_twice(
    desk: Any, number: int, change: str
) -> None:
    desk.vendor.changes["OTHER.KS"] = change
    desk.fetch()
    desk.write()
    (found,) = [f for f in desk.findings() if f.severity == "serious"]
    assert (found.kind, found.subject) == ("finding.jump", "148070")
    assert found.day.isoformat() == protocol.SPLIT_DAY


def test_a_symbol_that_was_known_and_is_not_any_more_is_serious(desk: Any) -> None:
    desk.fetch(now=NOON)
    desk.plan = PLAN.replace("OTHER.KS", "E404.KS")
    first = desk.fetch()  # never known: a plain failure
    assert type(first["148070"].error).__name__ == "UnknownSymbol"
    desk.write()
    assert desk.findings() == ()
    desk.plan = PLAN
    known = SeriesKey("yahoo", "OTHER.KS")
    desk.store.record_gone(known, EVENING)
    desk.write()
    assert serious(desk.findings()) == {"gone"}
    desk.fetch(full=True)
    desk.write()
    assert desk.findings() == ()


def test_another_currency_and_another_name_are_found(desk: Any) -> None:
    desk.plan = PLAN.replace("OTHER.KS", "DOLLAR.KS")
    desk.fetch(now=NOON)
    desk.vendor.changes["DOLLAR.KS"] = "renamed"
    desk.fetch()
    desk.write()
    kinds = {f.kind: f for f in desk.findings()}
    assert set(kinds) == {"gate.currency", "gate.renamed"}
    assert dict(kinds["gate.currency"].detail) == {"told": "USD", "expected": "KRW"}
    assert dict(kinds["gate.renamed"].detail) == {"before": "A Fund", "now": "Another Fund"}


def test_a_release_lets_a_finding_pass_and_keeps_the_reason(desk: Any) -> None:
    desk.plan = PLAN.replace("OTHER.KS", "DOLLAR.KS")
    desk.fetch()
    desk.plan += (
        '[[release]]\nticker = "148070"\ndate = 2024-06-28\nkind = "currency"\n'
        'reason = "the vendor labels it wrongly"\n'
    )
    desk.write()
    (found,) = desk.findings()
    assert found.severity == "notice"
    assert dict(found.detail)["released"] == "the vendor labels it wrongly"


def test_a_snapshot_writes_the_same_folder_after_the_vendor_has_changed_everything(
    desk: Any,
) -> None:
    desk.fetch()
    published, snapshot = desk.write()
    desk.vendor.changes["GOOD.KS"] = desk.vendor.changes["OTHER.KS"] = "split"
    desk.fetch(full=True)
    later, _ = desk.write()
    assert later.digest != snapshot.digest
    again = restore(desk.store, snapshot.digest[:10], desk.folder / "again", desk.calendars)
    assert again.digest == published.digest == snapshot.digest
    for name, content in published.files.items():
        assert (desk.folder / "again" / name).read_bytes() == content


def test_a_folder_of_somebody_else_is_not_replaced(desk: Any) -> None:
    desk.fetch()
    (desk.folder / "market").mkdir()
    (desk.folder / "market" / "thesis.txt").write_text("ten years of work")
    with pytest.raises(DataError, match="not a folder that was written by a fetch"):
        desk.write()
    assert (desk.folder / "market" / "thesis.txt").read_text() == "ten years of work"


@pytest.mark.posix
def test_killed_in_the_middle_it_keeps_every_ticker_that_was_finished(
    desk: Any, tmp_path: Path
) -> None:
    tickers = ["069500", "148070", "114260"]
    plan = PLAN.replace('["069500", "148070"]', str(tickers).replace("'", '"'))
    plan = plan.replace('"148070" = "OTHER.KS"', '"148070" = "OTHER.KS", "114260" = "STALL.KS"')
    (tmp_path / "plan.toml").write_text(plan)
    here = Path(__file__).parent
    child = subprocess.Popen(
        [sys.executable, here / "fetch_until_killed.py", str(desk.vendor.port), str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    done = [child.stdout.readline().split() for _ in range(2)]
    child.send_signal(signal.SIGKILL)  # while it waits for the third
    child.communicate()
    assert done == [["069500", "stored"], ["148070", "stored"]]
    with RawStore(tmp_path / "raw.sqlite3") as store:
        for symbol in ("GOOD.KS", "OTHER.KS"):
            raw = store.read(SeriesKey("yahoo", symbol))
            assert len(raw.days) == len(list(protocol.sessions()))
        assert store.read(SeriesKey("yahoo", "STALL.KS")) is None
    desk.asked()
    desk.plan = plan.replace("STALL.KS", "THIRD.KS")
    outcomes = desk.fetch(now=1719800000)
    assert [name for name, outcome in outcomes.items() if outcome.asked] == ["114260"]
    assert set(desk.vendor.asked) == {"THIRD.KS"}


def test_two_sources_that_disagree(desk: Any, tmp_path: Path) -> None:
    days = [moment.date() for moment in protocol.sessions()]
    closes = protocol.prices(len(days))
    closes[10] *= 1.02
    closes[-1] *= 0.97
    rows = [f"{day},{close}" for day, close in zip(days, closes, strict=True)]
    for ticker in ("069500", "148070"):
        (tmp_path / f"{ticker}.csv").write_text("\n".join(["date,close", *rows, ""]))
    desk.plan = PLAN + 'check = { source = "csv", suffix = ".csv", tolerance = 0.005 }\n'
    from jeoul.market.sources.csv import CsvFiles

    files, yahoo = CsvFiles(tmp_path), desk.ask

    def both(jobs: Any) -> Iterator[Any]:
        yield from (JobOutcome(j, files.fetch(j.request), 1) for j in jobs if j.source == "csv")
        yield from yahoo([job for job in jobs if job.source == "yahoo"])

    desk.ask = both
    desk.fetch()
    desk.write()
    found = [(f.subject, f.day, f.severity) for f in desk.findings() if f.subject == "069500"]
    assert found == [("069500", days[10], "notice"), ("069500", days[-1], "serious")]


def test_nothing_fetched_is_nothing_written(desk: Any) -> None:
    (desk.folder / "plan.toml").write_text(PLAN)
    with pytest.raises(DataError, match="has no row of test"):
        lay_out(desk.store, read_plan(desk.folder / "plan.toml"), desk.calendars)


# -- sources on this machine are all that there is -------------------------------------------------

OWN = """
schema = 1
name = "own"
what = "own files"
start = 2024-06-01
store = "own.sqlite3"
folder = "own"
[sources.issuers]
[[prices]]
path = "p.csv"
what = "closes"
exchange = "XKRX"
currency = "KRW"
source = "csv"
tickers = ["360750"]
symbols = { "360750" = "own.csv" }
"""
CLOSES = "date,close\n2024-06-25,100\n2024-06-26,101\n2024-06-27,102\n2024-06-28,103\n"
PAID = "지급기준일,분배금,주당과세표준액\n{}"
FIRST, SECOND = "2024-06-26,5,4\n", "2024-06-28,6,3\n"


class OwnFiles:
    """A plan of files of one's own, and what the store has after each fetch."""

    def __init__(self, folder: Path, calendars: Any) -> None:
        self.folder, self.calendars = folder, calendars
        (folder / "issuers").mkdir()
        (folder / "plan.toml").write_text(OWN, "utf-8")
        (folder / "own.csv").write_text(CLOSES, "utf-8")

    def has(self, store: RawStore, key: SeriesKey) -> list[date]:
        plan = read_plan(self.folder / "plan.toml")
        place = SourcePlace(self.folder, self.folder)

        def ask(jobs: Any) -> Iterator[Any]:
            sources = {job.source: connect(job.source, place) for job in jobs}
            for job in jobs:
                try:
                    yield JobOutcome(job, sources[job.source].fetch(job.request), 1)
                except SourceError as error:
                    yield JobOutcome(job, error, 1)

        list(Fetching(plan, store, self.calendars, lambda: EVENING).run(ask))
        raw = store.read(key)
        assert raw is not None
        days: list[date] = raw.days[np.isfinite(raw.close)].tolist()
        return days


@pytest.fixture
def own(tmp_path: Path, real_calendars: Any) -> OwnFiles:
    return OwnFiles(tmp_path, real_calendars)


def test_what_is_taken_out_of_the_issuers_folder_counts_no_longer(own: OwnFiles) -> None:
    """The newest file, then the only one; a file that comes back counts again."""
    paid, taxed = (SeriesKey("issuers", f"issuers/{kind}/360750") for kind in ("paid", "taxed"))
    one, two = (own.folder / "issuers" / name for name in ("a-360750.csv", "b-360750.csv"))
    days = [date(2024, 6, 26), date(2024, 6, 28)]
    with RawStore(own.folder / "own.sqlite3") as store:
        one.write_text(PAID.format(FIRST), "utf-8")
        two.write_text(PAID.format(SECOND), "utf-8")
        assert own.has(store, paid) == own.has(store, taxed) == days
        two.unlink()
        assert own.has(store, paid) == own.has(store, taxed) == days[:1]
        one.unlink()
        assert own.has(store, paid) == own.has(store, taxed) == []
        one.write_text(PAID.format(SECOND), "utf-8")
        assert own.has(store, paid) == days[1:]
        published = lay_out(store, read_plan(own.folder / "plan.toml"), own.calendars)
        assert published.files["events-p.csv"].decode().count("\n2024-") == 1


def test_a_folder_that_cannot_be_read_takes_nothing_away(own: OwnFiles) -> None:
    paid = SeriesKey("issuers", "issuers/paid/360750")
    file = own.folder / "issuers" / "360750.csv"
    with RawStore(own.folder / "own.sqlite3") as store:
        file.write_text(PAID.format(FIRST), "utf-8")
        before = own.has(store, paid)
        file.write_text(PAID.format("soon,5,4\n"), "utf-8")
        assert own.has(store, paid) == before == [date(2024, 6, 26)]


def test_a_newest_row_that_is_taken_out_of_ones_own_file_counts_no_longer(own: OwnFiles) -> None:
    key = SeriesKey("csv", "own.csv")
    with RawStore(own.folder / "own.sqlite3") as store:
        assert own.has(store, key)[-1] == date(2024, 6, 28)
        (own.folder / "own.csv").write_text(CLOSES.rpartition("2024-06-28")[0], "utf-8")
        found = Fetching(
            read_plan(own.folder / "plan.toml"), store, own.calendars, lambda: EVENING + 7 * 86_400
        )
        place = SourcePlace(own.folder, own.folder)
        list(
            found.run(
                lambda jobs: (
                    JobOutcome(job, connect(job.source, place).fetch(job.request), 1)
                    for job in jobs
                    if job.source == "csv"
                )
            )
        )
        raw = store.read(key)
        assert raw is not None
        assert raw.days[np.isfinite(raw.close)].tolist()[-1] == date(2024, 6, 27)
