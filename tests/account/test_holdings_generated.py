"""Generated exports: however a broker dresses the same holdings, the same holdings are read."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jeoul import api
from jeoul.account.holdings import plain_file, read_holdings
from jeoul.account.holdings.amounts import money_number
from jeoul.account.holdings.codes import NotACode, normal_code
from jeoul.account.holdings.known import securities_of
from jeoul.errors import HoldingsError

CORE = securities_of(api.universe_of("krx-core"))
FUNDS = sorted(api.universe_of("krx-core").instruments)
NAMES = {code: item.name_ko for code, item in api.universe_of("krx-core").instruments.items()}
SHARES_OF_COMPANIES = ["005930", "000660", "0043Y0"]

TICKER = ["종목코드", "단축코드", "코드", "종목번호", "Ticker", "code", "SYMBOL", "종목 코드"]
COUNT = ["보유수량", "잔고수량", "수량", "보유수량(주)", "Shares", "quantity", "Qty", "보유 수량"]
COST = ["매입평균가", "평균단가", "매입단가", "매입가", "avg_price", "Average Price"]
CASH_LABELS = ["예수금", "CASH", "cash", "현금", "예수금(D+2)", "D+2 예수금", "주문가능금액"]


def isin(code: str) -> str:
    """Return the ISIN of a fund or a common share, its check digit by the rule of ISO 6166."""
    body = f"KR7{code}00"
    digits = "".join(str(int(c, 36)) for c in body)
    total = sum(sum(divmod(int(d) * (2 - p % 2), 10)) for p, d in enumerate(reversed(digits)))
    return f"{body}{-total % 10}"


def wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def disguises(code: str) -> list[str]:
    found = [code, f"A{code}", f"{code}.KS", f"{code}.kq", isin(code), f'="{code}"', f"'{code}"]
    found += [wide(code), code.lower(), f"\u200b{code}", f"{code}\u00a0", f" {code} "]
    if code.isdigit():
        found += [code.lstrip("0"), f"{int(code)}.0"]
    return found


def written(count: int) -> list[str]:
    return [str(count), f"{count:,}", f"{count}.0", f"{count:,}주", wide(str(count)), f"{count} "]


@st.composite
def exports(draw: Any) -> tuple[dict[str, int], dict[str, int], int, str, str, str]:
    codes = draw(st.lists(st.sampled_from(FUNDS + SHARES_OF_COMPANIES), unique=True, max_size=8))
    counts = {code: draw(st.integers(1, 2_000_000)) for code in codes}
    cash = draw(st.integers(-10_000_000, 10**12))
    columns = {
        "code": draw(st.sampled_from(TICKER)),
        "name": "종목명",
        "count": draw(st.sampled_from(COUNT)),
        "cost": draw(st.sampled_from(COST)),
        "profit": "손익",
    }
    order = draw(st.permutations(list(columns)))

    def row(code: str = "", name: str = "", count: str = "", cost: str = "") -> list[str]:
        cells = {"code": code, "name": name, "count": count, "cost": cost, "profit": ""}
        return [cells[key] for key in order]

    rows = [[columns[key] for key in order]]
    for code, count in counts.items():
        shown, said = draw(st.sampled_from(disguises(code))), draw(st.sampled_from(written(count)))
        rows.append(row(shown, NAMES.get(code, "회사"), said, "10,500"))
    label = draw(st.sampled_from(CASH_LABELS))
    money = draw(st.sampled_from([str(cash), f"{cash:,}", f"{cash:,}원", f"{cash}.00"]))
    place = draw(st.sampled_from(["code", "name"]))
    rows.append(row(**{place: label}, count=money))
    if draw(st.booleans()):
        rows.append(
            row(**{place: draw(st.sampled_from(["합계", "총 계", "Total"]))}, count="7,777")
        )
    before = draw(st.sampled_from([[], [["계좌번호", "12345678-01"]], [["# 내 계좌"], []]]))
    mark = draw(st.sampled_from([",", "\t", ";", "|"]))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=mark, lineterminator=draw(st.sampled_from(["\n", "\r\n"])))
    writer.writerows([*before, *rows])
    text_ = f"sep={mark}\n" * draw(st.booleans()) + text.getvalue()
    codecs = ["utf-8", "utf-8-sig", "utf-16"]
    if not set(text_) & {"\u200b", "\u00a0"}:
        codecs.append("cp949")
    inside = {code: n for code, n in counts.items() if code in FUNDS}
    outside = {code: n for code, n in counts.items() if code not in FUNDS}
    return inside, outside, cash, text_, draw(st.sampled_from(codecs)), label


@given(exports())
def test_the_same_holdings_are_read_however_they_are_dressed(export: Any) -> None:
    shares, outside, cash, text, codec, _ = export
    with TemporaryDirectory() as folder:
        file = Path(folder) / "mine.csv"
        file.write_bytes(text.encode(codec))
        if not shares and not outside and not cash:
            return
        found = read_holdings(file, CORE)
        assert (found.shares, found.outside, found.cash) == (shares, outside, cash)
        assert {str(price) for price in found.cost.values()} <= {"10500"}
        file.write_text(plain_file(found), "utf-8")
        again = read_holdings(file, CORE)
    assert (again.shares, again.outside, again.cash) == (shares, outside, cash)
    assert again.cost == found.cost


@given(
    st.sampled_from(FUNDS + SHARES_OF_COMPANIES).flatmap(lambda c: st.sampled_from(disguises(c)))
)
def test_bringing_a_code_to_its_form_changes_nothing_twice(written_: str) -> None:
    from jeoul.files.sheets.sheet import clean

    once = normal_code(clean(written_))
    assert once is not None
    assert normal_code(once.code) == (once.code, False)


@given(st.text(alphabet="0123456789ABCKQRSUYZaky.:,='\" -", max_size=14))
def test_any_text_has_one_form_or_none(text: str) -> None:
    try:
        once = normal_code(text)
    except NotACode:
        return
    if once is not None:
        assert normal_code(once.code) == (once.code, False)
        assert once.changed or once.code == text.strip("' ")


@given(st.sampled_from(FUNDS), st.data())
def test_two_rows_of_one_security_are_never_added_up(code: str, data: Any) -> None:
    first, second = (data.draw(st.sampled_from(disguises(code))) for _ in range(2))
    with TemporaryDirectory() as folder:
        file = Path(folder) / "mine.csv"
        file.write_text(f"ticker\tshares\n{first}\t1\n{second}\t2\nCASH\t5\n", "utf-8")
        with pytest.raises(HoldingsError, match=f"{code} appears twice, in lines 2 and 3"):
            read_holdings(file, CORE)


@given(st.integers(-(10**15), 10**15))
def test_a_whole_number_is_read_in_every_way_of_writing_it(value: int) -> None:
    ways = [str(value), f"{value:,}", f"₩{value:,}", f"{value:,}원", f"{value}.00"]
    if value < 0:
        ways += [f"({-value:,})", f"{-value:,}-", f"△{-value:,}"]
    assert {found.value for way in ways if (found := money_number(way))} == {value}
    assert all(money_number(way) for way in ways)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "mine.csv"
        file.write_bytes(b"ticker,shares\n" + content)
        with suppress(HoldingsError):  # whatever else is raised is a defect
            read_holdings(file, CORE)


@st.composite
def shares_abroad(draw: Any) -> dict[str, tuple[int, str, str]]:
    """Shares of other markets: their number, currency and name, which a broker may leave out."""
    tickers = st.from_regex(r"[A-Z]{1,5}", fullmatch=True).filter(lambda t: t not in FUNDS)
    row = st.tuples(
        st.integers(1, 10**6),
        st.sampled_from(["USD", "JPY", "HKD", "EUR"]),
        st.sampled_from(["", "Apple Inc.", 'Say "Yes", Ltd.', "애플"]),
    )
    return draw(st.dictionaries(tickers, row, min_size=1, max_size=5))  # type: ignore[no-any-return]


@given(shares_abroad())
def test_the_plain_file_of_shares_abroad_is_read_back_as_it_was_written(held: Any) -> None:
    """Their currency says that they are real: without it the code would be nobody's."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "mine.csv"
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerow(["종목코드", "종목명", "보유수량", "매입평균가", "통화"])
        rows.writerow([FUNDS[0], NAMES[FUNDS[0]], 3, 10_500, "KRW"])
        for ticker, (count, currency, name) in held.items():
            rows.writerow([ticker, name, count, "185.2", currency])
        file.write_text(text.getvalue(), "utf-8")
        found = read_holdings(file, CORE)
        file.write_text(plain_file(found), "utf-8")
        again = read_holdings(file, CORE)
    assert found.outside == {ticker: count for ticker, (count, _, _) in held.items()}
    assert (again.shares, again.outside, again.cost) == (found.shares, found.outside, found.cost)
    assert again.found is not None
    assert {code: each.currency for code, each in again.found.vouched.items()} == {
        ticker: currency for ticker, (_, currency, _) in held.items()
    }
