"""Generated exports: an amount is read in the currency and unit that the file states for it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jeoul import api
from jeoul.account.holdings import Holdings, plain_file, read_holdings
from jeoul.account.holdings.codes import one_slip_apart
from jeoul.account.holdings.known import securities_of
from jeoul.account.holdings.units import CURRENCIES
from jeoul.errors import HoldingsError

CORE = securities_of(api.universe_of("krx-core"))
FUNDS = sorted(api.universe_of("krx-core").instruments)
CASH = ["예수금", "CASH", "현금", "예수금총액", "예수금(D+2)"]
AMOUNTS = st.integers(1, 10**9)
FOREIGN = sorted(word for word, code in CURRENCIES.items() if code != "KRW")
WON = sorted(word for word, code in CURRENCIES.items() if code == "KRW")
LARGE = ["천원", "백만원", "단위:천원", "만원", "억원", "thousands", "천달러"]


def read(rows: list[list[str]], mark: str = "\t") -> Holdings:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "mine.csv"
        width = max(map(len, rows))
        text = "".join(mark.join(row + [""] * (width - len(row))) + "\n" for row in rows)
        file.write_text(text, "utf-8")
        return read_holdings(file, CORE)


def refusal(rows: list[list[str]]) -> str:
    with pytest.raises(HoldingsError) as refused:
        read(rows)
    return str(refused.value)


HELD = [["종목코드", "종목명", "보유수량"], ["069500", "", "30"]]


@given(st.data())
def test_a_row_of_cash_without_an_amount_takes_none_from_the_holding_below(
    data: st.DataObject,
) -> None:
    columns = data.draw(st.permutations(["종목코드", "종목명", "보유수량"]))
    columns = data.draw(st.sampled_from([columns, [c for c in columns if c != "종목명"]]))
    code, count = data.draw(st.sampled_from(FUNDS)), data.draw(st.integers(1, 10**6))
    held = {"종목코드": code.lstrip("0"), "종목명": "", "보유수량": str(count)}
    words = [*CASH, "D+1", "D+2", "합계", "KRW", "원", "USD", ""]
    label = data.draw(st.permutations(["예수금", *data.draw(st.lists(st.sampled_from(words)))]))
    rows = [list(columns), list(label[: len(columns)]), [held[name] for name in columns]]
    try:
        found = read(rows)
    except HoldingsError:
        return
    assert (found.shares, found.cash, found.incoming) == ({code: count}, None, {})
    assert not found.outside


@st.composite
def placed(draw: st.DrawFn, word: str, amount: int) -> list[list[str]]:
    """Return a file in which a currency stands somewhere beside an amount of cash."""
    label, money = draw(st.sampled_from(CASH)), str(amount)
    stated = [draw(st.sampled_from([word, word.upper()]))]
    stated = draw(st.sampled_from([stated, ["통화", *stated]]))
    row = draw(
        st.sampled_from([[*stated, label, money], [label, *stated, money], [label, money, *stated]])
    )
    inside = [f"통화: {stated[-1]}", f"{label}: {money}"]
    heads = [["통화", label], [stated[-1], money]]
    before = draw(st.sampled_from([[row], [inside], heads, [heads[0][::-1], heads[1][::-1]]]))
    below = draw(st.sampled_from([[label, "", money, stated[-1]], [label, stated[-1], money]]))
    table = [[*HELD[0], "비고"], HELD[1], below]
    return draw(st.sampled_from([[*before, *HELD], table]))


@given(st.sampled_from(FOREIGN), AMOUNTS, st.data())
def test_a_currency_beside_an_amount_is_that_of_the_amount(
    word: str, amount: int, data: st.DataObject
) -> None:
    found = read(data.draw(placed(word, amount)))
    assert (found.cash, found.outside) == (None, {CURRENCIES[word]: str(amount)})
    assert found.shares == {"069500": 30}


@given(st.sampled_from(["THB", "KWD", "isk", "XOF", "UAH", "Pen"]), AMOUNTS, st.data())
def test_a_currency_that_few_know_is_not_taken_for_won(
    code: str, amount: int, data: st.DataObject
) -> None:
    found = read(data.draw(placed(code, amount)))
    assert (found.cash, found.outside) == (None, {code.upper(): str(amount)})


@pytest.mark.parametrize("code", ["USD", "THB", "KWD", "NOK", "INR", "ISK"])
def test_money_of_any_currency_is_written_as_it_is_read(code: str, tmp_path: Path) -> None:
    """A code alone may be that of a share: NOK is Nokia in New York."""
    file = tmp_path / "again.csv"
    found = read([*HELD, ["", "", ""], ["예수금", "1500.25", code], ["예수금", "7", "KRW"]])
    file.write_text(plain_file(found), "utf-8")
    again = read_holdings(file)
    assert (again.cash, again.outside, again.shares) == (7, {code: "1500.25"}, found.shares)


@given(st.sampled_from(WON), AMOUNTS, st.data())
def test_the_accounts_own_currency_may_stand_beside_an_amount(
    word: str, amount: int, data: st.DataObject
) -> None:
    found = read(data.draw(placed(word, amount)))
    assert (found.cash, found.outside) == (amount, {})


@given(st.sampled_from(FOREIGN), AMOUNTS, AMOUNTS, st.sampled_from(["before", "between", "behind"]))
def test_two_moneys_in_one_row_are_kept_apart(word: str, theirs: int, own: int, where: str) -> None:
    one, other = ["예수금", str(theirs)], ["현금", str(own)]
    for pair, currency in ((one, word), (other, "KRW")):
        pair.insert({"before": 0, "between": 1, "behind": 2}[where], currency)
    found = read([[*one, *other], *HELD])
    assert (found.cash, found.outside) == (own, {CURRENCIES[word]: str(theirs)})


@given(
    st.sampled_from(sorted(CURRENCIES)),
    st.integers(1, 10**6),
    st.sampled_from(["매입평균가", "매입금액", "과표기준가", "cost", "tax_base"]),
    st.data(),
)
def test_a_price_with_a_mark_is_in_the_currency_of_the_mark(
    word: str, price: int, column: str, data: st.DataObject
) -> None:
    shown = data.draw(st.sampled_from([word, word.upper()]))
    forms = [f"{shown}{price}", f"{shown} {price:,}", f"{price}{shown}", f"{price:,} {shown}"]
    cell = data.draw(st.sampled_from(forms))
    rows = [["종목코드", "보유수량", column], ["069500", "1", cell], ["예수금", "5", ""]]
    if CURRENCIES[word] == "KRW":
        found = read(rows)
        assert {*found.cost.values(), *found.tax_base.values()} == {price}
    else:
        assert f"a price in {CURRENCIES[word]} and not in KRW" in refusal(rows)


@given(st.sampled_from(FOREIGN), st.integers(1, 10**6))
def test_a_price_of_a_foreign_share_is_in_its_own_currency(word: str, price: int) -> None:
    rows = [
        ["종목코드", "통화", "보유수량", "매입평균가"],
        ["AAPL", word, "3", f"{price} {word}"],
        ["예수금", "", "5", ""],
    ]
    found = read(rows)
    assert found.outside == {"AAPL": 3}
    assert {code: int(paid) for code, paid in found.cost.items()} == {"AAPL": price}


@given(st.sampled_from(sorted(CURRENCIES)), st.integers(1, 10**6))
def test_a_number_of_shares_is_in_no_currency(word: str, count: int) -> None:
    rows = [["종목코드", "보유수량"], ["069500", f"{count} {word}"], ["예수금", "5"]]
    assert "is not a number of shares" in refusal(rows)


PLACES = st.sampled_from(["row", "before", "column", "heading"])


def money_at(place: str, label: str, amount: str) -> list[list[str]]:
    """Return a file with money under a label in a row, before the table or in a column of it."""
    match place:
        case "row":
            return [*HELD, [label, "", amount]]
        case "before":
            return [[label, amount], *HELD]
        case "heading":
            return [[label, "총평가금액"], [amount, "1"], *HELD]
    return [[*HELD[0], label], [*HELD[1], amount]]


@given(
    st.sampled_from(["예수금", "현금", "주문가능금액", "외화예수금", "D+2 예수금"]),
    st.sampled_from(LARGE),
    PLACES,
    AMOUNTS,
)
def test_money_in_thousands_is_refused_wherever_it_is(
    base: str, unit: str, place: str, amount: int
) -> None:
    said = refusal(money_at(place, f"{base}({unit})", str(amount)))
    assert "gives its amount in thousands or in another large unit" in said


@given(
    st.sampled_from(
        ["외화예수금", "외화 예수금", "외화현금", "외화주문가능금액", "외화예수금(원화환산)"]
    ),
    PLACES,
    AMOUNTS,
)
def test_foreign_money_without_a_currency_is_refused_and_none_of_it_is_nothing(
    label: str, place: str, amount: int
) -> None:
    assert "is foreign money without its currency" in refusal(money_at(place, label, str(amount)))
    assert read(money_at(place, label, "0")).outside == {}
    assert read(money_at(place, label, f"{amount} EUR")).outside == {"EUR": str(amount)}


@given(
    st.sampled_from(["주문가능금액", "매수가능현금", "주문가능현금"]),
    st.sampled_from(sorted(word for word in FOREIGN if len(word) > 1)),
    PLACES,
    AMOUNTS,
)
def test_what_can_be_ordered_in_another_currency_is_foreign_money(
    base: str, word: str, place: str, amount: int
) -> None:
    rows = money_at(place, f"{base}({word})", str(amount))
    found = read(rows)
    assert (found.cash, found.outside) == (None, {CURRENCIES[word]: str(amount)})
    beside = read([["예수금", word, str(amount + 1)], *rows])
    assert beside.outside == {CURRENCIES[word]: str(amount + 1)}


@given(
    st.sampled_from(["(단위: 천원)", "단위 : 백만원, 주", "단위,천원", "통화: USD", "기준통화 USD"])
)
def test_a_line_that_states_the_unit_of_all_amounts_is_heeded(line: str) -> None:
    rows = [line.split(","), *HELD, ["예수금", "", "5"]]
    assert "says that amounts are in" in refusal(rows)
    assert read([["단위: 원, 주"], *HELD, ["예수금", "", "5"]]).cash == 5


@given(
    st.from_regex(r"[QJ]?[5-8][0-9A-HJ-NP-TV-Z][0-9][0-9A-HJ-NP-TV-Z]{3}", fullmatch=True),
    st.integers(1, 10**6),
)
def test_a_note_of_a_securities_firm_is_outside_by_its_code_alone(code: str, count: int) -> None:
    assume(not any(one_slip_apart(code[-6:], fund) for fund in FUNDS))
    found = read([["종목코드", "보유수량"], [code, str(count)], ["예수금", "5"]])
    assert found.outside == {code[-6:]: count}
    assert "holdings.outside_note" in {note.kind for note in found.notes}
