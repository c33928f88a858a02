"""Money that several goals could use counts for one of them."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from jeoul.goals.saving import PlannedSaving
from jeoul.goals.sharing import Claim, netted, shared

END = date(2030, 12, 31)


def _claim(name: str, amount: int, *accounts: str, by: date = END, multiple: float = 1.0) -> Claim:
    return Claim(
        id=name,
        amount=amount,
        by=by,
        accounts=accounts,
        people=frozenset({"minsu"}),
        multiple=multiple,
        flow_multiple=multiple,
    )


def _monthly(amount: float, person: str = "minsu") -> list[PlannedSaving]:
    return [PlannedSaving(date(2027, month, 25), amount, person) for month in range(1, 13)]


def test_the_first_goal_takes_what_it_needs_and_the_next_the_rest() -> None:
    found = shared(
        [_claim("first", 100, "a"), _claim("second", 100, "a", "b")], {"a": 130.0, "b": 50.0}, ()
    )
    assert found["first"].values == {"a": 100.0}
    assert found["second"].values == {"a": 30.0, "b": 50.0}


def test_planned_payments_serve_before_money_of_today() -> None:
    found = shared([_claim("one", 100, "a"), _claim("two", 100, "a")], {"a": 100.0}, _monthly(5.0))
    assert sum(payment.amount for payment in found["one"].payments) == 60.0
    assert found["one"].values == {"a": 40.0}
    assert found["two"].values == {"a": 60.0}
    assert found["two"].payments == ()


def test_a_cautious_goal_keeps_more_than_its_amount() -> None:
    found = shared([_claim("one", 90, "a", multiple=0.9), _claim("two", 1, "a")], {"a": 101.0}, ())
    assert found["one"].values["a"] == 100.0


def test_payments_of_another_person_serve_no_goal_of_these_accounts() -> None:
    found = shared([_claim("one", 100, "a")], {"a": 0.0}, _monthly(5.0, "jisu"))
    assert found["one"].payments == ()


def test_payments_after_the_day_are_those_of_a_year_later() -> None:
    by = date(2027, 6, 30)
    found = shared([_claim("one", 100, "a", by=by)], {"a": 0.0}, _monthly(5.0))
    assert len(found["one"].payments) == 6
    assert len(found["one"].later) == 6


def test_what_is_taken_out_comes_off_the_newest_savings_of_its_person() -> None:
    flows = [
        PlannedSaving(date(2027, 1, 1), 10.0, "minsu"),
        PlannedSaving(date(2027, 2, 1), 10.0, "jisu"),
        PlannedSaving(date(2027, 3, 1), -15.0, "minsu"),
    ]
    assert netted(flows) == (
        PlannedSaving(date(2027, 2, 1), 10.0, "jisu"),
        PlannedSaving(date(2027, 3, 1), -5.0, "minsu"),
    )


@given(
    amounts=st.lists(st.integers(1, 500), min_size=1, max_size=5),
    values=st.lists(st.integers(0, 300), min_size=3, max_size=3),
    monthly=st.integers(0, 30),
    data=st.data(),
)
def test_no_won_is_counted_twice_and_none_that_can_serve_is_left(
    amounts: list[int], values: list[int], monthly: int, data: st.DataObject
) -> None:
    names = ("a", "b", "c")
    claims = []
    for place, amount in enumerate(amounts):
        own = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
        claims.append(_claim(str(place), amount, *own))
    whole = dict(zip(names, map(float, values), strict=True))
    found = shared(claims, whole, _monthly(float(monthly)))
    used = {name for claim in claims for name in claim.accounts}
    for name in names:
        total = sum(share.values.get(name, 0.0) for share in found.values())
        assert abs(total - (whole[name] if name in used else 0.0)) < 1e-9
    flows = sum(payment.amount for share in found.values() for payment in share.payments)
    assert abs(flows - 12 * monthly) < 1e-9
