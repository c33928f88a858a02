"""A client of a firm does what ``jeoul decide`` says, within what the client excludes and caps."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jeoul import api
from jeoul.account.holdings.record import Holdings
from jeoul.account.restriction import Restriction
from jeoul.account.todays_account import TodaysAccount, decide_today
from jeoul.firm.planning import FirmTerms, GroupProposal, Morning, client_plans
from jeoul.firm.records import (
    ClientPlan,
    ClientPosition,
    ClientState,
    FirmClient,
    FirmGroup,
    SuitabilityEvidence,
    Unread,
)
from jeoul.model.portfolio import Portfolio, Reason, Side
from jeoul.rebalance import ONLINE

GROUP = FirmGroup("static", "balanced", "general", "neutral")
TERMS = FirmTerms(tariff=ONLINE, collar=0.02, turnover=Decimal("0.5"), order=Decimal(2))


@pytest.fixture(scope="session")
def shared(sample: Any) -> GroupProposal:
    strategy = api.load_strategy("static")
    proposal = api.propose(
        strategy, "balanced", "general", sample.as_of(date(2026, 6, 30)),
        limit=api.suitable("neutral"),
    )  # fmt: skip
    return GroupProposal(proposal, "rules", api.universe_of(strategy.universe).instruments)


def client(expires: date | None = None, **keys: Any) -> FirmClient:
    suitability = SuitabilityEvidence(
        answers_id="Q1", type="neutral", profile="balanced", answered=None, expires=expires,
        form="kofia", version=2,
    )  # fmt: skip
    return FirmClient(
        account="a", client="c", group=GROUP, suitability=suitability, fee=Decimal(0), **keys
    )


def planned(
    one: FirmClient, position: ClientPosition | None, found: Any, *unread: Unread
) -> ClientPlan:
    morning = Morning(
        positions={} if position is None else {"a": position},
        unread=unread,
        proposals={GROUP: found},
        terms=TERMS,
        day=date(2026, 7, 1),
    )
    (plan,) = client_plans([one], morning)
    return plan


HELD = st.builds(
    ClientPosition,
    portfolio=st.builds(
        Portfolio,
        st.dictionaries(
            st.sampled_from(["069500", "273130", "148070", "360750"]), st.integers(1, 900)
        ),
        st.integers(100_000, 90_000_000),
    ),
    deposit=st.sampled_from([0, 0, 3_000_000]),
    withdrawal=st.just(0),
)


@given(HELD)
@settings(max_examples=25)
def test_the_orders_are_those_of_decide(shared: GroupProposal, position: ClientPosition) -> None:
    held = position.portfolio
    alone = TodaysAccount(
        holdings=Holdings("a.csv", shares=held.shares, cash=held.cash, currency="KRW"),
        deposit=position.deposit,
    )
    decided = decide_today(shared.proposal, alone, shared.instruments)
    plan = planned(client(), position, shared)
    assert plan.orders == decided.orders
    assert (plan.inputs_id, plan.cash_after) == (decided.inputs_id, decided.cash_after)


@given(HELD, st.sampled_from(["0", "0.013", "0.05", "0.2"]))
@settings(max_examples=25)
def test_what_is_excluded_is_not_bought_and_caps_are_kept_to_the_share(
    shared: GroupProposal, position: ClientPosition, cap: str
) -> None:
    restriction = Restriction(frozenset({"273130"}), {"114260": Decimal(cap)})
    plan = planned(client(restriction=restriction), position, shared)
    buys = {each.ticker: each for each in plan.orders if each.side is Side.BUY}
    assert "273130" not in buys
    if order := buys.get("114260"):
        held = position.portfolio.shares.get("114260", 0) + order.shares
        assert held * order.price <= Decimal(cap) * plan.value
    free = planned(client(), position, shared)
    assert plan.inputs_id != free.inputs_id


def test_a_restriction_moves_weight_within_the_class_and_the_rest_to_cash(
    shared: GroupProposal,
) -> None:
    from jeoul.firm.restricted import restricted

    weights, classes = shared.proposal.weights, shared.proposal.classes
    bonds = [code for code in weights if classes.get(code) == classes["273130"]]
    some = restricted(shared.proposal, Restriction(frozenset({"273130"}))).weights
    assert some["273130"] == 0
    assert sum(some[c] for c in bonds) == pytest.approx(sum(weights[c] for c in bonds))
    none = restricted(shared.proposal, Restriction(frozenset(bonds))).weights
    assert sum(none.values()) == pytest.approx(1.0)
    assert none["CASH"] == pytest.approx(weights.get("CASH", 0.0) + sum(weights[c] for c in bonds))


MONEY = ClientPosition(portfolio=Portfolio({}, 20_000_000))
BROKEN = Unread("holdings.csv:3", "a", Reason.of("firm.row_number", value="x"))


@pytest.mark.parametrize(
    ("one", "position", "unread", "why"),
    [
        (client(suspended=True), MONEY, (), "firm.suspended"),
        (client(), None, (BROKEN,), "firm.row_number"),
        (client(), None, (), "firm.no_position"),
        (client(), ClientPosition(portfolio=Portfolio({}, 0)), (), "firm.empty"),
        (client(), ClientPosition(portfolio=MONEY.portfolio, kind="isa"), (), "firm.two_sources"),
        (client(expires=date(2026, 6, 30)), MONEY, (), "diagnosis.expired"),
    ],
)
def test_a_client_is_blocked_with_its_reason(
    shared: GroupProposal,
    one: FirmClient,
    position: ClientPosition | None,
    unread: tuple[Unread, ...],
    why: str,
) -> None:
    plan = planned(one, position, shared, *unread)
    assert (plan.state, plan.orders) == (ClientState.BLOCKED, ())
    assert why in [reason.kind for reason in plan.reasons]


def test_a_group_without_a_proposal_blocks_its_clients_alone() -> None:
    plan = planned(client(), MONEY, Reason.of("firm.no_proposal", group="g", why="w"))
    assert (plan.state, plan.reasons[0].kind) == (ClientState.BLOCKED, "firm.no_proposal")


def test_a_first_investment_is_ready_and_a_large_turnover_needs_a_person(
    shared: GroupProposal,
) -> None:
    assert planned(client(), MONEY, shared).state is ClientState.TRADES
    tilted = ClientPosition(portfolio=Portfolio({"069500": 900}, 100_000))
    plan = planned(client(), tilted, shared)
    if plan.orders:
        assert plan.state is ClientState.PERSON
        assert plan.reasons[0].kind == "firm.turnover"
    outside = ClientPosition(portfolio=MONEY.portfolio, outside={"ABC": 3})
    assert planned(client(), outside, shared).state is ClientState.PERSON
