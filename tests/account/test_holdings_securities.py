"""Which security a row is about, and what a file of holdings says when nobody knows it."""

from __future__ import annotations

import pytest

from jeoul.account.holdings import Securities
from jeoul.account.holdings.known import securities_of
from jeoul.account.holdings.record import Vouched
from jeoul.account.holdings.securities import Named, Unknown
from jeoul.model.instrument import Universe
from jeoul.strategy.universe import load_universe

SEVERAL = frozenset({"005930", "000660", "035420", "051910", "207940"})
IN_ORDER = "000660, 005930, 035420, 051910, 207940"
KNOWN = Securities(
    inside=frozenset({"069500", "069510", "360750", "SPY"}),
    real=frozenset({"AAPL"}),
    listed=frozenset({"005930", "069520"}),
    names={
        "kodex 200": frozenset({"069500"}),
        "kodex 2000": frozenset({"360750"}),
        "gold": frozenset({"411060"}),
        "spy": frozenset({"360750"}),
        "blue chips": SEVERAL,
        "": frozenset({"360750"}),
    },
)
ABROAD = Securities(inside=frozenset({"SPY"}), abroad=True)


@pytest.mark.parametrize(
    ("cells", "named"),
    [
        (("069500",), Named("069500", inside=True)),
        (("A069500",), Named("069500", inside=True, written="A069500")),
        (("", "KR7069500007"), Named("069500", inside=True, written="KR7069500007")),
        (("069500", "KR7069500007"), Named("069500", inside=True)),
        (("069500", "", "KODEX 200"), Named("069500", inside=True)),
        (("069500", "", "nobody's name"), Named("069500", inside=True)),
        # by name, where there is no code
        (("kodex  200",), Named("069500", inside=True, written="kodex  200")),
        (("", "", "KODEX 200"), Named("069500", inside=True, written="KODEX 200")),
        (("코덱스", "", "KODEX 200"), Named("069500", inside=True, written="코덱스")),
        (("KODEX 200", "", "KODEX 2000"), Named("069500", inside=True, written="KODEX 200")),
        (("Gold",), Named("411060", inside=False, written="Gold")),
        (("SPY",), Named("SPY", inside=True)),  # a code that is also a name
        # outside: real, listed, a note, or known by its name alone
        (("AAPL",), Named("AAPL", inside=False)),
        (("AAPL", "", "Apple"), Named("AAPL", inside=False)),
        (("5930",), Named("005930", inside=False, written="5930")),
        (("005930", "", "삼성전자"), Named("005930", inside=False)),
        (("530031",), Named("530031", inside=False)),
        (("123450", "", "새 회사"), Named("123450", inside=False, vouched=Vouched("새 회사"))),
        (("069520", "", "어느 회사"), Named("069520", inside=False, vouched=Vouched("어느 회사"))),
        (
            ("US0378331005", "", "Apple"),
            Named("US0378331005", inside=False, vouched=Vouched("Apple")),
        ),
        (("US0378331005",), Named("US0378331005", inside=False)),
    ],
)
def test_a_row_names_its_security_by_a_code_or_else_by_a_name(
    cells: tuple[str, ...], named: Named
) -> None:
    assert KNOWN.named(*cells) == named


@pytest.mark.parametrize(
    ("cells", "wrong", "remedy"),
    [
        (("069500", "US0378331005"), "names two securities, 069500 and US0378331005", "leave"),
        (("069500", "", "Blue Chips"), f"has the name of {IN_ORDER}, 'Blue Chips', beside", ""),
        (("Blue Chips",), f"is the name of several funds: {IN_ORDER}", "write the code"),
        (("KR7069500008",), "has a wrong check digit for an ISIN", "correct the code"),
        (("",), "has no ticker", "name the holding"),
        (("123456789", "", "KODEX 200"), "does not have the form of a ticker", "correct"),
        (("Kodex 20",), "is not a code, and not exactly the name of a fund",
         "write the code of six characters; kodex 200 is 069500"),
        (("blue chip",), "is not a code, and not exactly", f"characters; blue chips is {IN_ORDER}"),
        (("무엇인가",), "is not a code, and not exactly", "write the code of six characters"),
        (("정산 금액",), "looks like money, but is not called by a name", "call it 예수금"),
        (("MSFT",), "is an unknown ticker: it is in neither", "correct the code"),
        (("MSFT", "", "Microsoft"), "is an unknown ticker: it is in neither", "correct the code"),
        (("069501", "", "어느 회사"), "is an unknown ticker: it is in neither", "correct the code"),
        (("069520",), "is one character away from 069500 and is in no price", "write 069500"),
        (("123450",), "is not in the exchange's lists or in any price file", "correct the code"),
    ],
)  # fmt: skip
def test_a_security_that_is_not_known_for_certain_is_refused(
    cells: tuple[str, ...], wrong: str, remedy: str
) -> None:
    with pytest.raises(Unknown) as refused:
        KNOWN.named(*cells)
    assert wrong in refused.value.wrong
    assert remedy in refused.value.remedy
    assert str(refused.value) == refused.value.wrong


def test_what_is_meant_is_the_one_name_that_is_most_like_it() -> None:
    with pytest.raises(Unknown) as refused:
        KNOWN.named("kodex 20")
    assert refused.value.remedy == "write the code of six characters; kodex 200 is 069500"
    with pytest.raises(Unknown) as refused:
        KNOWN.named("무엇인가")
    assert refused.value.remedy == "write the code of six characters"


def test_where_nobody_says_what_may_occur_every_code_may() -> None:
    every = Securities(names={"kodex 200": frozenset({"069500"})})
    assert every.named("MSFT") == Named("MSFT", inside=True)
    assert every.named("KODEX 200") == Named("069500", inside=True, written="KODEX 200")


def test_any_ticker_may_be_a_share_in_an_account_of_new_york() -> None:
    assert ABROAD.named("MSFT") == Named("MSFT", inside=False)
    assert ABROAD.named("MSFT", "", "Microsoft") == Named("MSFT", False, None, Vouched("Microsoft"))
    with pytest.raises(Unknown, match=r"^is an unknown ticker"):
        ABROAD.named("069501")


@pytest.fixture(scope="module")
def core() -> Universe:
    return load_universe("krx-core")


def test_the_securities_of_a_universe_have_their_names_and_know_the_other_universes(
    core: Universe,
) -> None:
    known = securities_of(core, ["123450"])
    assert known.inside == frozenset(core.instruments)
    assert not known.abroad
    for code, item in core.instruments.items():
        for name in (item.name_ko, item.name_en, *item.former_names):
            assert known.named("", "", name.upper()).code == code
    assert known.named("123450") == Named("123450", inside=False)
    assert known.named("SPY") == Named("SPY", inside=False)
    assert not any(code in core.instruments for code in known.real)
    abroad = load_universe("us-core")
    assert securities_of(abroad).abroad
    assert securities_of(abroad).named("069500") == Named("069500", inside=False)
