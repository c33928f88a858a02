"""Codes of securities as people and programs write them, each in one form."""

from __future__ import annotations

import pytest

from jeoul.account.holdings.codes import (
    NotACode,
    SecurityCode,
    code_and_name,
    code_of,
    is_code_like,
    is_korean,
    is_listed_form,
    is_note,
    is_ticker,
    normal_code,
    one_slip_apart,
)


@pytest.mark.parametrize(
    ("text", "code", "changed"),
    [
        ("069500", "069500", False),
        ("69500", "069500", True),
        ("660", "000660", True),
        ("100", "000100", True),
        ("123456", "123456", False),
        ("69,500", "069500", True),
        ("69500.0", "069500", True),
        ("A069500", "069500", True),
        ("Q530031", "530031", True),
        ("J5A0B1C", "5A0B1C", True),
        ("KRX:069500", "069500", True),
        ("0043y0", "0043Y0", True),
        ("SPY", "SPY", False),
        ("spy", "SPY", True),
        ("US0378331005", "US0378331005", False),
        ("us0378331005", "US0378331005", True),
        ("KR7069500007", "069500", True),
    ],
)
def test_a_code_has_one_form_and_says_whether_it_was_written_so(
    text: str, code: str, changed: bool
) -> None:
    assert normal_code(text) == SecurityCode(code, changed)
    assert code_of(text) == code


@pytest.mark.parametrize("text", ["12", "1234567", "6９500", "６９５００", "KODEX 200", "", "1.0"])
def test_what_does_not_look_like_a_code_stays_a_word(text: str) -> None:
    assert normal_code(text) is None
    assert code_of(text) == text


@pytest.mark.parametrize("text", ["06950", "0069", "012"])
def test_a_short_code_that_kept_its_zero_lacks_a_digit(text: str) -> None:
    with pytest.raises(NotACode, match="too short"):
        normal_code(text)
    assert code_of(text) == text


@pytest.mark.parametrize(
    "isin",
    [
        "JP3633400001",  # Toyota: what would be a code in it is of another exchange
        "KR7005931001",  # a preferred share, whose short code is 005935
        "KR7069500114",  # another issue of the same paper
        "KR7069500106",
        "KR7069500015",
        "KR7ABCDE0004",  # nothing in it has the form of a code
        "IE00B4L5Y983",
        "LU0324476687",
        "NZTELE0001S4",
        "CZ0005112300",
    ],
)
def test_an_isin_stands_for_itself_unless_it_is_a_korean_common_share_or_fund(isin: str) -> None:
    assert normal_code(isin) == SecurityCode(isin, changed=False)
    last = str((int(isin[-1]) + 1) % 10)
    with pytest.raises(NotACode, match="check digit"):
        normal_code(isin[:-1] + last)


@pytest.mark.parametrize(
    ("text", "both"),
    [
        ("KODEX 200(069500)", ("069500", "KODEX 200")),
        ("KODEX 200 [A069500]", ("A069500", "KODEX 200")),
        (" [A069500] KODEX 200 ", ("A069500", "KODEX 200")),
        ("069500 KODEX 200", ("069500", "KODEX 200")),
        ("KODEX 200", None),
        ("200 KODEX", None),
    ],
)
def test_a_cell_may_have_a_code_and_a_name(text: str, both: tuple[str, str] | None) -> None:
    assert code_and_name(text) == both


def test_what_kind_of_security_a_code_is_of() -> None:
    assert [is_korean(code) for code in ("069500", "0043Y0", "SPY", "06950")] == [
        True,
        True,
        False,
        False,
    ]
    listed = {"005930": True, "005935": True, "005931": False, "AAPL": False, "530031": True}
    listed |= {"US0378331005": True, "00593K": True, "0043Y0": True}
    assert {code: is_listed_form(code) for code in listed} == listed
    notes = {"530031": True, "5A0B1C": True, "069500": False, "SPY": False}
    assert {code: is_note(code) for code in notes} == notes
    tickers = {"AAPL": True, "BRK.B": True, "069501": False, "TOOLONG": False, "": False}
    assert {code: is_ticker(code) for code in tickers} == tickers


def test_a_code_is_of_plain_letters_and_digits_and_has_a_digit() -> None:
    meant = {"069500": True, "A1": True, "SPY": False, "삼성1": False, "KODEX 200": False}
    assert {text: is_code_like(text) for text in meant} == meant


@pytest.mark.parametrize(
    ("other", "is_one_slip"),
    [
        ("069510", True),  # one wrong character
        ("169500", True),
        ("069501", True),
        ("096500", True),  # two neighbours swapped
        ("609500", True),
        ("069500", False),  # the code itself
        ("061200", False),  # two neighbours wrong, and not swapped
        ("091500", False),
        ("016500", False),
        ("569000", False),  # two swapped that are no neighbours
        ("096501", False),  # neighbours swapped and one more wrong
        ("06951", False),  # another length
        ("0695001", False),
    ],
)
def test_one_slip_is_one_wrong_character_or_two_neighbours_swapped(
    other: str, is_one_slip: bool
) -> None:
    assert one_slip_apart(other, "069500") is is_one_slip
    assert one_slip_apart("069500", other) is is_one_slip
