"""Orders without an answer, listed after seconds or minutes: sent once, or a person is asked."""

from collections import Counter
from typing import Any

import pytest
from mornings import doubled, morning
from venues import ADAPTERS

KINDS = [adapter.kind for adapter in ADAPTERS]


def mornings(adapter: Any, seeds: range) -> Counter[str]:
    states: Counter[str] = Counter()
    for seed in seeds:
        found = morning(adapter, seed)
        assert not doubled(found), found
        states.update(found["states"])
    return states


@pytest.mark.parametrize("adapter", ADAPTERS, ids=KINDS)
def test_an_unanswered_order_is_sent_once_or_a_person_is_asked(adapter: Any) -> None:
    found = mornings(adapter, range(4))
    assert found["acknowledged"] + found["filled"] > 2  # the line is bad, not dead


@pytest.mark.slow
@pytest.mark.parametrize("adapter", ADAPTERS, ids=KINDS)
def test_a_hundred_mornings_with_a_bad_line(adapter: Any) -> None:
    """A thousand at each broker are in docs/operations.md."""
    found = mornings(adapter, range(100))
    assert found["sending"] + found["new"] > 0


def test_a_name_that_is_taken_once_asks_for_no_person_where_others_do() -> None:
    """Handing the same name over again is an answer; without names only time and lists are."""
    asked = {
        adapter.kind: sum(morning(adapter, seed)["asked"] for seed in range(40, 45))
        for adapter in ADAPTERS
    }
    assert asked["toss"] < min(asked["kis"], asked["kiwoom"])
