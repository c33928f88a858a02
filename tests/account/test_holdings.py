"""Holdings files: whole shares and money, every problem at once, no repair."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jeoul.account import read_portfolio
from jeoul.errors import HoldingsError

KNOWN = ("069500", "0043Y0", "SPY")


def written(tmp_path: Path, text: bytes | str) -> Path:
    path = tmp_path / "holdings.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(tmp_path: Path, text: bytes | str, **how: Any) -> Any:
    with pytest.raises(HoldingsError) as caught:
        read_portfolio(written(tmp_path, text), known=KNOWN, **how)
    return caught.value.problems


def test_codes_keep_their_zeros_and_letters(tmp_path: Path) -> None:
    text = "\ufeffticker,shares\r\n069500,12\r\n\r\n 0043Y0 , 3\r\nSPY,0\r\nCASH,1500000\r\n"
    portfolio = read_portfolio(written(tmp_path, text), known=KNOWN)
    assert dict(portfolio.shares) == {"069500": 12, "0043Y0": 3}
    assert (portfolio.cash, portfolio.currency) == (1_500_000, "KRW")


def test_dollars_have_cents(tmp_path: Path) -> None:
    found = read_portfolio(written(tmp_path, "ticker,shares\nCASH,10.25\n"), currency="USD")
    assert found.cash == 1025


def test_without_a_cash_row_there_is_none(tmp_path: Path) -> None:
    assert read_portfolio(written(tmp_path, "ticker,shares\n069500,1\n")).cash == 0


@pytest.mark.parametrize(
    ("row", "says", "remedy"),
    [
        ("069500,0.5", "not a whole number", "round it down"),
        ("069500,-3", "below zero", "short"),
        ("069500,ten", "not a number of shares", "whole number"),
        ("069500,1e3", "not a plain whole number", "digits"),
        ("069500,1_000", "not a plain whole number", "digits"),
        ("069500,+7", "not a plain whole number", "digits"),
        ("069500,sNaN", "not a number of shares", "whole number"),
        ("069500,NaN", "not a number of shares", "whole number"),
        ("069500,Infinity", "not a number of shares", "whole number"),
        ("069500,", "not a number of shares", "whole number"),
        ("069500", "1 fields, not 2", "ticker,shares"),
        ("69500,3", "not a code", "keep the zeros in front: 069500"),
        ("AAPL,3", "not a code", "correct"),
        (",3", "no ticker", "name the holding"),
        ("CASH,-1", "below zero", "overdraft"),
        ("CASH,0.5", "finer than", "round it down"),
        ("CASH,lots", "not an amount", "digits"),
        ("CASH,sNaN", "not an amount", "digits"),
        ("CASH,1e999999999", "not an amount", "digits"),
        ("CASH,Infinity", "not an amount", "digits"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_a_remedy(
    tmp_path: Path, row: str, says: str, remedy: str
) -> None:
    (problem,) = refusal(tmp_path, f"ticker,shares\n{row}\n")
    assert says in problem.message
    assert remedy in problem.remedy
    assert problem.line == 2


def test_every_problem_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    found = refusal(tmp_path, "ticker,shares\n069500,0.5\n069500,1\nAAPL,1\nCASH,x\n")
    assert [problem.line for problem in found] == [2, 3, 4, 5]
    assert "twice" in found[1].message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("code,shares\n069500,1\n", "header"),
        ("069500,1\n", "header"),
        ("ticker,shares\n삼성,1\n".encode("cp949"), "UTF-8"),
    ],
)
def test_a_file_that_is_none_is_refused_whole(tmp_path: Path, text: bytes | str, says: str) -> None:
    (problem,) = refusal(tmp_path, text)
    assert says in problem.message


def test_a_folder_or_nothing_in_place_of_the_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.csv"):
        with pytest.raises(HoldingsError) as caught:
            read_portfolio(path)
        assert caught.value.problems[0].remedy


@pytest.mark.parametrize(
    "text", ['ticker,shares\n069500,"30\n', 'ticker,shares\n069500,"30\n' + "148070,1\n" * 20_000]
)
def test_a_quote_that_is_never_closed_is_refused(tmp_path: Path, text: str) -> None:
    (problem,) = refusal(tmp_path, text)
    assert problem.message.startswith("is not a CSV file")
    assert problem.line
    assert problem.remedy == "correct the quotes in it"
