"""Where the table of holdings is in a file, and the money in the rows beside it."""

from __future__ import annotations

import pytest
from tests.account.holding_tables import rows, sheet, table, told

from jeoul.account.holdings import ColumnNames
from jeoul.account.holdings.labels import Money
from jeoul.account.holdings.money import MoneyRows
from jeoul.account.holdings.summary import loose_money
from jeoul.account.holdings.table import TableFault, find_table, is_header

HEADER = "종목코드,보유수량\n"
TITLE = "잔고 조회\n"
DOUBLE = "종목코드,종목명,보유현황,\n,,보유수량,매입평균가\n"


def refused(text: str, names: ColumnNames | None = None) -> str:
    """Return what is wrong with the table of a text, with its remedy."""
    with pytest.raises(TableFault, match=r"^(?:has|the column)") as caught:
        table(text, names=names)
    return f"{caught.value.wrong}; {caught.value.remedy} ({caught.value.line})"


def test_a_header_is_looked_for_in_two_hundred_rows() -> None:
    assert table(TITLE * 199 + HEADER).header.line == 200
    assert refused(TITLE * 200 + HEADER).startswith("has no header line")
    wanted = ColumnNames(ticker="내 코드")
    assert refused(TITLE * 199 + "내 코드,x\n", wanted).startswith("has no header line")
    assert refused(TITLE * 200 + "내 코드,x\n", wanted).startswith("has no column '내 코드'")


@pytest.mark.parametrize("title", ["", TITLE, "조회일,2026-03-05\n" * 3, "단위: 원,\n"])
def test_the_rows_before_a_header_and_those_after_it(title: str) -> None:
    found = table(f"{title}{HEADER}069500,1\nSPY,2\n")
    lines = title.count("\n")
    assert [row.line for row in found.before] == list(range(1, lines + 1))
    assert (found.header.line, [row.line for row in found.body]) == (
        lines + 1,
        [lines + 2, lines + 3],
    )


@pytest.mark.parametrize("title", ["", TITLE, TITLE * 3])
def test_a_header_of_two_rows_names_groups_above_and_columns_below(title: str) -> None:
    found = table(f"{title}{DOUBLE}069500,x,30,31000\n")
    lines = title.count("\n")
    assert found.header.cells == ("종목코드", "종목명", "보유수량", "매입평균가")
    assert (found.header.line, len(found.before)) == (lines + 2, lines)
    assert [row.line for row in found.body] == [lines + 3]
    assert table(f"{title}{DOUBLE}").body == ()


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}SPY,3\n",
        "종목코드,보유수량,메모\n,,(원)\n",  # no column is named below
        "종목코드,보유수량,비고\n,5,수량\n",  # a row with an amount
        "종목코드,보유수량,매입금액\n종목명,수량,매입평균가\n",  # two lines for each holding
    ],
)
def test_a_row_that_names_no_columns_is_not_part_of_the_header(text: str) -> None:
    assert (table(text).header.line, len(table(text).body)) == (1, 1)


def test_a_header_names_a_security_and_a_number_of_shares() -> None:
    kinds = {"종목코드,수량": True, "isin,qty": True, "종목명,수량": True}
    kinds |= {"종목코드,평가금액": False, "비고,수량": False, "비고,메모": False}
    assert {text: is_header(rows(text)[0]) for text in kinds} == kinds
    for text, is_one in kinds.items():
        if not is_one:
            assert refused(f"{text}\n").startswith("has no header line")


def test_a_role_has_its_first_column_and_a_short_row_has_no_cell() -> None:
    found = table("수량,종목코드,비고,,보유수량,USD,예수금\n1,SPY,a,,2,3,4\n7,SPY\n")
    full, short = found.body
    assert found.places["shares"] == (0, 4)
    assert (found.cell(full, "shares"), found.cells(full, "shares")) == ("1", ["1", "2"])
    assert (found.cell(short, "shares"), found.cells(short, "shares")) == ("7", ["7"])
    assert (found.cell(full, "isin"), found.cells(full, "isin")) == ("", [])
    edge = table(f"비고,{HEADER}x,SPY\n")  # the row ends right before the column
    assert (edge.cell(edge.body[0], "shares"), edge.cells(edge.body[0], "shares")) == ("", [])
    assert found.names() == {"shares": "수량", "ticker": "종목코드"}
    assert found.unread() == ["비고", "USD"]
    assert found.money == {6: Money("cash")}


def test_a_price_in_another_currency_is_not_read() -> None:
    text = "종목코드,보유수량(USD),매입평균가(USD),평가금액(KRW),매입금액\n"
    assert set(table(text).places) == {"ticker", "shares", "value", "cost_total"}
    assert set(table(text, "USD").places) == {"ticker", "shares", "cost", "cost_total"}


def test_the_column_that_a_person_names_is_the_only_one_of_its_role() -> None:
    text = "코드,종목코드,수량,평가금액,보유수량\n"
    said = table(text, names=ColumnNames(ticker="종목코드", shares="평가 금액"))
    assert said.places == {"ticker": (1,), "shares": (3,)}
    assert table(text).places == {"ticker": (0, 1), "shares": (2, 4), "value": (3,)}
    both = ColumnNames(shares="수량")
    assert table(text, names=both).places == {"ticker": (0, 1), "shares": (2,), "value": (3,)}


@pytest.mark.parametrize(
    ("header", "is_refused"),
    [
        ("종목코드,보유수량,보유수량", True),
        ("종목코드,보유수량,매입단가,매입 단가", True),
        ("종목코드,보유수량,수량", False),
        ("종목명,보유수량,종목명", False),
        ("종목코드,보유수량,기준일,기준일", False),
        ("종목코드,보유수량,비고,비고", False),
    ],
)
def test_a_heading_that_is_read_stands_once(header: str, is_refused: bool) -> None:
    text = f"{TITLE}{header}\n"
    if is_refused:
        assert "appears twice; keep the one that is right (2)" in refused(text)
    else:
        assert table(text).header.line == 2


def test_a_workbook_has_holdings_on_one_sheet_and_a_page_in_its_first_table() -> None:
    texts = {"a": HEADER, "x": "비고\n", "b": HEADER, "c": HEADER}
    book = [sheet(text, "xlsx", name) for name, text in texts.items()]
    with pytest.raises(TableFault, match=r"^has holdings on two sheets, a and b$"):
        find_table(book, ColumnNames(), "KRW")
    assert find_table(book[1:3], ColumnNames(), "KRW").sheet.name == "b"
    page = [sheet(text, "html", name) for name, text in texts.items()]
    assert find_table(page, ColumnNames(), "KRW").sheet.name == "a"


@pytest.mark.parametrize(
    ("text", "names", "says"),
    [
        ("tikcer,shares\n", None, "unknown column 'tikcer'; did you mean 'ticker'? (1)"),
        ("ticker,sharse\n", None, "unknown column 'sharse'; did you mean 'shares'? (1)"),
        # a column that is known is not misspelt, whatever it is like
        ("currencycode,shares\n", None, "names a code and a number of shares; it begins with c"),
        ("tikcer,foo\nticker,foo\n", None, "has no header line"),
        ("a,,b\nticker,x\n", None, "it begins with a, b; write the header"),
        (f"{'x' * 80}\n", None, f"it begins with {'x' * 80}; write"),
        (f"{'x' * 81}\n", None, f"it begins with {'x' * 80}…; write"),
        ("a,b\n", ColumnNames("내 코드"), "has no column '내 코드'; it begins with a, b"),
        ("a,b\n", ColumnNames(shares="b"), "has no header line"),
        ("a,b\n", ColumnNames("a", "c"), "has no column 'c'"),
    ],
)
def test_a_file_without_a_header_says_what_it_begins_with(
    text: str, names: ColumnNames | None, says: str
) -> None:
    assert says in refused(text, names)


def beside(text: str) -> tuple[list[tuple[str, int | None, str | None, float]], set[int]]:
    """Return the money in rows beside a table, and the lines of it; nothing is wrong there."""
    found = MoneyRows("KRW")
    lines = loose_money(rows(text), found, "KRW")
    assert found.wrongs == []
    return [
        (e.money.kind, e.money.day, e.money.currency, float(e.amount)) for e in found.entries
    ], lines


WON = ("cash", None, None)
DOLLARS = ("foreign", None, "USD")
LATER = ("cash", 2, None)


@pytest.mark.parametrize(
    ("row", "money"),
    [
        ("예수금,5", [(*WON, 5)]),
        ("예수금,,5", [(*WON, 5)]),
        ("비고,예수금,5", [(*WON, 5)]),
        ("예수금: 5", [(*WON, 5)]),
        ("비고: 7,예수금: 5", [(*WON, 5)]),
        ("예수금,5,D+2 예수금,7", [(*WON, 5), (*LATER, 7)]),
        ("예수금,5,비고,D+2 예수금,7", [(*WON, 5), (*LATER, 7)]),
        ("USD,7", [(*DOLLARS, 7)]),
        ("예수금,5,비고,USD,7", [(*WON, 5), (*DOLLARS, 7)]),
        # a currency before, between or behind
        ("USD,예수금,5", [(*DOLLARS, 5)]),
        ("예수금,USD,5", [(*DOLLARS, 5)]),
        ("비고,예수금,USD,5", [(*DOLLARS, 5)]),
        ("D+2 예수금,통화,USD,5", [("foreign", 2, "USD", 5)]),
        ("예수금,5,USD", [(*DOLLARS, 5)]),
        ("예수금,5,USD,9", [(*DOLLARS, 5)]),
        ("통화: USD,예수금,5", [(*DOLLARS, 5)]),
        ("비고: USD,예수금,5", [(*WON, 5)]),
        ("통화구분: 전체,예수금,5", [(*WON, 5)]),
        # one for all, or one for each
        ("예수금,5,D+2 예수금,7,USD", [(*DOLLARS, 5), ("foreign", 2, "USD", 7)]),
        ("예수금,5,D+2 예수금,7,USD,9", [(*DOLLARS, 5), ("foreign", 2, "USD", 7)]),
        ("예수금,5,USD,D+2 예수금,7", [(*DOLLARS, 5), ("foreign", 2, "USD", 7)]),
        ("예수금,5,D+2 예수금,7,USD,미국달러", [(*DOLLARS, 5), ("foreign", 2, "USD", 7)]),
        ("예수금,5,USD,현금,7,KRW", [(*DOLLARS, 5), (*WON, 7)]),
        ("USD,예수금,5,KRW,현금,7", [(*DOLLARS, 5), (*WON, 7)]),
        ("예수금,USD,5,현금,7,KRW", [(*DOLLARS, 5), (*WON, 7)]),
    ],
)
def test_labels_amounts_and_currencies_in_a_row(
    row: str, money: list[tuple[str, int | None, str | None, float]]
) -> None:
    assert beside(f"{row}\n") == (money, {1})


@pytest.mark.parametrize(
    "row", ["예수금", "예수금,USD", "예수금,비고,5", "비고,5", "예수금: 비고", "비고,USD"]
)
def test_a_row_without_a_label_and_its_amount_has_no_money(row: str) -> None:
    assert beside(f"{row}\n") == ([], set())


@pytest.mark.parametrize(
    ("row", "label", "stated"),
    [
        ("예수금,5,D+2 예수금,7,USD,KRW", "예수금", "USD, KRW"),
        ("USD,KRW,5", "KRW", "USD"),
        ("예수금(USD),5,현금(USD),7,KRW,원", "예수금(USD)", "KRW"),
        ("예수금,USD,EUR,5", "예수금", "USD, EUR"),
    ],
)
def test_an_amount_with_two_currencies_is_refused(row: str, label: str, stated: str) -> None:
    found = MoneyRows("KRW")
    assert loose_money(rows(f"{row}\n"), found, "KRW") == {1}
    message = f"is read in KRW, but its currency is given as '{stated}'"
    assert told(found.wrongs)[0] == (1, label, message)
    assert found.entries == []


@pytest.mark.parametrize(
    ("head", "under", "money"),
    [
        ("예수금,D+2 예수금", "5,7", [(*WON, 5), (*LATER, 7)]),
        ("예수금,D+2 예수금,총평가금액", "5,7,9", [(*WON, 5), (*LATER, 7)]),
        ("예수금,총평가금액", "5,9", [(*WON, 5)]),
        ("예수금,D+2 예수금", "5,-", [(*WON, 5)]),
        ("예수금,D+2 예수금", "5", [(*WON, 5)]),
        ("예수금,,", "5,,", [(*WON, 5)]),
        ("통화,예수금", "USD,5", [(*DOLLARS, 5)]),
        ("예수금,통화", "5,USD", [(*DOLLARS, 5)]),
        # one label has one amount, and a remark beside either is no heading
        ("예수금,", "5,6", []),
        ("예수금,비고", "5,", []),
        ("예수금,비고", "5,6", []),
        ("예수금,D+2 예수금", "-,-", []),
        ("총평가금액,총손익", "5,7", []),
    ],
)
def test_labels_over_their_amounts(
    head: str, under: str, money: list[tuple[str, int | None, str | None, float]]
) -> None:
    for title in ("", "제목\n", "제목\n비고,x\n"):
        line = title.count("\n") + 1
        lines = {line, line + 1} if money else set()
        for end in ("", "끝\n", "끝\n끝\n"):
            assert beside(f"{title}{head}\n{under}\n{end}") == (money, lines)


def test_each_pair_of_rows_is_read_once_and_an_amount_has_its_own_line() -> None:
    found = MoneyRows("KRW")
    text = "예수금,총평가금액\n5,9\nD+1 예수금,총손익\n6,9\nD+2 예수금,7\n"
    assert loose_money(rows(text), found, "KRW") == {1, 2, 3, 4, 5}
    assert [(e.label, e.line) for e in found.entries] == [
        ("예수금", 2),
        ("D+1 예수금", 4),
        ("D+2 예수금", 5),
    ]
