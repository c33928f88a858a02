"""A household file with its holdings becomes the problem that a plan solves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.household.homes import ACCOUNTS, MINSU, account, home

from jeoul import assets
from jeoul.errors import ConfigError
from jeoul.household.gathering.gather import Before, gather
from jeoul.household.gathering.gathered import Gathered
from jeoul.household.gathering.inputs import read_inputs
from jeoul.household.problem.after import After, exposures
from jeoul.household.problem.document import from_document, to_document
from jeoul.household.problem.evaluate import evaluate
from jeoul.household.problem.records import NOTHING, Account, Gains, HouseholdMember, Position
from jeoul.korea.tables import load_rules
from jeoul.market import Market
from jeoul.model.portfolio import CASH

BOOK = load_rules(2026)

JIWOO = """\
[people.jiwoo]
born = 1968-02-01
wages = 0
comprehensive_income = 0
profile = "growth"
"""


@pytest.fixture(scope="module")
def plain(sample: Market, tmp_path_factory: pytest.TempPathFactory) -> Gathered:
    """Five accounts of one person, with 5 M of new money."""
    return _gather(sample, home(tmp_path_factory.mktemp("home")), deposit=5_000_000)


def _gather(sample: Market, file, **asked) -> Gathered:  # type: ignore[no-untyped-def]
    return gather(file, market=sample, as_of=sample.last_session(), book=BOOK, **asked)


def of(gathered: Gathered, name: str) -> Account:
    return next(each for each in gathered.household.accounts if each.id == name)


def position(gathered: Gathered, name: str, code: str) -> Position:
    positions = gathered.household.positions
    return next(each for each in positions if each.key == (name, code))


def member(gathered: Gathered, name: str = "minsu") -> HouseholdMember:
    return next(each for each in gathered.household.members if each.id == name)


def test_the_target_is_of_classes_and_sums_to_one(plain: Gathered) -> None:
    (aim,) = plain.household.aims
    assert sum(aim.weights.values()) == pytest.approx(1.0)
    assert set(aim.weights) - {CASH} <= set(plain.household.classes)
    proposal = plain.aims["household"].proposals["balanced"]
    equity = sum(w for c, w in proposal.weights.items() if proposal.classes.get(c) == "equity_us")
    assert aim.weights["equity_us"] == pytest.approx(equity)


def test_factors_measure_a_deviation_in_volatility_of_a_year(plain: Gathered) -> None:
    """The squares of a class's loadings are its variance, as far as four factors carry it."""
    (aim,) = plain.household.aims
    wanted = plain.aims["household"].wanted["balanced"]
    for name in ("equity_kr", "equity_us"):
        place = plain.household.classes.index(name)
        variance = sum(factor[place] ** 2 for factor in aim.factors)
        own = wanted.classes.index(name)
        assert 0.8 < variance / float(wanted.covariance[own, own]) <= 1.0 + 1e-9


def test_doing_nothing_breaks_no_rule(plain: Gathered) -> None:
    assert evaluate(plain.household, NOTHING).violations == ()


def test_what_is_gathered_is_a_problem_that_a_file_can_keep(plain: Gathered) -> None:
    """The reader checks every record: lots, curves, aims, ends of accounts."""
    assert from_document(to_document(plain.household)) == plain.household


def test_each_kind_of_account_has_its_taxes_and_its_lock(plain: Gathered) -> None:
    assert {each.id: each.gains for each in plain.household.accounts} == {
        "general": Gains.WITHHELD,
        "us": Gains.YEARLY,
        "isa": Gains.SHELTERED,
        "pension": Gains.SHELTERED,
        "irp": Gains.SHELTERED,
    }
    assert of(plain, "general").sale_rate == pytest.approx(0.154)
    assert of(plain, "us").sale_rate == pytest.approx(0.22)
    assert of(plain, "isa").lock_years == 0.0
    years = (date(2047, 5, 11) - plain.as_of).days / 365.2425
    assert of(plain, "pension").lock_years == pytest.approx(years)
    assert of(plain, "irp").risk_cap == 0.7


def test_dollars_are_won_at_the_rate_known_then(plain: Gathered) -> None:
    priced = plain.prices["QQQ"]
    assert priced.currency == "USD"
    assert of(plain, "us").cash == pytest.approx(150.25 * float(priced.fx))
    (fund,) = (each for each in plain.household.funds if each.code == "QQQ")
    assert fund.price == pytest.approx(priced.price / 100 * float(priced.fx))


def test_no_account_buys_what_its_kind_bars(plain: Gathered) -> None:
    bought = {name: set[str]() for name in ACCOUNTS}
    for each in plain.household.positions:
        if each.buyable:
            bought[each.account].add(each.fund)
    assert "QQQ" in bought["us"]
    assert "QQQ" not in bought["general"] | bought["isa"]
    assert not {"132030", "305080"} & bought["irp"]
    assert not {"122630", "458760"} & {fund for funds in bought.values() for fund in funds}


def test_an_isa_has_the_gain_so_far_and_a_pension_no_lots(plain: Gathered) -> None:
    end = of(plain, "isa").settlement
    assert end is not None
    gain = 100 * (plain.prices["360750"].price - 7_000)
    assert end.accrued == pytest.approx(gain)
    assert position(plain, "pension", "360750").lots == ()


def test_rooms_are_what_the_year_has_left_and_never_more_than_the_money(plain: Gathered) -> None:
    assert of(plain, "isa").room == 5_000_000
    assert member(plain).pension_room == 15_000_000
    credit = member(plain).credit
    assert credit is not None
    assert (credit.savings, credit.together, credit.reachable) == (3_000_000, 6_000_000, 5_000_000)


def test_an_isa_that_is_nearly_full_takes_the_rest(sample: Market, tmp_path: Path) -> None:
    full = 'kind = "isa"\nopened = 2026-03-02\npaid = { 2026 = 19_000_000 }'
    file = home(tmp_path, "general", more=account("isa", full))
    found = _gather(sample, file, deposit=5_000_000)
    assert of(found, "isa").room == 1_000_000


def test_without_an_irp_the_credit_ends_with_the_room_of_savings(
    sample: Market, tmp_path: Path
) -> None:
    found = _gather(sample, home(tmp_path, "general", "pension"), deposit=5_000_000)
    credit = member(found).credit
    assert credit is not None
    assert credit.reachable == 3_000_000


def test_nothing_that_nobody_could_pay_in_is_missed(sample: Market, tmp_path: Path) -> None:
    found = _gather(sample, home(tmp_path, "general", "pension"))
    credit = member(found).credit
    assert credit is not None
    assert credit.reachable == 0.0


def test_the_reserve_needs_accounts_that_do_not_lock(plain: Gathered) -> None:
    (reserve,) = plain.household.needs
    assert (reserve.id, reserve.amount) == ("reserve", 3_000_000.0)
    assert reserve.accounts == ("general", "us", "isa")
    assert reserve.pools == ("new:minsu",)


def test_half_of_the_free_open_money_may_be_locked(plain: Gathered) -> None:
    free = ("general", "us", "isa")
    cash = sum(each.cash for each in plain.household.accounts if each.id in free)
    held = [each for each in plain.household.positions if each.account in free]
    worth = cash + sum(each.shares * plain.prices[each.fund].won for each in held)
    assert plain.household.policy.lock_most == pytest.approx(0.5 * (worth + 5e6 - 3e6))


def test_unknown_figures_are_noted_with_both_bounds(plain: Gathered) -> None:
    said = {(note.kind, dict(note.detail).get("ticker")) for note in plain.notes}
    assert ("household.unknown_fx", "QQQ") in said
    assert ("household.simulated", None) in said
    basis = plain.basis["us", "QQQ"]
    assert basis.least < basis.most


def test_a_missing_cost_is_a_note_and_the_whole_price_taxable(
    sample: Market, tmp_path: Path
) -> None:
    rows = "ticker,shares\n133690,10\nCASH,1000000\n"
    found = _gather(sample, home(tmp_path, "general", general=rows))
    (lot,) = position(found, "general", "133690").lots
    assert lot.gain == found.prices["133690"].won
    assert "household.unknown_cost" in {note.kind for note in found.notes}


def test_spouses_mix_their_profiles_by_money_and_keep_their_own_rooms(
    sample: Market, tmp_path: Path
) -> None:
    own = account("hers", 'kind = "general"', owner="jiwoo")
    file = home(
        tmp_path,
        "general",
        people=MINSU + JIWOO,
        more=own,
        hers="ticker,shares\nCASH,6000000\n",
        general="ticker,shares\nCASH,2000000\n",
    )
    found = _gather(sample, file, deposit={"jiwoo": 2_000_000})
    facts = found.aims["household"]
    assert facts.shares == pytest.approx({"balanced": 0.2, "growth": 0.8})
    weights = {name: each.weights["equity_us"] for name, each in facts.wanted.items()}
    mixed = 0.2 * weights["balanced"] + 0.8 * weights["growth"]
    assert found.household.aims[0].weights["equity_us"] == pytest.approx(mixed)
    (pool,) = found.household.pools
    assert pool.accounts == ("hers",)  # what comes to one spouse is not given to the other
    assert of(found, "general").room == 0.0


def test_each_person_may_have_a_target_of_their_own(sample: Market, tmp_path: Path) -> None:
    own = account("hers", 'kind = "general"', owner="jiwoo")
    file = home(
        tmp_path,
        "general",
        people=MINSU + JIWOO,
        more=own + '[policy]\ntarget = "person"\n',
        hers="ticker,shares\nCASH,6000000\n",
    )
    found = _gather(sample, file, withdrawal={"jiwoo": 1_000_000})
    minsu, jiwoo = found.household.aims
    assert (minsu.accounts, jiwoo.accounts) == (("general",), ("hers",))
    assert minsu.weights["equity_us"] < jiwoo.weights["equity_us"]
    assert (minsu.withdrawal, jiwoo.withdrawal) == (0.0, 1_000_000.0)


@pytest.mark.parametrize(("scale", "least", "bound"), [(1.0, 0.0, None), (1.05, 0.0, 0.05)])
def test_a_lowered_scale_bounds_the_risk_assets(
    sample: Market, tmp_path: Path, scale: float, least: float, bound: float | None
) -> None:
    before = Before(scales={"household": scale}, risk_least={"household": least})
    found = _gather(sample, home(tmp_path, "general"), before=before)
    (aim,) = found.household.aims
    if bound is None:
        assert aim.risk_most is None
        return
    risky = sum(w for name, w in aim.weights.items() if name.startswith("equity"))
    assert aim.risk_most == pytest.approx(risky + found.aims["household"].band)


def test_the_bound_is_never_below_what_law_and_settlement_allow(
    sample: Market, tmp_path: Path
) -> None:
    before = Before(scales={"household": 1.05}, risk_least={"household": 0.9})
    found = _gather(sample, home(tmp_path, "general"), before=before)
    assert found.household.aims[0].risk_most == 0.9


def test_a_mixed_fund_is_looked_through(sample: Market, tmp_path: Path) -> None:
    file = home(tmp_path, "general")
    inputs = replace(
        read_inputs(file, on=sample.last_session()),
        mixed={"133690": {"equity_us": 0.5, "krw_bond": 0.5}},
    )
    found = _gather(sample, file, inputs=inputs)
    (fund,) = (each for each in found.household.funds if each.code == "133690")
    assert fund.exposure == {"equity_us": 0.5, "krw_bond": 0.5}
    assert fund.risk == 0.5


def test_an_irp_alone_bars_futures_from_its_target(sample: Market, tmp_path: Path) -> None:
    found = _gather(sample, home(tmp_path, "irp"))
    weights = found.aims["household"].proposals["balanced"].weights
    assert not {"132030", "305080"} & set(weights)


REFUSED: list[tuple[Callable[[Path], object], str]] = [
    (
        lambda f: home(f, "irp", irp="ticker,shares\n132030,1\nCASH,1\n"),
        "an account of kind irp cannot hold 132030",
    ),
    (lambda f: home(f, "general", general="ticker,shares\n069500,1\n"), "row of cash"),
]


@pytest.mark.parametrize(("make", "said"), REFUSED)
def test_what_cannot_be_planned_is_refused_by_name(
    sample: Market, tmp_path: Path, make: Callable[[Path], object], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        _gather(sample, make(tmp_path))


def test_everything_wrong_is_said_at_once(sample: Market, tmp_path: Path) -> None:
    file = home(
        tmp_path,
        "general",
        "irp",
        irp="ticker,shares\n132030,1\n122630,1\nCASH,1\n",
    )
    with pytest.raises(ConfigError) as refused:
        _gather(sample, file, deposit={"nobody": 1, "minsu": -5})
    said = [problem.message for problem in refused.value.problems]
    assert len(said) == 4
    assert sum("cannot hold" in each for each in said) == 2


def test_a_deposit_and_a_withdrawal_are_one_flow(sample: Market, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="both given"):
        _gather(sample, home(tmp_path, "general"), deposit=1, withdrawal=1)


def test_an_account_that_nobody_owns_is_refused(sample: Market, tmp_path: Path) -> None:
    file = home(tmp_path, "general")
    own = replace(file.accounts["general"], owner="jiwoo")
    inputs = read_inputs(file, on=sample.last_session())
    with pytest.raises(ConfigError, match="belongs to 'jiwoo'"):
        _gather(sample, replace(file, accounts={"general": own}), inputs=inputs)


def test_rooms_that_are_overdrawn_are_refused(sample: Market, tmp_path: Path) -> None:
    file = home(tmp_path, "isa", "pension", "irp")
    accounts = dict(file.accounts)
    for name, kind in (("isa", 2024), ("pension", 2026)):
        paid = replace(accounts[name].paid, paid={kind: 70_000_000})
        accounts[name] = replace(accounts[name], paid=paid)
    with pytest.raises(ConfigError) as refused:
        _gather(sample, replace(file, accounts=accounts))
    said = [problem.message for problem in refused.value.problems]
    assert any("pensions of minsu took 70000000" in each for each in said)
    assert any("account isa took 70000000 by 2026" in each for each in said)


def test_real_prices_make_the_same_household(real_market: Market, tmp_path: Path) -> None:
    """The law of 2026 holds in the years before it, for want of tables of their own."""
    isa = account("old", 'kind = "isa"\nopened = 2023-03-02\npaid = { 2023 = 5_000_000 }')
    file = home(tmp_path, "general", "us", more=isa, old="ticker,shares\nCASH,1000000\n")
    found = gather(
        file,
        market=real_market,
        as_of=real_market.last_session(),
        book=BOOK,
        deposit=1_000_000,
        deposit_rate=Decimal("0.03"),
    )
    assert not found.simulated
    assert found.law_of == BOOK.as_of > found.as_of
    assert evaluate(found.household, NOTHING).violations == ()


def test_a_memory_gives_the_same_target_as_the_whole_history(
    sample: Market, tmp_path: Path
) -> None:
    file = home(tmp_path, "general", "isa")
    sessions = sample.sessions("XKRX")
    earlier = gather(file, market=sample, as_of=sessions[-6].astype(object), book=BOOK)
    memory = earlier.aims["household"].proposals["balanced"].memory
    resumed = _gather(sample, file, before=Before(memories={("household", "balanced"): memory}))
    assert resumed.household.aims == _gather(sample, file).household.aims


def test_a_target_that_is_known_is_not_made_again(plain: Gathered, sample: Market) -> None:
    wanted = plain.aims["household"].wanted["balanced"]
    inputs = read_inputs(plain.file, on=plain.as_of)
    inputs = replace(inputs, wanted={("household", "balanced"): wanted})
    found = _gather(sample, plain.file, inputs=inputs, deposit=5_000_000)
    assert found.household == plain.household
    assert found.aims["household"].wanted["balanced"] is wanted


def test_an_account_abroad_alone_has_the_classes_of_the_target(
    sample: Market, tmp_path: Path
) -> None:
    found = _gather(sample, home(tmp_path, "us"))
    bought = {each.fund for each in found.household.positions if each.buyable}
    assert {"SPY", "AGG"} & bought
    assert all(
        fund.exposure.keys() <= set(found.household.classes) for fund in found.household.funds
    )


def test_answers_stand_behind_a_profile(sample: Market, tmp_path: Path) -> None:
    """The questionnaire's type limits the grades of what the target holds."""
    answers = assets.root() / "configs" / "answers-example.toml"
    text = answers.read_text("utf-8")
    day = sample.last_session()
    (tmp_path / "answers.toml").write_text(text, "utf-8")
    people = MINSU.replace('profile = "balanced"', 'answers = "answers.toml"')
    file = home(tmp_path, "general", people=people)
    inputs = read_inputs(file, on=day)
    assert inputs.investors["minsu"].limit is not None
    found = _gather(sample, file, inputs=inputs)
    proposal = next(iter(found.aims["household"].proposals.values()))
    assert proposal.graded is not None
    (age,) = (note for note in found.notes if note.kind == "household.another_age")
    assert dict(age.detail) == {"person": "minsu", "said": "45", "age": "34"}
    assert "household.no_answers" not in {note.kind for note in found.notes}


def test_a_leveraged_fund_counts_twice_and_is_sold_only(sample: Market, tmp_path: Path) -> None:
    rows = "ticker,shares,cost\n069500,10,30000\nCASH,1000000,\n"
    file = home(tmp_path, "general", general=rows)
    inputs = read_inputs(file, on=sample.last_session())
    universe = inputs.universes["general"]
    doubled = replace(universe.instruments["069500"], multiple=2.0)
    geared = replace(
        universe,
        instruments={**universe.instruments, "069500": doubled},
        excluded={**universe.excluded, "069500": "universe.excluded_leveraged"},
    )
    found = _gather(sample, file, inputs=replace(inputs, universes={"general": geared}))
    (fund,) = (each for each in found.household.funds if each.code == "069500")
    assert (fund.exposure, fund.risk) == ({"equity_kr": 2.0, CASH: -1.0}, 2.0)
    assert not position(found, "general", "069500").buyable
    (aim,) = found.household.aims
    held = exposures(After(found.household, NOTHING), aim)
    assert held["equity_kr"] == pytest.approx(20 * fund.price)
    assert sum(held.values()) == pytest.approx(10 * fund.price + 1_000_000)


def test_purchases_that_are_not_listed_are_averaged_and_said(
    sample: Market, tmp_path: Path
) -> None:
    listed = "ticker,shares,cost,bought,fx\nQQQ,5,300,2024-01-15,1340\nCASH,10,,,\n"
    for rows, said in ((listed, False), ("ticker,shares,cost\nQQQ,5,300\nCASH,10,\n", True)):
        file = home(
            tmp_path,
            "general",
            more=account("us", 'kind = "overseas"\ncost_method = "fifo"'),
            us=rows,
        )
        only = replace(file, accounts={"us": file.accounts["us"]})
        found = _gather(sample, only)
        assert ("household.no_lots" in {note.kind for note in found.notes}) is said


def test_money_for_a_goal_of_old_age_may_be_locked_and_earns_its_credit(
    sample: Market, tmp_path: Path
) -> None:
    """Only a pension is named, so the goal asks nothing of the open accounts."""
    goal = '[goals.old]\namount = 900_000_000\nby = 2050-01-31\nfrom = ["pension"]\n'
    plain = _gather(sample, home(tmp_path, "general", "pension"), deposit=3_000_000)
    aimed = _gather(sample, home(tmp_path, "general", "pension", more=goal), deposit=3_000_000)
    most = plain.household.policy.lock_most
    assert most
    assert aimed.household.policy.lock_most == most


def test_a_goal_before_its_account_can_be_drawn_is_refused(sample: Market, tmp_path: Path) -> None:
    """Minsu turns 55 in 2047."""
    goal = '[goals.house]\namount = 90_000_000\nby = 2033-01-31\nfrom = ["pension"]\n'
    file = home(tmp_path, "general", "pension", more=goal)
    with pytest.raises(ConfigError, match=r"pension, which is locked until 2047-05-11"):
        _gather(sample, file)


def test_a_purchase_after_the_day_of_the_plan_is_refused(sample: Market, tmp_path: Path) -> None:
    rows = "ticker,shares,cost,bought,fx\n069500,10,34000,2031-01-15,\nCASH,1000000,,,\n"
    with pytest.raises(ConfigError, match="was bought on 2031-01-15, after"):
        _gather(sample, home(tmp_path, "general", general=rows))
