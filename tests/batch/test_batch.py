"""A file of accounts gets the orders that each account gets alone, and nothing stops it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from crowd import HEAD, crowd, dies_once, orders_in, rows, write_accounts, write_terms

import jeoul
from jeoul.batch import (
    BatchAccount,
    BatchFiles,
    BatchTerms,
    decide_by_records,
    kernel,
    plan_accounts,
    restricted,
    run_batch,
)
from jeoul.batch.compiled import cell_functions, decide_all, plain_names
from jeoul.cli.batch import batch as command
from jeoul.cli.executors import executor_of
from jeoul.errors import AlreadyRunning, HoldingsError, JeoulError, UsageError
from jeoul.executing import Crew, Here
from jeoul.market import Market
from jeoul.rebalance import ONLINE, Tariff
from jeoul.rebalance.searcher import Searcher
from jeoul.workspace.batch import Ways, set_up
from jeoul.workspace.inputs import Opened

ASKED = [("general", "growth"), ("irp", "growth")]


@pytest.fixture(scope="module")
def proposals(opened: Opened) -> dict[tuple[str, str], Any]:
    return {
        (kind, profile): jeoul.propose(opened.strategy, profile, kind, opened.snapshot)
        for kind, profile in ASKED
    }


def alone(proposals: Any, account: BatchAccount) -> list[tuple[str, ...]] | None:
    try:
        orders = decide_by_records(proposals, account).orders
    except JeoulError:
        return None
    return [(str(o.side), o.ticker, str(o.shares), str(o.price), o.reason.kind) for o in orders]


def test_each_account_of_a_file_trades_as_it_does_alone(
    proposals: Any, batch: Any, tmp_path: Path
) -> None:
    accounts = crowd(proposals, 20_261_129, 150)
    write_terms(tmp_path / "terms.csv", accounts)
    found = batch(list(rows(accounts)), tmp_path / "terms.csv")
    wanted = {each.account: alone(proposals, each) for each in accounts}
    assert orders_in(found.orders) == {name: made for name, made in wanted.items() if made}
    refused = {line.split(",")[0] for line in found.refused}
    assert refused == {name for name, made in wanted.items() if made is None}
    assert 0 < found.tally.planned == len(accounts) - len(refused)


@pytest.mark.parametrize("proceeds", ["settled", "reuse"])
def test_without_files_they_are_the_same_too(proposals: Any, proceeds: Any) -> None:
    """No date of the calendar, so bands, withdrawals and first days decide."""
    held = {pair: replace(each, due=False, band=0.3) for pair, each in proposals.items()}
    accounts = crowd(held, 7, 150)
    reasons = set()
    for account, planned in zip(
        accounts, plan_accounts(held, accounts, proceeds=proceeds), strict=True
    ):
        if planned.refused:
            with pytest.raises(JeoulError) as fault:
                decide_by_records(held, account, proceeds)
            assert planned.refused == str(fault.value)
            continue
        decision = decide_by_records(held, account, proceeds)
        made = [(str(o.side), o.ticker, o.shares, o.price, o.reason.kind) for o in decision.orders]
        assert (made, decision.cost) == ([tuple(order) for order in planned.orders], planned.cost)
        reasons |= {order.reason for order in planned.orders}
    assert {"rebalance.sell_to_pay", "rebalance.buy_under", "rebalance.sell_over"} <= reasons


def test_sums_of_newer_versions_of_python_are_known(
    proposals: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From 3.12 on ``sum`` of floats carries what rounding loses: the same trades nearly always."""
    accounts = crowd(proposals, 3, 40)
    plain = plan_accounts(proposals, accounts)
    monkeypatch.setattr(sys, "version_info", (3, 10) if sys.version_info >= (3, 12) else (3, 13))
    other = plan_accounts(proposals, accounts)
    assert sum(a != b for a, b in zip(plain, other, strict=True)) <= 2


def test_terms_move_weights_within_the_class_and_below_the_cap(proposals: Any) -> None:
    proposal = proposals["general", "growth"]
    barred = max((c for c in proposal.risk if c in proposal.weights), key=proposal.weights.get)
    without = restricted(proposal, BatchTerms(excluded=frozenset({barred})))
    assert without.weights[barred] == 0.0
    assert sum(without.weights.values()) == pytest.approx(1.0)
    capped = restricted(proposal, BatchTerms(risk_cap=0.2))
    assert sum(capped.weights.get(code, 0.0) for code in capped.risk) == pytest.approx(0.2)
    assert restricted(proposal, BatchTerms()) is proposal
    irp = proposals["irp", "growth"]
    assert restricted(irp, BatchTerms(risk_cap=1.0)).risk_cap == irp.risk_cap
    with pytest.raises(UsageError, match="not a fraction"):
        BatchTerms(risk_cap=70)


BAD = {
    "kind": ("x,savings,growth,CASH,5,,", "'savings' is not a kind of account"),
    "profile": ("x,general,bold,CASH,5,,", "has no profile 'bold'"),
    "ticker": ("x,general,growth,999999,5,,", "'999999' is not a ticker"),
    "shares": ("x,general,growth,069500,1.5,,", "'1.5' is not a whole number"),
    "shares_negative": ("x,general,growth,069500,-3,,", "-3 shares are below zero"),
    "cash_day": ("x,general,growth,CASH@2024-02-30,5,,", "does not name a day"),
    "amount": ("x,general,growth,CASH,many,,", "'many' in shares"),
    "amount_negative": ("x,general,growth,CASH,5,-1,", "the deposit of -1"),
    "amount_place": ("x,general,growth,069500,5,100,", "is not CASH"),
    "too_large": ("x,general,growth,069500,12345678901234567890,,", "too large"),
    "too_fine": ("x,general,growth,CASH,5.25,,", "finer"),
    "cells": ("x,general,growth", "3 cells"),
    "no_account": (",general,growth,CASH,5,,", "no account"),
    "no_cash": ("x,general,growth,069500,5,,", "no CASH row"),
    "both_flows": ("x,general,growth,CASH,5,1,1", "a deposit and a withdrawal"),
}


@pytest.mark.parametrize("code", BAD)
def test_a_row_that_cannot_be_read_is_named_with_its_line(batch: Any, code: str) -> None:
    good = ["a", "general", "growth", "CASH", "5000000", "", ""]
    line, said = BAD[code]
    found = batch([good, line.split(","), ["z", *good[1:]]])
    assert (found.tally.accounts, found.tally.planned) == (3, 2)
    (only,) = found.refused
    assert only.startswith(f"{line.split(',')[0]},3,{code},")
    assert said in only
    korean = batch(lang="ko").refused[0]
    assert korean.split(",")[2] == code
    assert any("가" <= letter <= "힣" for letter in korean)


def test_rows_of_one_holding_twice_and_of_accounts_apart_are_refused(batch: Any) -> None:
    cash = ("general", "growth", "CASH", "5000000", "", "")
    fund = ("general", "growth", "069500", "5", "", "")
    found = batch([("a", *cash), ("a", *fund), ("a", *fund), ("b", *cash), ("c", *cash),
                   ("b", *fund), ("d", *cash), ("d", *cash)])  # fmt: skip
    said = [line.split(",")[:3] for line in found.refused]
    assert said == [["a", "4", "ticker_twice"], ["b", "5", "scattered"], ["b", "7", "scattered"],
                    ["d", "9", "cash_twice"]]  # fmt: skip
    assert set(orders_in(found.orders)) == {"c"}


def test_terms_that_cannot_be_used_refuse_their_account_alone(batch: Any, tmp_path: Path) -> None:
    cash = ("general", "growth", "CASH", "5000000", "", "")
    terms = tmp_path / "terms.csv"
    terms.write_text("account,fee,risk_cap,excluded\na,0.5,,\nb,,1.5,\nc,,,06950\nd,1e-05,,069500\n"
                     "e,,0.5,\ne,,0.6,\n", "utf-8")  # fmt: skip
    found = batch([(name, *cash) for name in "abcdef"], terms)
    assert [line.split(",")[:3] for line in found.refused] == [
        ["a", "2", "terms"], ["b", "3", "terms"], ["c", "4", "terms"], ["e", "6", "terms"]
    ]  # fmt: skip
    traded = orders_in(found.orders)
    assert set(traded) == {"d", "f"}
    assert "069500" not in {order[1] for order in traded["d"]}


def test_one_account_in_a_hundred_is_poisoned_and_the_others_are_planned(batch: Any) -> None:
    rng = np.random.default_rng(5)
    poison = [line.split(",") for line, _ in BAD.values()]
    lines, bad = [], 0
    for number in range(2_000):
        if rng.random() < 0.01:
            lines.append([f"x{number}", *poison[rng.integers(len(poison))][1:]])
            bad += 1
        else:
            lines.append(
                [f"a{number}", "general", "growth", "CASH", str(1_000_000 + number), "", ""]
            )
    found = batch(lines)
    assert found.tally.planned == 2_000 - bad
    assert {line.split(",")[0] for line in found.refused} == {
        line[0] for line in lines if line[0].startswith("x")
    }


def test_formats_are_alike(proposals: Any, batch: Any, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    accounts = crowd(proposals, 11, 60)
    lines = list(rows(accounts))
    wanted = batch(lines).orders
    columns = dict(zip(HEAD, map(list, zip(*lines, strict=True)), strict=True))
    table = pa.table(
        columns
        | {
            "shares": pa.array(map(int, columns["shares"])),
            "deposit": pa.array([float(x) if x else None for x in columns["deposit"]]),
            "kind": pa.array(columns["kind"]).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "accounts.parquet", row_group_size=37)
    with pa.ipc.new_file(tmp_path / "accounts.arrow", table.schema) as file:
        file.write_table(table, max_chunksize=29)
    for given, out in (("parquet", "parquet"), ("arrow", "arrow"), ("parquet", "csv")):
        made = tmp_path / f"made.{out}"
        batch(accounts=tmp_path / f"accounts.{given}", out=made)
        if out == "csv":
            assert made.read_bytes() == wanted
            continue
        reader = pq.read_table if out == "parquet" else pa.ipc.open_file
        found = reader(made) if out == "parquet" else reader(made).read_all()
        said = [",".join(map(str, row.values())) for row in found.to_pylist()]
        assert said == wanted.decode().splitlines()[1:]


def test_a_file_may_be_written_by_other_programs(batch: Any, tmp_path: Path) -> None:
    plain = batch(
        [("a,b", "general", "growth", "CASH", "5000000", "", "")],
    )
    assert plain.refused  # the comma makes a cell too many
    file = tmp_path / "accounts.csv"
    file.write_bytes(
        '\ufeffShares;ticker;profile;kind;account\r\n5000000.0;CASH;growth;ISA;"a;1"\r\n\r\n'
        '3;69500;growth;isa;"a;1"'.encode()
    )
    found = batch()
    assert set(orders_in(found.orders)) == {"a;1"}
    assert found.tally.accounts == found.tally.planned == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no column 'account'"),
        ("account,kind,profile,shares\n", "no column 'ticker'"),
        ("account,kind,profile,ticker,shares,shares\n", "'shares' twice"),
    ],
)
def test_a_file_that_is_not_such_a_table_is_refused(
    batch: Any, tmp_path: Path, content: str, said: str
) -> None:
    (tmp_path / "accounts.csv").write_text(content, "utf-8")
    with pytest.raises(HoldingsError, match=said):
        batch()
    with pytest.raises(UsageError, match="ending"):
        batch(accounts=tmp_path / "accounts.xlsx")
    with pytest.raises(HoldingsError, match="no such file"):
        batch(accounts=tmp_path / "none.csv")


def test_a_batch_that_was_stopped_goes_on_to_the_same_file(
    batch: Any, proposals: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jeoul.batch.csv_table.SIZE", 2_000)
    accounts = crowd(proposals, 13, 80)
    lines = list(rows(accounts))
    whole = batch(lines)
    done: list[int] = []

    class Stops(Here):
        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
            done.append(1)
            if len(done) == 3:
                raise KeyboardInterrupt
            return super().submit(fn, *args, **kwargs)

    out = tmp_path / "again.csv"
    with pytest.raises(KeyboardInterrupt):
        batch(out=out, crew=Crew(Stops))
    assert not out.exists()
    assert len(list((tmp_path / ".again.csv.parts").glob("*.part"))) == 3
    again = batch(out=out)
    assert (again.orders, again.tally) == (whole.orders, whole.tally)
    assert not (tmp_path / ".again.csv.parts").exists()


def test_two_batches_into_one_file_do_not_mix(batch: Any, tmp_path: Path) -> None:
    from jeoul.market.cache.lock import locked

    with (
        locked(tmp_path / ".orders.csv.parts"),
        pytest.raises(AlreadyRunning, match="another batch"),
    ):
        batch([("a", "general", "growth", "CASH", "5000000", "", "")])


def test_dollars_have_cents(sample: Market) -> None:
    strategy = jeoul.load_strategy("static")
    proposal = jeoul.propose(strategy, "growth", "general", sample.as_of(sample.last_session()))
    assert proposal.currency == "KRW"
    account = BatchAccount(
        account="a", kind="general", profile="growth",
        portfolio=jeoul.Portfolio({}, 100_000, "USD", {date(2024, 7, 1): 5}),
        terms=BatchTerms(Tariff(Decimal("0.00000000001"))),
    )  # fmt: skip
    (found,) = plan_accounts({("general", "growth"): proposal}, [account])
    assert "USD" in found.refused


@pytest.mark.slow
@pytest.mark.posix
@pytest.mark.parametrize("where", ["processes:2", "cluster"])
def test_other_processes_give_the_same_and_a_dead_one_loses_nothing(
    batch: Any, proposals: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    accounts = crowd(proposals, 19, 60)
    lines = [(f"{name}-{copy}", *rest) for copy in range(60) for name, *rest in rows(accounts)]
    monkeypatch.setattr("jeoul.batch.csv_table.SIZE", 100_000)
    whole = batch(lines)
    with ExitStack() as stack:
        address = where
        if where == "cluster":
            import distributed

            cluster = stack.enter_context(
                distributed.LocalCluster(
                    n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
                )
            )
            address = cluster.scheduler_address
        make, once = executor_of(address), tmp_path / "once"

        class Dying(Executor):
            """An executor whose third part kills the worker that it comes to, the first time."""

            def __init__(self) -> None:
                self.inner, self.count = make(), 0

            def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
                self.count += 1
                if self.count == 3:
                    return self.inner.submit(dies_once, str(once), fn, *args)
                return self.inner.submit(fn, *args, **kwargs)

            def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
                self.inner.shutdown(wait, cancel_futures=cancel_futures)

        found = batch(out=tmp_path / "elsewhere.csv", crew=Crew(Dying))
    assert once.exists()
    assert (found.orders, found.tally) == (whole.orders, whole.tally)


@pytest.mark.slow
def test_what_a_batch_runs_is_compiled_where_numba_works() -> None:
    """It answers the same uncompiled, hundreds of times slower, so that nothing else would tell."""
    assert decide_all() is not kernel.decide_all
    assert cell_functions().count_lines(np.zeros(0, dtype=np.uint8)) == 0
    assert plain_names() == ()
    assert Searcher()._faster(may_compile=True) is not None


@pytest.mark.slow
@pytest.mark.posix
def test_kill_9_at_any_moment_changes_no_byte(proposals: Any, batch: Any, tmp_path: Path) -> None:
    accounts = crowd(proposals, 17, 60)
    lines = [(f"{name}-{copy}", *rest) for copy in range(250) for name, *rest in rows(accounts)]
    write_accounts(tmp_path / "accounts.csv", lines)
    words = [sys.executable, "-m", "jeoul", "batch", str(tmp_path / "accounts.csv"), "static",
             "--executor", "here", "--lang", "en", "--out"]  # fmt: skip
    subprocess.run([*words, str(tmp_path / "whole.csv")], check=True, capture_output=True)
    out = tmp_path / "killed.csv"
    begun = time.monotonic()
    subprocess.run([*words, str(tmp_path / "timed.csv")], check=True, capture_output=True)
    took = time.monotonic() - begun
    for part in (0.5, 0.7, 0.85, 0.95):
        process = subprocess.Popen([*words, str(out)], stdout=subprocess.DEVNULL)
        time.sleep(took * part)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run([*words, str(out)], check=True, capture_output=True)
    assert out.read_bytes() == (tmp_path / "whole.csv").read_bytes()


# -- funds that cost too much above net asset value ------------------------------------------------

DEAR = "360750"


@pytest.fixture(scope="module")
def dear(opened: Opened) -> Opened:
    """The same day, on which one fund closed 11 % above its net asset value."""
    tables = []
    for table in opened.snapshot.prices:
        if DEAR in table.tickers and table.nav is not None:
            nav, column = table.nav.copy(), table.tickers.index(DEAR)
            nav[-1, column] = table.close[-1, column] * 0.9
            table = replace(table, nav=nav)  # noqa: PLW2901  the same table, changed
        tables.append(table)
    return replace(opened, snapshot=replace(opened.snapshot, prices=tuple(tables)))


def proposals_of(opened: Opened) -> dict[tuple[str, str], Any]:
    return {
        (kind, profile): jeoul.propose(opened.strategy, profile, kind, opened.snapshot)
        for kind, profile in ASKED
    }


def test_the_money_held_back_is_that_of_each_account_alone(dear: Opened, tmp_path: Path) -> None:
    made = proposals_of(dear)
    accounts = crowd(made, 3, 120)
    wanted = {}
    for account in accounts:
        with suppress(JeoulError):
            wanted[account.account] = decide_by_records(made, account).held_back
    assert sum(amount > 0 for amount in wanted.values()) > 10
    found = {each.account: each.held_back for each in plan_accounts(made, accounts)}
    assert {name: found[name] for name in wanted} == wanted

    write_accounts(tmp_path / "accounts.csv", list(rows(accounts)))
    write_terms(tmp_path / "terms.csv", accounts)
    files = BatchFiles(
        accounts=tmp_path / "accounts.csv",
        out=tmp_path / "orders.csv",
        refused=tmp_path / "refused.csv",
        terms=tmp_path / "terms.csv",
    )
    job, layout, _ = set_up(dear, files, Ways(ONLINE, "settled", "en"))
    tally = run_batch(job, files, layout, Crew(Here)).tally
    assert tally.held_back == sum(wanted.values())
    assert tally.held_accounts == sum(amount > 0 for amount in wanted.values())


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "1 account are held back"), ("ko", "괴리율 11.11%")]
)
def test_the_summary_says_how_much_is_held_back_and_why(
    dear: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str, said: str
) -> None:
    monkeypatch.setattr("jeoul.cli.batch.open_inputs", lambda *_: dear)
    write_accounts(tmp_path / "a.csv", [["A", "general", "growth", "CASH", "30000000", "", ""]])
    asked = [str(tmp_path / "a.csv"), "static", "--out", str(tmp_path / "o.csv"), "--executor",
             "here", "--lang", lang]  # fmt: skip
    shown = CliRunner().invoke(command, asked, catch_exceptions=False)
    assert said in shown.output
    assert DEAR in shown.output
    (found,) = plan_accounts(
        proposals_of(dear),
        [BatchAccount(account="A", kind="general", profile="growth",
                      portfolio=jeoul.Portfolio({}, 30_000_000))],
    )  # fmt: skip
    assert f"{found.held_back:,}" in shown.output
