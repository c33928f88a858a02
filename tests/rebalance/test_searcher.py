"""The search that becomes its compiled twin: the same orders, sooner, and never at a price."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jeoul.compiling import Jits, jits
from jeoul.model.decision import Quote, Target
from jeoul.model.portfolio import Portfolio
from jeoul.pipeline.paying import paid
from jeoul.pipeline.placing import orders_for
from jeoul.rebalance import (
    CENT_TICKS,
    ETF_TICKS,
    Fresh,
    SharesProblem,
    TradeRules,
    compile_search,
    search,
    spendable,
)
from jeoul.rebalance.local_search import WIDE
from jeoul.rebalance.searcher import COMPILE, READ, Searcher, work_of

CODES = tuple(f"{code:06}" for code in range(100_000, 100_020))
TODAY = date(2024, 6, 28)
SEED = 20_261_128


@pytest.fixture(scope="module")
def compiled() -> Any:
    return compile_search(*jits(kept=True))


def problem(funds: int = 15, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    price = np.floor(rng.uniform(2_000, 48_000, funds))
    held = rng.integers(0, 60, funds)
    target = rng.dirichlet(np.ones(funds)) * (2_000_000.0 + float(held @ price))
    return SharesProblem(
        target, price, price, price, held, 2_000_000.0, 0.0, 0.0, 0.0, 0.001, 0.001,
        1, 0.0, funds, True, True, 1.0,
    )  # fmt: skip


def household(rng: Any) -> tuple[Target, Portfolio, dict[str, Any], str]:
    """Return a target, an account and what happens to it; every rule is in play somewhere."""
    codes = [str(code) for code in rng.choice(CODES, int(rng.integers(1, 16)), replace=False)]
    wanted = codes[: int(rng.integers(1, len(codes) + 1))]  # the others are held and barred
    parts = rng.dirichlet(np.ones(len(wanted) + 1))
    weights = dict(zip([*wanted, "CASH"], map(float, parts), strict=True))
    quotes = {
        code: Quote(price=int(rng.integers(500, 200_000)), session=TODAY)
        for code in codes
        if code in wanted or rng.random() < 0.8  # what the model wants can be ordered
    }
    target = Target(
        as_of=TODAY,
        executed=TODAY + timedelta(days=3),
        currency="KRW",
        weights=weights,
        due=bool(rng.random() < 0.8),
        reasons=(),
        quotes=quotes,
        band=float(rng.choice([0.0, 0.05])),
        min_trade=int(rng.choice([0, 50_000])),
        risk=frozenset(wanted[::2]),
        risk_cap=0.7 if rng.random() < 0.3 else None,
    )
    held = {code: int(rng.integers(1, 300)) for code in codes if rng.random() < 0.6}
    arriving = {TODAY + timedelta(days=4): int(rng.integers(-50_000, 3_000_000))}
    cash = int(rng.integers(10_000, 20_000_000))
    portfolio = Portfolio(held, cash, unsettled=arriving if rng.random() < 0.3 else {})
    rules = TradeRules(
        buy_fee=Decimal(str(rng.choice([0, 0.000140527, 0.002]))),
        sell_fee=Decimal(str(rng.choice([0, 0.000140527, 0.002]))),
        min_fee=int(rng.choice([0, 500])),
        fixed_fee=int(rng.choice([0, 100])),
        spread=Decimal(str(rng.choice([0, 0.001]))),
        lot=int(rng.choice([1, 1, 10])),
        ticks=ETF_TICKS if rng.random() < 0.5 else CENT_TICKS,
        buffer=int(rng.choice([0, 100_000])),
        min_trade=target.min_trade,
        max_trades=None if rng.random() < 0.7 else int(rng.integers(0, 6)),
        spend_proceeds=bool(rng.random() < 0.7),
    )
    flow: dict[str, Any] = {
        "deposit": Fresh(deposited=int(rng.integers(1, 5_000_000)) if rng.random() < 0.3 else 0)
    }
    if not flow["deposit"].total and rng.random() < 0.3:
        flow = {"withdrawal": int(rng.integers(0, cash // 2))}
    return target, portfolio, {**flow, "rules": rules}, str(rng.choice(["settled", "reuse"]))


def ordered(case: Any) -> Any:
    target, portfolio, given, proceeds = case
    usable = spendable(portfolio, proceeds)
    placed = orders_for(target, usable, **given)
    return paid(target, usable, placed, given["rules"], proceeds, Fresh())


@pytest.mark.parametrize("accounts", [500, pytest.param(3_000, marks=pytest.mark.slow)])
def test_compiled_and_plain_place_the_same_orders(
    compiled: Any, monkeypatch: pytest.MonkeyPatch, accounts: int
) -> None:
    rng = np.random.default_rng(SEED)
    cases = [household(rng) for _ in range(accounts)]
    found = []
    for run in (search, compiled):
        monkeypatch.setattr("jeoul.rebalance.account_problem.quickest", run)
        found.append([ordered(case) for case in cases])
    differing = [number for number, pair in enumerate(zip(*found, strict=True)) if len({*pair}) > 1]
    assert differing == []
    assert sum(bool(placed.orders) for placed in found[0]) > accounts * 2 / 3
    # one form of problem: a second would be compiled while an account waits
    assert len(compiled.signatures) == 1


def refused(**_: Any) -> Any:
    raise AssertionError("compiled for nothing")


def test_an_account_or_a_hundred_compile_nothing() -> None:
    quick = Searcher(refused)
    for seed in range(100):
        given = problem(seed=seed)
        np.testing.assert_array_equal(quick(given), search(given))
    assert 100 * work_of(15) < READ


class Compiler:
    """What numba would do, in plain Python, and how often it was asked."""

    def __init__(self, kept: bool = False, fails: Any = ()) -> None:
        self.kept, self.fails, self.asked = kept, fails, 0

    def __call__(self, *, kept: bool) -> Jits:
        self.asked += 1
        if kept in self.fails:
            raise OSError(28, "No space left on device")

        def whole(function: Any) -> Any:
            return lambda given: function(given) * 1  # another function, the same trades

        return Jits(lambda function: function, whole)


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Say whether an earlier process has compiled the search."""

    def say(found: bool) -> None:
        monkeypatch.setattr("jeoul.rebalance.searcher.is_kept", lambda _: found)

    return say


def switched_at(quick: Searcher, most: int = 3_500) -> int | None:
    """Return after how many accounts of 15 funds the compiled search answers."""
    given = problem(2)._replace(target=np.zeros(15), price=np.ones(15), held=np.zeros(15, int))
    for number in range(most):
        quick(given._replace(min_trade=np.inf))  # nothing to do: only the counting takes time
        if quick._run is not search:
            return number
    return None


def test_what_an_earlier_process_compiled_is_read_after_some_hundred_accounts(kept: Any) -> None:
    kept(True)
    assert switched_at(Searcher(Compiler())) == -(-READ // work_of(15)) - 1


def test_without_one_it_is_compiled_after_some_thousand_accounts(kept: Any) -> None:
    kept(False)
    assert switched_at(Searcher(Compiler())) == -(-COMPILE // work_of(15)) - 1


def test_one_account_of_very_many_funds_is_reason_enough(kept: Any) -> None:
    kept(False)
    assert work_of(3_600) > COMPILE
    quick = Searcher(Compiler())
    quick(problem(3_600)._replace(min_trade=np.inf))
    assert quick._run is not search


def test_where_nothing_can_be_kept_it_is_compiled_for_this_process(kept: Any) -> None:
    kept(False)
    compiler = Compiler(fails=(True,))
    assert switched_at(Searcher(compiler)) is not None


def test_where_nothing_compiles_the_plain_search_goes_on_and_nobody_asks_again(kept: Any) -> None:
    kept(True)
    compiler = Compiler(fails=(True, False))
    quick = Searcher(compiler)
    assert switched_at(quick, 4_000) is None
    given = problem()
    np.testing.assert_array_equal(quick(given), search(given))
    assert compiler.asked == 4  # kept or not, when it could be read and when it could be compiled


FRESH = """\
import sys
sys.path.insert(0, sys.argv[1])
from test_searcher import problem
from jeoul.rebalance.local_search import WIDE
from jeoul.rebalance.searcher import COMPILE, READ, quickest
quickest._work = int(sys.argv[2])
print(quickest(problem()).tolist(), quickest._run.__class__.__name__)
"""


def fresh(place: Path, work: int) -> Any:
    return subprocess.Popen(
        [sys.executable, "-c", FRESH, str(Path(__file__).parent), str(work)],
        env={"PYTHONPATH": ":".join(sys.path), "NUMBA_CACHE_DIR": str(place), "PATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_three_first_runs_at_once_keep_one_search_that_later_runs_read(tmp_path: Path) -> None:
    expected = f"{search(problem()).tolist()} CPUDispatcher\n"
    for run in [fresh(tmp_path, COMPILE) for _ in range(3)]:
        assert run.communicate() == (expected, "")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nb?")}
    assert len(before) == 2
    assert fresh(tmp_path, READ).communicate() == (expected, "")
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nb?")} == before


@pytest.mark.slow
def test_a_damaged_file_is_written_anew(tmp_path: Path) -> None:
    twin = compile_search(*jits(kept=True))
    name = f"local_search.{twin.py_func.__qualname__}"  # type: ignore[attr-defined]
    folder = Path(twin.stats.cache_path)  # type: ignore[attr-defined]
    line, version = twin.py_func.__code__.co_firstlineno, sys.version_info  # type: ignore[attr-defined]
    from numba.core.caching import UserProvidedCacheLocator as Place

    source = twin.py_func.__code__.co_filename  # type: ignore[attr-defined]
    place = tmp_path / Place.get_suitable_cache_subpath(source)
    assert folder
    place.mkdir()
    (place / f"{name}-{line}.py{version.major}{version.minor}.nbi").write_bytes(b"\x80nonsense")
    assert fresh(tmp_path, READ).communicate() == (
        f"{search(problem()).tolist()} CPUDispatcher\n",
        "",
    )


def test_accounts_of_more_funds_than_all_pairs_are_looked_at_get_the_same_orders(
    compiled: Any,
) -> None:
    for funds, most in ((WIDE + 1, WIDE), (WIDE + 20, 60)):
        given = problem(funds, seed=funds)._replace(max_trades=most, min_trade=3_000.0)
        np.testing.assert_array_equal(compiled(given), search(given))


def test_thousands_of_funds_are_placed_and_keep_their_rules(compiled: Any) -> None:
    given = problem(3_000, seed=3)._replace(cash=200_000_000.0, max_trades=500)
    trades = compiled(given)
    assert 400 < np.count_nonzero(trades) <= 500
    assert (trades >= -given.held).all()
    spent = np.where(trades > 0, 1.001, 0.999) * trades * given.price
    assert given.cash - float(spent.sum()) >= given.floor
