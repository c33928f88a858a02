"""Answers in the background: begun when their page is on its way, made once for a state."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jeoul.web.kept import Kept


@pytest.fixture
def kept() -> Iterator[Kept]:
    found = Kept()
    yield found
    found.close()


def test_work_begins_when_the_page_that_asked_is_on_its_way(kept: Kept) -> None:
    made: list[str] = []
    answer = kept.ask("worth", "monday", lambda: made.append("monday"), wait=5.0)
    assert (made, answer.done()) == ([], False)
    kept.begin()
    answer.result(5.0)
    assert made == ["monday"]


def test_pages_that_ask_again_share_one_answer_until_a_file_changes(kept: Kept) -> None:
    made: list[str] = []
    for state in ("monday", "monday", "tuesday"):
        answer = kept.ask("worth", state, lambda state=state: made.append(state))  # type: ignore[misc]
        kept.begin()
        kept.begin()
    answer.result(5.0)
    assert made[-1] == "tuesday"
    assert len(made) <= 2  # what monday was asked for may be given up in time


def test_an_error_belongs_to_the_page_that_shows_the_answer(kept: Kept) -> None:
    answer = kept.ask("worth", "monday", lambda: 1 // 0)
    kept.begin()
    with pytest.raises(ZeroDivisionError):
        answer.result(5.0)
    again = kept.ask("worth", "tuesday", lambda: 1)
    kept.begin()
    assert again.result(5.0) == 1
