"""What ISA and pension accounts take: their room, and payments that are refused."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from jeoul import api
from jeoul.account.file import load_account_file
from jeoul.account.rooms import PaidFacts, refuse_beyond, refuse_deposits, room_in
from jeoul.cli.decide import decide
from jeoul.cli.report import report
from jeoul.errors import ConfigError, UsageError
from jeoul.korea.tables import load_rules
from jeoul.model.instrument import AccountKind
from jeoul.translation import in_language

BOOK = load_rules(2026)
M = 1_000_000


@pytest.mark.parametrize(
    ("opened", "paid", "left"),
    [
        (date(2026, 1, 2), {}, 20 * M),
        (date(2025, 12, 31), {}, 40 * M),
        (date(2022, 5, 4), {2022: 20 * M, 2024: 5 * M}, 75 * M),
        (date(2018, 5, 4), {2018: 20 * M}, 80 * M),
        (date(2025, 3, 2), {2025: 15 * M, 2026: 25 * M}, 0),
    ],
)
def test_an_isa_takes_20_m_a_year_and_100_m_in_all(
    opened: date, paid: dict[int, int], left: int
) -> None:
    room = room_in(BOOK, AccountKind.ISA, 2026, PaidFacts(opened=opened, paid=paid))
    assert room is not None
    assert (room.left, room.sure) == (left, True)


def test_without_its_date_only_the_most_that_the_law_ever_allows_binds() -> None:
    room = room_in(BOOK, AccountKind.ISA, 2026, PaidFacts())
    assert room is not None
    assert (room.left, room.sure) == (100 * M, False)
    refuse_beyond(room, 100 * M)
    with pytest.raises(UsageError, match="whatever was paid so far; lower it, and say when"):
        refuse_beyond(room, 100 * M + 1)


@pytest.mark.parametrize("kind", [AccountKind.PENSION_SAVINGS, AccountKind.IRP])
def test_pension_accounts_take_18_m_a_year(kind: AccountKind) -> None:
    room = room_in(BOOK, kind, 2026, PaidFacts(paid={2025: 18 * M, 2026: 10 * M}))
    assert room is not None
    refuse_beyond(room, 8 * M)
    with pytest.raises(UsageError, match="takes in 2026, 8,000,000; pay the rest into another"):
        refuse_beyond(room, 8 * M + 1)


@pytest.mark.parametrize("kind", [AccountKind.GENERAL, AccountKind.DC])
def test_other_accounts_have_no_room_to_check(kind: AccountKind) -> None:
    assert room_in(BOOK, kind, 2026, PaidFacts()) is None
    refuse_beyond(None, 10**12)


def test_unused_room_of_earlier_years_is_carried_on_in_a_backtest() -> None:
    paid = {date(2020, 3, 2): 5 * M, date(2021, 3, 2): 35 * M}
    assert refuse_deposits(BOOK, AccountKind.ISA, paid, PaidFacts()) == date(2020, 3, 2)
    paid[date(2021, 3, 3)] = 1
    with pytest.raises(UsageError, match=r"35,000,001 is more .* takes in 2021, 35,000,000"):
        refuse_deposits(BOOK, AccountKind.ISA, paid, PaidFacts())


def test_what_was_paid_before_a_backtest_counts() -> None:
    facts = PaidFacts(opened=date(2023, 6, 1), paid={2023: 20 * M})
    assert refuse_deposits(BOOK, AccountKind.ISA, {date(2024, 1, 2): 20 * M}, facts)
    with pytest.raises(UsageError):
        refuse_deposits(BOOK, AccountKind.ISA, {date(2024, 1, 2): 20 * M + 1}, facts)


def test_a_refusal_is_one_korean_sentence_with_its_remedy() -> None:
    with pytest.raises(UsageError) as refused:
        refuse_beyond(room_in(BOOK, AccountKind.ISA, 2026, PaidFacts()), 500 * M)
    said = in_language(str(refused.value), "ko")
    assert said.startswith("500,000,000은(는) 지금까지 얼마를 납입했든 ISA 계좌가 2026년에")
    assert said.endswith("계좌 개설일과 해마다 납입한 금액을 알려 주십시오")


def decided(*words: str) -> Any:
    done = CliRunner().invoke(
        decide,
        ["static", "--profile", "balanced", "--account", "isa", "--json", "--lang", "en", *words],
    )
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return json.loads(done.stdout)


def test_decide_refuses_half_a_billion_for_an_isa() -> None:
    with pytest.raises(UsageError, match="500,000,000 is more than an account of kind isa takes"):
        decided("--deposit", "500000000")


def test_the_report_refuses_it_as_well() -> None:
    words = ["static", "--profile", "balanced", "--account", "isa", "--amount", "5억", "--json"]
    done = CliRunner().invoke(report, words)
    assert isinstance(done.exception, UsageError)
    assert "500,000,000 is more than an account of kind isa takes" in str(done.exception)


def test_decide_asks_for_what_was_paid_and_counts_it_when_it_is_said() -> None:
    assert "--opened DATE and --paid YEAR=AMOUNT" in decided("--deposit", "1000만")["notes"][-1]
    facts = ("--opened", "2025-03-02", "--paid", "2025=1500만")
    assert (
        "left in 2026 after this deposit: ₩15,000,000"
        in decided("--deposit", "1000만", *facts)["notes"][-1]
    )
    with pytest.raises(UsageError, match="takes in 2026, 25,000,000; pay the rest"):
        decided("--deposit", "25000001", *facts)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--paid", "2024"), "--paid 2024 is not a year and an amount; write it as 2024=5_000_000"),
        (("--opened", "spring"), "--opened spring is not a date; write it as 2024-03-15"),
    ],
)
def test_facts_that_cannot_be_read_are_refused(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        decided("--deposit", "1000만", *words)


def account(folder: Path, extra: str) -> Path:
    place = folder / "account.toml"
    place.write_text(f'schema = 1\nname = "saver"\ncash = 10_000_000\n{extra}', "utf-8")
    return place


def test_a_bare_year_is_its_last_day_and_a_wrong_year_is_refused(tmp_path: Path) -> None:
    read = load_account_file(account(tmp_path, 'opened = 2024\npaid = { "2024" = "500만" }\n'))
    assert (read.opened, read.paid) == (date(2024, 12, 31), {"2024": 5 * M})
    with pytest.raises(ConfigError):
        load_account_file(account(tmp_path, 'paid = { "last" = 1 }\n'))


def test_a_backtest_of_an_isa_refuses_what_it_could_not_take(tmp_path: Path) -> None:
    flow = '[[deposits]]\namount = {}\nevery = "once"\nfrom = 2024-02-01\n'
    static, market = api.load_strategy("static"), api.open_market()
    span = {"start": "2024-01-02", "end": "2024-02-29"}
    fits = account(tmp_path, 'kind = "isa"\n' + flow.format(10 * M))
    run = api.account_backtest(static, "balanced", market, fits, **span)  # type: ignore[arg-type]
    assert sum(day.flows.paid_in for day in run.days) == 20 * M
    more = account(tmp_path, 'kind = "isa"\n' + flow.format(10 * M + 1))
    with pytest.raises(UsageError, match=r"20,000,001 is more .* in 2024, 20,000,000"):
        api.account_backtest(static, "balanced", market, more, **span)  # type: ignore[arg-type]
