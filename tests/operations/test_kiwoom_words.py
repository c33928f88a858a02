"""What the words of an answer of Kiwoom mean: the code in them, done or not, and what is said."""

from __future__ import annotations

import pytest

from jeoul.operations.broker.kiwoom.codes import code_of, is_done, said


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("[2000](RC4058:x)", "RC4058"),
        ("[2000](855056:x)", "855056"),
        ("[ 1700 ]", "1700"),
        ("x[8005:y]", "8005"),
        ("[17001]", ""),
        ("1700", ""),
        (None, ""),
        (5, ""),
    ],
)
def test_the_code_of_kiwoom_is_the_inner_one_where_there_is_one(words: object, code: str) -> None:
    assert code_of({"return_msg": words}) == code


def test_an_answer_of_kiwoom_is_done_with_a_zero_alone() -> None:
    assert [is_done({"return_code": each}) for each in ("0", " 0 ", "00", "3", 0, None)] == [
        True, True, False, False, False, False,
    ]  # fmt: skip
    assert said({"return_code": "3", "return_msg": "why"}, 200) == "3 why"
    assert said({}, 500) == "no reason given (HTTP 500)"
