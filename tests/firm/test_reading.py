"""Register and holdings: a row that cannot be used is named and stops nobody else."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from jeoul.errors import ConfigError, HoldingsError
from jeoul.firm.positions import read_positions
from jeoul.firm.register import RegisterDefaults, read_register

DEFAULTS = RegisterDefaults("managed", Decimal("0.005"))
HEAD = "account,profile,kind,type,answers_id,answered,fee,excluded,caps,status\n"
SOUND = "A1,balanced,isa,neutral,Q1,2026-02-02,0.003,069500 360750,148070=0.1,active\n"


def register(tmp_path: Path, *rows: str) -> str:
    file = tmp_path / "register.csv"
    file.write_text(HEAD + "".join(rows), "utf-8")
    return str(file)


def test_a_row_says_all_that_is_known_of_a_client(tmp_path: Path) -> None:
    (client,), unread = read_register(register(tmp_path, SOUND), DEFAULTS)
    assert unread == ()
    assert str(client.group) == "managed/balanced/isa/neutral"
    assert client.fee == Decimal("0.003")
    assert client.restriction.excluded == {"069500", "360750"}
    assert client.restriction.most("148070") == Decimal("0.1")
    assert str(client.suitability.expires) == "2027-02-02"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("A2,growth,isa,neutral,Q2,,,,,\n", "firm.row_unsuitable"),
        ("A2,balanced,isa,neutral,,,,,,\n", "firm.row_answers"),
        ("A2,balanced,isa,bold,Q2,,,,,\n", "firm.row_type"),
        ("A2,none,isa,neutral,Q2,,,,,\n", "firm.row_profile"),
        ("A2,balanced,cellar,neutral,Q2,,,,,\n", "firm.row_kind"),
        ("A2,balanced,isa,neutral,Q2,2026-13-01,,,,\n", "firm.row_date"),
        ("A2,balanced,isa,neutral,Q2,,half,,,\n", "firm.row_fee"),
        ("A2,balanced,isa,neutral,Q2,,,,069500=1.5,\n", "firm.row_caps"),
        ("A2,balanced,isa,neutral,Q2,,,,069500=NaN,\n", "firm.row_caps"),
        ("A2,balanced,isa,neutral,Q2,,,,,asleep\n", "firm.row_status"),
        ("../A2,balanced,isa,neutral,Q2,,,,,\n", "firm.row_account"),
        ("A2,balanced\n", "firm.row_cells"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_the_others_are_read(
    tmp_path: Path, row: str, why: str
) -> None:
    clients, (unread,) = read_register(register(tmp_path, SOUND, row), DEFAULTS)
    assert [client.account for client in clients] == ["A1"]
    assert unread.what.kind == why
    assert unread.place.endswith("register.csv:3")


def test_an_account_that_is_there_twice_is_not_read_at_all(tmp_path: Path) -> None:
    clients, unread = read_register(register(tmp_path, SOUND, SOUND), DEFAULTS)
    assert clients == ()
    assert {row.what.kind for row in unread} == {"firm.row_twice"}


@pytest.mark.parametrize("row", ["A2,balanced\n", SOUND.replace("A1", "A2", 1).strip() + ",x\n"])
def test_a_row_with_other_cells_than_the_header_is_of_its_account(tmp_path: Path, row: str) -> None:
    """Whether one is lacking or one too many; with a sound row beside it, nobody knows which."""
    twin = SOUND.replace("A1", "A2", 1)
    clients, unread = read_register(register(tmp_path, SOUND, row), DEFAULTS)
    assert [client.account for client in clients] == ["A1"]
    assert [(each.account, each.what.kind) for each in unread] == [("A2", "firm.row_cells")]
    clients, unread = read_register(register(tmp_path, SOUND, row, twin), DEFAULTS)
    assert [client.account for client in clients] == ["A1"]
    assert [each.what.kind for each in unread] == ["firm.row_cells", "firm.row_twice"]


def test_a_quote_that_nobody_closes_spoils_its_row_alone(tmp_path: Path) -> None:
    """And hides no client behind it, however many rows later the next quote comes."""
    sound = [SOUND.replace("A1", f"A{n}", 1) for n in range(1, 40)]
    slip = SOUND.replace("A1", '"B1', 1)
    late = SOUND.replace("active", 'active"', 1).replace("A1", "C1", 1)
    file = register(tmp_path, *sound[:3], slip, *sound[3:], late)
    clients, unread = read_register(file, DEFAULTS)
    assert [client.account for client in clients] == [f"A{n}" for n in range(1, 40)]
    assert [(each.account, each.what.kind) for each in unread] == [
        ("B1", "firm.row_quote"), ("C1", "firm.row_status"),
    ]  # fmt: skip
    assert unread[0].place.endswith(":5")


def test_a_cell_in_quotes_may_have_separators_and_line_breaks(tmp_path: Path) -> None:
    rows = 'A1,balanced,isa,neutral,"Q\n""1"", a",,,"069500\n360750",,\n'
    clients, unread = read_register(register(tmp_path, rows, "A2,none\n"), DEFAULTS)
    assert [(c.account, c.suitability.answers_id) for c in clients] == [("A1", 'Q\n"1", a')]
    assert clients[0].restriction.excluded == {"069500", "360750"}
    assert unread[0].place.endswith(":5")


def test_a_quote_within_a_cell_is_text_and_hides_no_row(tmp_path: Path) -> None:
    """Two of them in neighbouring rows once took the second row away without a word."""
    text = 'account,ticker,shares\nA1,CASH,1\nA1,8" pipe,2\nB,CASH,3\nB,6" pipe,4\n'
    found, unread = read_positions(holdings(tmp_path, text), set())
    assert unread == ()
    assert [found[name].outside for name in ("A1", "B")] == [{'8" pipe': 2}, {'6" pipe': 4}]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_cells_are_separated_as_the_header_says(tmp_path: Path, separator: str, end: str) -> None:
    rows = ["account,ticker,shares", "A1,CASH,1", "A1,CASH@20260702,2"]
    text = "".join(row.replace(",", separator) + end for row in rows)
    file = tmp_path / "holdings.csv"
    file.write_bytes(text.encode())
    found, unread = read_positions(str(file), set())
    assert (unread, found["A1"].portfolio.incoming) == ((), 2)


def test_funds_of_a_restriction_are_separated_as_people_do(tmp_path: Path) -> None:
    row = 'A1,balanced,isa,neutral,Q1,,,"069500,360750;273130","148070=0.1, 114260=0.2",\n'
    (client,), _ = read_register(register(tmp_path, row), DEFAULTS)
    assert client.restriction.excluded == {"069500", "360750", "273130"}
    assert set(client.restriction.caps) == {"148070", "114260"}


def test_tickers_of_a_restriction_are_read_in_any_form(tmp_path: Path) -> None:
    """69500 is how a spreadsheet leaves 069500; it excluded nothing."""
    rows = (
        "A1,balanced,isa,neutral,Q1,,,69500 A360750,148070.KS=0.1 0043y0=0.2,\n",
        "A2,balanced,isa,neutral,Q1,,,,69500=0.1 069500=0.2,\n",
    )
    (client,), (unread,) = read_register(register(tmp_path, *rows), DEFAULTS)
    assert client.restriction.excluded == {"069500", "360750"}
    assert set(client.restriction.caps) == {"148070", "0043Y0"}
    assert (unread.account, unread.what.kind) == ("A2", "firm.row_caps")


def test_all_faults_of_a_header_are_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "register.csv"
    file.write_text("account,proflie,answers_id,answers_id\n", "utf-8")
    with pytest.raises(ConfigError) as error:
        read_register(str(file), DEFAULTS)
    assert [problem.message.split()[0] for problem in error.value.problems] == [
        "the", "the", "'proflie'", "the",
    ]  # fmt: skip


def holdings(tmp_path: Path, text: str) -> str:
    file = tmp_path / "holdings.csv"
    file.write_text(text, "utf-8")
    return str(file)


def test_holdings_have_cash_money_on_its_way_flows_and_what_nobody_knows(tmp_path: Path) -> None:
    text = (
        "account,ticker,shares,deposit,withdrawal\n"
        "A1,CASH,-5,,7\nA1,CASH@2026-07-02,100,,\nA1,069500,3,,\nA1,ABC,2,,\n"
    )
    found, unread = read_positions(holdings(tmp_path, text), {"069500"})
    assert unread == ()
    position = found["A1"]
    assert (position.portfolio.cash, position.portfolio.incoming) == (-5, 100)
    assert (position.portfolio.shares, position.outside) == ({"069500": 3}, {"ABC": 2})
    assert (position.deposit, position.withdrawal) == (0, 7)


@pytest.mark.parametrize(
    "row",
    [
        "A1,069500,1.5,,",
        "A1,069500,-1,,",
        "A1,069500,１,,",
        "A1,069500,4,,",
        "A1,CASH,1,,",
        "A1,148070,1,5,",
        "A1,CASH@soon,1,,",
        "A1,,1,,",
    ],
)
def test_an_account_with_one_bad_row_has_no_position(tmp_path: Path, row: str) -> None:
    text = (
        f"account,ticker,shares,deposit,withdrawal\nA1,CASH,9,,\nA1,069500,3,,\n{row}\nB,CASH,1,,\n"
    )
    found, unread = read_positions(holdings(tmp_path, text), {"069500", "148070"})
    assert (list(found), len(unread), unread[0].account) == (["B"], 1, "A1")


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("account,ticker,shares", "A1,148070"),
        ("account,ticker,shares", "A1,148070,1,000"),
        ("account,ticker,shares", "A1"),
        ("ticker,account,shares", "148070,A1"),
        ("ticker,account,shares", "A1,5"),
        ("ticker,shares,account", "148070,A1"),
        ("ticker,shares,account", "148070,1,000,A1"),
    ],
)
def test_a_row_with_a_cell_too_few_or_too_many_takes_the_position_of_its_account(
    tmp_path: Path, head: str, row: str
) -> None:
    """An order on half of what an account holds would be wrong; other accounts trade."""
    whole = {"account": ("A1", "A1", "B"), "ticker": ("CASH", "069500", "CASH"),
             "shares": ("9", "3", "1")}  # fmt: skip
    lines = [",".join(whole[name][at] for name in head.split(",")) for at in range(3)]
    text = "\n".join([head, *lines, row]) + "\n"
    found, unread = read_positions(holdings(tmp_path, text), {"069500", "148070"})
    assert list(found) == ["B"]
    assert [(each.account, each.what.kind) for each in unread] == [("A1", "firm.row_cells")]
    assert dict(unread[0].what.detail)["wanted"] == "3"


def test_words_of_holdings_are_in_any_case_and_thousands_may_have_commas(tmp_path: Path) -> None:
    text = (
        "account,kind,profile,ticker,shares,currency\n"
        'A1,ISA,Balanced,CASH,"1,000,000",krw\nA1,isa,balanced,069500,3.0,\n'
        'B,isa,balanced,CASH,"1,00",\n'
    )
    found, (unread,) = read_positions(holdings(tmp_path, text), {"069500"})
    assert (found["A1"].kind, found["A1"].profile) == ("isa", "balanced")
    assert (found["A1"].portfolio.cash, unread.account) == (1_000_000, "B")


def test_an_account_without_cash_has_no_position_and_a_file_may_be_empty(tmp_path: Path) -> None:
    found, (unread,) = read_positions(
        holdings(tmp_path, "account,ticker,shares\nA1,069500,3\n"), {"069500"}
    )
    assert (found, unread.what.kind) == ({}, "firm.row_no_cash")
    with pytest.raises(HoldingsError, match="column account is missing"):
        read_positions(holdings(tmp_path, ""), set())
