"""What an account's decisions expected, and what its own ledger says came of it."""

from __future__ import annotations

import numpy as np

from jeoul.model.calendar import Reals
from jeoul.model.days import count_before
from jeoul.model.portfolio import Side
from jeoul.operations.course import AccountCourse
from jeoul.operations.ledger import Ledger
from jeoul.operations.told.promise_notes import promises_in
from jeoul.promises.outcomes import ValuePath
from jeoul.promises.scoring import Scored, score


def account_scored(ledger: Ledger, course: AccountCourse) -> Scored | None:
    """Return how the promises in an account's ledger were kept, None where it has none."""
    return score(promises_in(ledger, course.account), path_of(course))


def path_of(course: AccountCourse) -> ValuePath:
    """Return the way an account went: the value of a unit of it, and what it traded.

    The turnover of a session is the larger of what was bought and what was sold over the value
    after it, as half the sum of all changes of weights, cash among them, is. Where a share had no
    price yet the value is unknown.
    """
    value = course.value.astype(np.float64)
    return ValuePath(
        sessions=course.sessions,
        values=np.where(course.unpriced | (value <= 0.0), np.nan, course.unit),
        turnover=_over(_traded(course), value),
        cost=_over(course.fees.astype(np.float64), value),
    )


def _traded(course: AccountCourse) -> Reals:
    """Return the larger of what was bought and what was sold on each session."""
    found = {side: np.zeros(len(course.sessions)) for side in Side}
    for fill in course.fills:
        found[fill.side][count_before(course.sessions, fill.session)] += fill.amount
    return np.maximum(*found.values())


def _over(amounts: Reals, value: Reals) -> Reals:
    found: Reals = np.divide(amounts, value, out=np.zeros(len(value)), where=value > 0.0)
    return found
