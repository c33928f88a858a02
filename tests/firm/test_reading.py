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


def test_an_account_without_cash_has_no_position_and_a_file_may_be_empty(tmp_path: Path) -> None:
    found, (unread,) = read_positions(
        holdings(tmp_path, "account,ticker,shares\nA1,069500,3\n"), {"069500"}
    )
    assert (found, unread.what.kind) == ({}, "firm.row_no_cash")
    with pytest.raises(HoldingsError, match="column account is missing"):
        read_positions(holdings(tmp_path, ""), set())
