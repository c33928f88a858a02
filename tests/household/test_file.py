"""What a household's file says, and how it is refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from jeoul import assets
from jeoul.errors import ConfigError
from jeoul.household.written.file import HouseholdFile, read_household

HOME = """\
schema = 1
name = "home"
state = "state"
[people.minsu]
born = 1992-05-11
wages = 62_000_000
spending = 3_000_000
profile = "balanced"
[accounts.general]
owner = "minsu"
kind = "general"
holdings = "holdings/general.csv"
broker = { kind = "ticket", fee_rate = "0.001", collar = 0.02 }
[accounts.isa]
owner = "minsu"
kind = "isa"
opened = 2024-03-02
paid = { 2024 = 20_000_000, "2025" = 20_000_000 }
holdings = "holdings/isa.csv"
"""
SPOUSE = '[people."지은"]\nborn = 1993-01-02\nwages = 40_000_000\nprofile = "growth"\n'


def read(folder: Path, text: str) -> HouseholdFile:
    place = folder / "household.toml"
    place.write_text(text, "utf-8")
    return read_household(place)


def refused(folder: Path, text: str) -> Sequence[str]:
    """What is wrong with a file, each as line, key, fault and remedy."""
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    return [str(one).removeprefix(f"{folder}/household.toml:") for one in caught.value.problems]


def test_people_and_accounts_are_read_with_paths_from_the_file(tmp_path: Path) -> None:
    home = read(tmp_path, HOME)
    assert home.people["minsu"].income.wages == 62_000_000
    assert home.accounts["isa"].holdings == tmp_path / "holdings" / "isa.csv"
    assert home.state == tmp_path / "state"
    assert home.title == "home"


def test_the_example_has_every_table(tmp_path: Path) -> None:
    home = read_household(assets.root() / "configs" / "household-example.toml")
    assert list(home.accounts) == ["general", "isa", "pension"]
    assert home.goals["house"].accounts == ("general", "isa")
    assert [(flow.amount, flow.person) for flow in home.flows] == [(1_200_000, "minsu")]


def test_the_years_of_payments_may_be_quoted_or_not(tmp_path: Path) -> None:
    paid = read(tmp_path, HOME).accounts["isa"].paid
    assert paid.opened == date(2024, 3, 2)
    assert paid.paid == {2024: 20_000_000, 2025: 20_000_000}


def test_the_table_of_a_broker_keeps_what_only_that_broker_knows(tmp_path: Path) -> None:
    account = read(tmp_path, HOME).accounts["general"]
    assert account.broker == {"kind": "ticket", "fee_rate": "0.001", "collar": 0.02}
    assert account.fees.tariff(1).costs(100_000).fee == 100


def test_a_person_is_a_year_older_on_the_birthday(tmp_path: Path) -> None:
    minsu = read(tmp_path, HOME).people["minsu"]
    assert minsu.age_on(date(2026, 5, 10)) == 33
    assert minsu.age_on(date(2026, 5, 11)) == 34


def test_six_months_of_everybody_s_spending_are_kept_within_reach(tmp_path: Path) -> None:
    spouse = SPOUSE + "spending = 1_000_000\n"
    assert read(tmp_path, HOME + spouse).policy.within_reach == 24_000_000
    said = HOME + "[policy]\nwithin_reach = 7_000_000\n"
    assert read(tmp_path, said).policy.within_reach == 7_000_000


def test_the_first_ordinary_account_pays_taxes_unless_another_is_named(tmp_path: Path) -> None:
    other = '[accounts.second]\nkind = "general"\nholdings = "b.csv"\n'
    assert read(tmp_path, HOME + other).policy.pays_tax == "general"
    named = f'{HOME}{other}[policy]\npays_tax = "second"\n'
    assert read(tmp_path, named).policy.pays_tax == "second"


def test_an_account_and_a_flow_are_those_of_the_only_person_where_nobody_is_named(
    tmp_path: Path,
) -> None:
    flow = '[[flows]]\namount = -300_000\nevery = "month"\nfrom = 2026-12-25\n'
    home = read(tmp_path, HOME.replace('owner = "minsu"\n', "") + flow)
    assert {account.owner for account in home.accounts.values()} == {"minsu"}
    assert (home.flows[0].amount, home.flows[0].person) == (-300_000, "minsu")


def test_a_quoted_name_in_korean_is_a_name_and_a_bare_one_is_refused_with_that_advice(
    tmp_path: Path,
) -> None:
    couple = HOME + SPOUSE.replace('"지은"', "지은")
    assert refused(tmp_path, couple) == [
        '20: the name 지은 has no quotes; write it in quotes: "지은"',
    ]
    assert "지은" in read(tmp_path, HOME + SPOUSE).people


def test_an_overseas_account_holds_dollars_and_names_its_universe(tmp_path: Path) -> None:
    us = '[accounts.us]\nkind = "overseas"\nholdings = "us.csv"\n'
    account = read(tmp_path, HOME + us).accounts["us"]
    assert (account.currency, account.universe) == ("USD", "us-core")
    assert refused(tmp_path, HOME + us + 'currency = "KRW"\n') == [
        '23: accounts.us.currency: an account of kind overseas holds another currency; write "USD",'
        " or leave it out",
    ]


def test_keys_that_are_wrong_and_names_that_do_not_exist_are_refused_at_once(
    tmp_path: Path,
) -> None:
    text = (
        HOME.replace('name = "home"', 'name = "My home"')
        .replace("spending", "spendings")
        .replace('owner = "minsu"\nkind = "general"', 'owner = "minsoo"\nkind = "genral"')
        .replace('"0.001"', '"5"')
    )
    goal = '[goals.house]\namount = 1\nby = "soon"\nfrom = ["general", "pension"]\n'
    assert refused(tmp_path, f'{text}{goal}[policy]\nmax_trade = 3\npays_tax = "x"\n') == [
        "2: name: 'My home' cannot name ledgers and timers; write small letters, digits, _ and -, "
        "a letter first, at most 40 of them",
        "7: unknown key 'spendings' in [people.minsu]; did you mean 'spending'?",
        "10: accounts.general.owner: 'minsoo' is not a person of this file; did you mean 'minsu'?",
        "11: accounts.general.kind: 'genral' is not a choice; did you mean 'general'?",
        "13: accounts.general.broker.fee_rate: '5' is not a rate; write a fraction from 0 to below "
        '0.1 such as "0.00014"',
        "22: goals.house.by: 'soon' is not a date; write it without quotes, such as 2026-05-04",
        "23: goals.house.from.1: 'pension' is not an account of this file; use one of general, isa",
        "25: unknown key 'max_trade' in [policy]; did you mean 'max_trades'?",
        "26: policy.pays_tax: 'x' is not an account of this file; use one of general, isa",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2024 = 20_000_000", "2024.5 = 1", "'2024.5' is not a year; write it as 2024 = 5_000_000"),
        ("2024 = 20_000_000", "2024 = 20_000_001", "give 20000000 at most, the room that was left"),
        (
            "2024 = 20_000_000",
            "2023 = 1",
            "'2023' is not a year of this account; use a year from 2024",
        ),
        ("opened = 2024-03-02\n", "", "opened: is missing beside paid; give the day of the contra"),
        ("opened = 2024-03-02", "opened = 2015-03-02", "give a day from 2016 to"),
        (
            'kind = "isa"',
            'kind = "isa"\ncredited = 1',
            "an account of kind isa has none; remove it",
        ),
        (
            'kind = "isa"',
            'kind = "isa"\nform = "farm"',
            "'farm' is not a kind of ISA; did you mean",
        ),
        ('kind = "isa"\n', "", "kind: is missing; add it, or name the config of a run"),
        ('holdings = "holdings/isa.csv"\n', "", "holdings: is missing; name the broker's export"),
        (
            'kind = "isa"',
            'kind = "isa"\nconfig = "kis.toml"',
            "kind: is what the config says; remov",
        ),
        ("1992-05-11", "1892-05-11", "1892-05-11 is not a birthday; give a day from 1900 on"),
        ("62_000_000", "0", "there are no wages and no other income is given; give other_income"),
        ('profile = "balanced"\n', "", "either answers or profile decides what a person may hold"),
        (
            'profile = "balanced"',
            'profile = "balanced"\nstrategy = "static"',
            'remove it, or write policy.target = "person"',
        ),
        (
            "[accounts.isa]",
            "[accounts.General]",
            "differs from 'general' in capitals alone, and na",
        ),
        (
            'state = "state"',
            'state = "~nobody-here/x"',
            "begins in a home folder that does not exis",
        ),
    ],
)
def test_what_no_household_can_have_is_refused(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert said in "\n".join(refused(tmp_path, HOME.replace(old, new)))


def test_payments_of_a_household_may_be_of_any_year_since_the_opening(tmp_path: Path) -> None:
    """No key of the file names this year, so the remedy names no last one."""
    (said,) = refused(tmp_path, HOME.replace("2024 = 20_000_000", "2022 = 1"))
    assert said.endswith("'2022' is not a year of this account; use a year from 2024")


def test_an_income_below_zero_is_not_compared_with_the_others(tmp_path: Path) -> None:
    (said,) = refused(tmp_path, HOME.replace("62_000_000", "-1\ntaxable_income = 5"))
    assert said.endswith("people.minsu.wages: -1 is below zero; give 0 or more")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            '[accounts.b]\nkind = "isa"\nholdings = "b.csv"\n',
            "is a second ISA of one person, besid",
        ),
        ('[policy]\npays_tax = "isa"\n', "'isa' is of kind isa, from which no tax can be paid"),
        (
            '[[flows]]\namount = 0\nevery = "month"\nfrom = 2026-01-01\n',
            "flows.0.amount: is 0; wri",
        ),
        (
            "[[loans]]\nbalance = 1\nrate = 5.8\n",
            "loans.0.rate: 5.8 a year is not a rate of intere",
        ),
        (
            SPOUSE + '[accounts.x]\nkind = "general"\nholdings = "x"\n',
            "owner: is missing; name one",
        ),
        (
            '[accounts.p]\nkind = "irp"\nopened = 2020\npaid = { 2026 = 18_000_001 }\n'
            'holdings = "p.csv"\n',
            "pensions then took 18000001 in 2026; they take 18000000 a year together; leave out",
        ),
    ],
)
def test_tables_that_contradict_each_other_are_refused(
    tmp_path: Path, more: str, said: str
) -> None:
    assert said in "\n".join(refused(tmp_path, HOME + more))


def test_a_seventh_goal_is_refused(tmp_path: Path) -> None:
    goal = '[goals.g{}]\namount = 1\nby = 2030-01-01\nfrom = ["general"]\n'
    six = HOME + "".join(goal.format(number) for number in range(6))
    assert len(read(tmp_path, six).goals) == 6
    assert refused(tmp_path, six + goal.format(6)) == [
        "44: goals.g6: is goal number 7; a household has at most 6; put goals of near dates "
        "together",
    ]


def test_another_file_is_refused_by_what_it_is(tmp_path: Path) -> None:
    strategy = (assets.root() / "strategies" / "managed.toml").read_text("utf-8")
    assert "holds a strategy, not a household" in refused(tmp_path, strategy)[0]
