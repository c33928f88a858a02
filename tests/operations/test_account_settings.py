"""The config of each account of a household is what its file says of it, and of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jeoul.account.holdings import Holdings
from jeoul.account.holdings.record import HeldLot
from jeoul.errors import ConfigError
from jeoul.household.written.file import read_household
from jeoul.market.calendars import load_calendar
from jeoul.model.portfolio import Portfolio
from jeoul.operations.household import holdings as holdings_module
from jeoul.operations.household import seen_market as seen_market_module
from jeoul.operations.household.configs import account_configs, with_configs
from jeoul.operations.household.due_flows import due_between
from jeoul.operations.household.holdings import holdings_of
from jeoul.operations.household.kept_looks import document_of_looks, looks_of
from jeoul.operations.household.planning import Looked
from jeoul.operations.household.seen_market import main_exchange, seen_market

HEAD = """\
schema = 1
name = "ours"
state = "state"
strategy = "managed"
{more}
[people.minsu]
born = 1992-05-11
wages = 62_000_000
profile = "balanced"
[people.yuna]
born = 1993-05-11
wages = 62_000_000
answers = "yuna.toml"
{after}
"""
PAPER = 'broker = { kind = "paper", cash = 5 }\n'
CONFIG = """\
schema = 1
name = "alone"
strategy = "static"
profile = "growth"
state = "{state}"
account = "{kind}"
opened = 2024-03-02
paid = {{ 2025 = 7 }}
[cash]
proceeds = "settled"
[broker]
kind = "paper"
cash = 9
{more}
"""


def account(name: str, kind: str = "isa", owner: str = "minsu", rest: str = PAPER) -> str:
    return f'[accounts.{name}]\nkind = "{kind}"\nowner = "{owner}"\n{rest}'


def written(folder: Path, *accounts: str, more: str = "", after: str = "") -> Any:
    place = folder / "household.toml"
    place.write_text(HEAD.format(more=more, after=after) + "".join(accounts), "utf-8")
    return read_household(place)


def named(folder: Path, name: str, state: str, kind: str = "isa", more: str = "") -> str:
    text = CONFIG.format(state=state, kind=kind, more=more)
    (folder / f"{name}.toml").write_text(text, "utf-8")
    return f'[accounts.{name}]\nowner = "minsu"\nconfig = "{name}.toml"\n'


def test_an_account_has_the_people_and_the_tables_of_its_household(tmp_path: Path) -> None:
    general = account("general", "general", rest='holdings = "general.csv"\n')
    isa = account("isa", rest=PAPER + "opened = 2024-03-02\npaid = { 2025 = 7 }\n")
    pension = account("irp", "irp", "yuna", 'holdings = "irp.csv"\n' + PAPER)
    file = written(tmp_path, pension, general, isa, more='lang = "en"\nencrypt = "keyring"',
                   after='[data]\nfolder = "market"\n')  # fmt: skip
    found = account_configs(file)
    assert list(found) == ["general", "irp", "isa"]
    own = found["isa"].settings
    assert (own.name, own.account, own.lang, own.profile) == (
        "ours-isa", "isa", "en", "balanced",
    )  # fmt: skip
    assert (own.opened, own.paid) == (date(2024, 3, 2), {"2025": 7})
    assert found["isa"].state == tmp_path / "state" / "isa"
    assert own.encrypt == "keyring"
    assert str(own.data.folder).endswith("market")
    assert (own.broker.kind, getattr(own.broker, "holdings", None)) == ("paper", None)
    assert str(getattr(found["irp"].settings.broker, "holdings", None)).endswith("irp.csv")
    assert found["irp"].settings.profile is None
    assert str(found["irp"].settings.answers).endswith("yuna.toml")
    ticket = found["general"].settings
    assert (ticket.broker.kind, ticket.opened, ticket.paid) == ("ticket", None, {})
    assert str(getattr(ticket.broker, "holdings", None)).endswith("general.csv")


def test_without_tables_of_its_own_a_household_has_those_of_a_run(tmp_path: Path) -> None:
    (found,) = account_configs(written(tmp_path, account("isa"))).values()
    assert (found.settings.encrypt, found.settings.ledger) == (None, None)
    assert found.settings.data.folder is None
    assert str(found.settings.strategy) == "managed"
    over = account("us", "overseas", rest='holdings = "us.csv"\n')
    (abroad,) = account_configs(written(tmp_path, over)).values()
    assert abroad.settings.account == "general"  # a foreign account is an ordinary one to the law


def test_an_account_of_a_broker_that_tells_its_holdings_keeps_the_file_for_itself(
    tmp_path: Path,
) -> None:
    """The export of such an account says what its shares cost; a run has no such key for it."""
    kis = 'holdings = "isa.csv"\nbroker = { kind = "kis", mode = "simulation" }\n'
    (found,) = account_configs(written(tmp_path, account("isa", rest=kis))).values()
    assert found.settings.broker.files == {}


def test_a_person_with_a_target_of_their_own_has_their_own_strategy(tmp_path: Path) -> None:
    own = account("isa") + account("hers", owner="yuna")
    text = HEAD.format(more="", after='[policy]\ntarget = "person"\n') + own
    text = text.replace("[people.yuna]", '[people.yuna]\nstrategy = "static"')
    (tmp_path / "household.toml").write_text(text, "utf-8")
    found = account_configs(read_household(tmp_path / "household.toml"))
    assert {name: each.settings.strategy for name, each in found.items()} == {
        "hers": "static",
        "isa": "managed",
    }


def test_the_ledgers_of_a_household_are_where_its_file_says(tmp_path: Path) -> None:
    server = 'ledger = "postgresql://me@db/jeoul"'
    (found,) = account_configs(written(tmp_path, account("isa"), more=server)).values()
    assert found.settings.ledger == "postgresql://me@db/jeoul"


def test_a_config_of_a_run_says_what_it_says(tmp_path: Path) -> None:
    file = written(tmp_path, named(tmp_path, "isa", "own"), account("general", "general"))
    configs = account_configs(file)
    assert (configs["isa"].settings.name, configs["isa"].settings.strategy) == ("alone", "static")
    known = with_configs(file, configs)
    isa, general = known.accounts["isa"], known.accounts["general"]
    assert (isa.kind, isa.paid.opened, dict(isa.paid.paid)) == ("isa", date(2024, 3, 2), {2025: 7})
    assert (isa.broker, isa.terms.proceeds) == ({"kind": "paper", "cash": 9}, "settled")
    assert general == file.accounts["general"]
    assert known.policy.pays_tax == "general"


def test_the_first_ordinary_account_pays_the_tax_unless_another_is_named(tmp_path: Path) -> None:
    parts = (account("b", "general"), account("a", "general"))
    file = written(tmp_path, *parts)
    assert with_configs(file, account_configs(file)).policy.pays_tax == "b"
    other = written(tmp_path, *parts, after='[policy]\npays_tax = "a"\n')
    assert with_configs(other, account_configs(other)).policy.pays_tax == "a"
    late = written(tmp_path, named(tmp_path, "c", "c", "general"), *parts)
    assert with_configs(late, account_configs(late)).policy.pays_tax == "c"
    none = written(tmp_path, account("isa"))
    assert with_configs(none, account_configs(none)).policy.pays_tax is None


def test_all_ask_for_approval_where_one_does_for_the_shortest_time(tmp_path: Path) -> None:
    def hours(*tables: str) -> list[tuple[bool, float]]:
        accounts = [
            named(tmp_path, f"a{place}", f"s{place}", more=table)
            for place, table in enumerate(tables)
        ]
        found = account_configs(written(tmp_path, *accounts)).values()
        return [(c.settings.approval.required, c.settings.approval.hours) for c in found]

    asks = "[approval]\nrequired = true\nhours = {}\n"
    assert hours(asks.format(9), "", asks.format(3)) == [(True, 3)] * 3
    assert [required for required, _ in hours("", "[approval]\nhours = 1\n")] == [False, False]


def faults(file: Any) -> list[str]:
    with pytest.raises(ConfigError) as found:
        account_configs(file)
    return [str(each).split("household.toml:")[-1] for each in found.value.problems]


def test_what_is_wrong_is_named_at_its_line_once_and_all_of_it(tmp_path: Path) -> None:
    wrong = 'broker = { kind = "paper", csh = 5 }\n'
    file = written(
        tmp_path,
        account("isa", rest=wrong),
        account("irp", "irp", rest='broker = { kind = "paper", cash = -1 }\n'),
        after="[safety]\nmax_ordr = 1\n",
    )
    first, second, third = sorted(faults(file), key=lambda text: int(text.split(":")[0]))
    assert first.split(":")[0] == "15"
    assert "max_ordr" in first
    assert "[accounts.isa.broker]" in second
    assert "csh" in second
    assert third.startswith("24: accounts.irp.broker.cash:")


@pytest.mark.parametrize(
    ("isa", "after", "said"),
    [
        ('[accounts.isa.broker]\nkind = "paper"\ncash = -1\n', "", "20: accounts.isa.broker.cash:"),
        (PAPER, "[safety]\nmax_order = 2.0\n", "15: safety.max_order:"),
    ],
)
def test_a_key_is_named_where_the_household_has_it(
    tmp_path: Path, isa: str, after: str, said: str
) -> None:
    (fault,) = faults(written(tmp_path, account("isa", rest=isa), after=after))
    assert fault.startswith(said)


def test_what_is_wrong_with_an_account_as_a_whole_has_no_key(tmp_path: Path) -> None:
    kis = 'broker = { kind = "kis", mode = "simulation" }\n'
    with pytest.raises(ConfigError) as found:
        account_configs(written(tmp_path, account("irp", "irp", rest=kis)))
    (problem,) = found.value.problems
    assert problem.key is None
    assert problem.message.startswith("Korea Investment takes no orders for irp accounts")


def test_two_accounts_do_not_share_a_state_folder(tmp_path: Path) -> None:
    first, second = (named(tmp_path, name, "same") for name in ("a", "b"))
    (fault,) = faults(written(tmp_path, first, second))
    assert "accounts.b.config: has the state folder of account 'a'" in fault
    (own,) = faults(written(tmp_path, named(tmp_path, "c", "state")))
    assert "accounts.c.config: has the state folder of the household itself" in own
    assert len(account_configs(written(tmp_path, first, named(tmp_path, "b", "other")))) == 2


# --- what a plan starts from ----------------------------------------------------------------------


def test_holdings_are_those_of_the_books_with_the_costs_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lots = {
        code: (HeldLot(date(2026, 1, 2), 2), HeldLot(date(2026, 1, 5), count))
        for code, count in (("A", 3), ("B", 3))
    }
    file = Holdings(
        "x.csv", {"A": 9}, None, "KRW", outside={"OLD": 4}, cost={"A": Decimal(7)}, lots=lots
    )
    monkeypatch.setattr(holdings_module, "read_holdings", lambda *_, **__: file)
    monkeypatch.setattr(holdings_module, "securities_of", lambda *_: None)
    universe: Any = SimpleNamespace(instruments={"A": None, "B": None})
    own = written(tmp_path, account("isa", rest='holdings = "isa.csv"\n')).accounts["isa"]
    books = Portfolio({"A": 5, "B": 6, "X": 1, "GONE": 0}, 70, "KRW", {date(2026, 7, 1): 8})
    costs = {"A": Decimal(1), "B": Decimal(2)}
    found = holdings_of(own, books, costs, universe)
    assert (found.shares, found.outside) == ({"A": 5, "B": 6}, {"OLD": 4, "X": 1})
    assert (found.cash, found.incoming) == (70, {date(2026, 7, 1): 8})
    assert found.cost == {"A": Decimal(7), "B": Decimal(2)}
    assert list(found.lots) == ["A"]  # of B the books have another number of shares
    assert str(found.file).endswith("isa.csv")
    bare = written(tmp_path, account("isa")).accounts["isa"]
    plain = holdings_of(bare, books, costs, universe)
    assert (str(plain.file), plain.outside, plain.cost) == ("isa", {"X": 1}, costs)


def test_a_flow_is_its_person_s_and_without_one_the_first_s(tmp_path: Path) -> None:
    flows = (
        '[[flows]]\nperson = "minsu"\namount = 30\nevery = "month"\nfrom = 2026-06-26\n'
        '[[flows]]\nperson = "yuna"\namount = -5\nevery = "month"\nfrom = 2026-06-26\n'
        '[[flows]]\nperson = "yuna"\namount = -6\nevery = "month"\nfrom = 2026-06-26\n'
    )
    file = written(tmp_path, account("isa"), account("hers", owner="yuna"), after=flows)
    found = due_between(file, date(2026, 6, 25), date(2026, 6, 26))
    assert found == {"minsu": 30, "yuna": -11}
    assert {type(won) for won in found.values()} == {int}
    assert not any(due_between(file, date(2026, 6, 26), date(2026, 6, 27)).values())
    flow = '[[flows]]\namount = 7\nevery = "month"\nfrom = 2026-06-26\n'
    alone = HEAD.format(more="", after="").split("[people.yuna]")[0] + flow
    (tmp_path / "alone.toml").write_text(alone + account("isa"), "utf-8")
    single = read_household(tmp_path / "alone.toml")
    assert due_between(single, date(2026, 6, 25), date(2026, 6, 26)) == {"minsu": 7}


def test_a_look_is_kept_with_what_the_next_plan_reads_of_the_last(tmp_path: Path) -> None:
    looked = Looked(
        portfolio=Portfolio({}, 5, "KRW"),
        session=date(2026, 6, 26),
        executed=date(2026, 6, 29),
        kept={"as_of": "2026-06-25", "scales": {"home": 0.5}, "orders": [1]},
        paid_in={2026: 3},
    )
    kept = document_of_looks({"isa": looked})["isa"]
    assert kept["kept"] == {"as_of": "2026-06-25", "scales": {"home": 0.5}}
    old = {key: value for key, value in kept.items() if key not in ("moved", "paid_in")}
    (found,) = looks_of({"isa": old}).values()
    assert (found.moved, found.paid_in) == (0, {})
    assert found.moved == Looked(portfolio=looked.portfolio, session=looked.session,
                                 executed=looked.executed).moved  # fmt: skip
    (again,) = looks_of({"isa": {**kept, "paid_in": {"2026": 3}}}).values()
    assert again.paid_in == {2026: 3}


@pytest.mark.parametrize(
    ("exchanges", "main"),
    [
        (["XNYS", "XKRX"], "XKRX"),
        (["XNYS", "XNYS", "XKRX"], "XNYS"),
        (["XLON", "XNYS"], "XLON"),
        (["XNYS", "XLON"], "XLON"),
        (["XTKS", "XNYS", "XLON", "XHKG", "XPAR", "XAMS"], "XAMS"),
    ],
)
def test_a_household_is_planned_by_the_exchange_of_most_accounts(
    exchanges: list[str], main: str
) -> None:
    assert main_exchange(exchanges) == main


@dataclass(frozen=True)
class Seen:
    """What a market was asked for, and what a plan is told that it is."""

    asked: tuple[Any, ...]
    as_of: date
    calendar: str


@pytest.mark.parametrize(
    ("exchange", "session", "asked", "as_of"),
    [
        ("XKRX", date(2026, 9, 23), (date(2026, 9, 23),), date(2026, 9, 23)),
        ("XNYS", date(2026, 9, 22), (date(2026, 9, 22),), date(2026, 9, 22)),
        # Seoul is shut for Chuseok until the 28th, and New York decides on the 24th and 25th
        ("XNYS", date(2026, 9, 23), (date(2026, 9, 23), "XNYS"), date(2026, 9, 23)),
        ("XNYS", date(2026, 9, 24), (date(2026, 9, 24), "XNYS"), date(2026, 9, 23)),
        ("XNYS", date(2026, 9, 25), (date(2026, 9, 23),), date(2026, 9, 23)),
    ],
)
def test_a_plan_abroad_sees_home_as_far_as_it_is_known_on_its_own_morning(
    exchange: str, session: date, asked: tuple[Any, ...], as_of: date
) -> None:
    market: Any = SimpleNamespace(as_of=lambda *words: Seen(words, words[0], (*words, "XKRX")[1]))
    found: Any = seen_market(market, exchange, session)
    assert found == Seen(asked, as_of, "XKRX")


def test_an_exchange_that_decides_at_the_same_moment_sees_home_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = load_calendar("XKRX")
    monkeypatch.setattr(seen_market_module, "load_calendar", lambda _: home)
    market: Any = SimpleNamespace(as_of=lambda *words: words)
    found: Any = seen_market(market, "XTKS", date(2026, 9, 23))
    assert found == (date(2026, 9, 23),)
