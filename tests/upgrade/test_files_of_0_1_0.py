"""Every kind of file that 0.1.0 wrote or read is opened by this version, and work goes on from it.

The archives were written by the code of 58b2401 on the simulated sample: a paper account after the
sessions of 2026-05-29, 06-01 and 06-02, and an ISA whose ticket of 2026-07-01 waits for its fills.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import jeoul
from jeoul import assets
from jeoul.cli.main import cli

KEPT = Path(__file__).parent / "fixtures" / "0.1.0"
KINDS = {
    "account.toml": "account",
    "answers.toml": "answers",
    "cases.toml": "cases",
    "fetch.toml": "fetch plan",
    "kis-simulation.toml": "config",
    "paper.toml": "config",
    "person.toml": "person",
    "rules.toml": "rules",
    "strategy.toml": "strategy",
    "ticket.toml": "config",
    "universe.toml": "universe",
}
FILLS = {  # what the person typed in: order, shares filled, price, fee
    "01": ("16", "37000", "83"),
    "02": ("7", "110000", "108"),
}


WEIGHTS = {  # of the kept strategy for a balanced account, by the code of 58b2401
    "069500": 0.110702,
    "114260": 0.123849,
    "133690": 0.024361,
    "148070": 0.067224,
    "161510": 0.037216,
    "251350": 0.125587,
    "273130": 0.169573,
    "329750": 0.098,
    "360750": 0.143511,
    "411060": 0.011377,
    "459580": 0.0686,
    "CASH": 0.02,
}


def jeoul_said(*words: str | Path) -> Result:
    """Return what the command says that a person types."""
    return CliRunner().invoke(cli, [str(word) for word in words], standalone_mode=False)


def run(config: Path, *words: str | Path) -> dict[str, Any]:
    """Return the report of one run that may send orders."""
    found: dict[str, Any] = json.loads(jeoul_said("run", config, "--execute", *words).stdout)
    return found


def unpacked(name: str, folder: Path) -> Path:
    """Return the config of a kept account, unpacked where it has not been before."""
    with zipfile.ZipFile(KEPT / f"{name}.zip") as archive:
        archive.extractall(folder)
    return folder / f"{name}.toml"


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    """A paper account of 0.1.0 after three sessions, moved to another folder."""
    return unpacked("paper", tmp_path)


@pytest.fixture
def ticket(tmp_path: Path) -> Path:
    """An account of 0.1.0 whose ticket is with a person."""
    return unpacked("ticket", tmp_path)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_file_that_a_person_wrote_has_no_problems(name: str) -> None:
    said = jeoul_said("check", KEPT / "files" / name, "--lang", "en")
    assert said.exception is None, said.exception
    assert said.stdout.endswith(f"{name}: {KINDS[name]}, no problems\n")


def test_every_kept_file_is_opened_by_a_test() -> None:
    names = {path.name for path in (KEPT / "files").iterdir()}
    assert names == {*KINDS, "holdings.csv"}


def test_a_strategy_of_0_1_0_keeps_the_weights_of_0_1_0() -> None:
    market = jeoul.open_market()
    snapshot = market.as_of(market.last_session())
    kept = jeoul.load_strategy(str(KEPT / "files" / "strategy.toml"))
    found = jeoul.propose(kept, "balanced", "general", snapshot).weights
    assert {code: round(weight, 6) for code, weight in sorted(found.items())} == WEIGHTS


def test_the_report_measures_against_the_rule_of_0_1_0() -> None:
    market = jeoul.open_market()
    snapshot = market.as_of(market.last_session())
    proposal = jeoul.propose(jeoul.load_strategy("managed"), "balanced", "general", snapshot)
    codes = {*proposal.allocation, *WEIGHTS}
    apart = sum(abs(proposal.allocation.get(c, 0.0) - WEIGHTS.get(c, 0.0)) for c in codes) / 2
    (profile,) = jeoul.report(jeoul.load_strategy("managed"), snapshot, "balanced").document("en")[
        "profiles"
    ]
    assert profile["moved"] == pytest.approx(apart, abs=2e-6)
    kept = jeoul.load_strategy(str(KEPT / "files" / "strategy.toml"))
    (same,) = jeoul.report(kept, snapshot, "balanced").document("en")["profiles"]
    assert same["moved"] is None


def test_holdings_are_read_to_the_share_and_the_won() -> None:
    found = jeoul.read_portfolio(KEPT / "files" / "holdings.csv")
    assert (dict(found.shares), found.cash) == ({"069500": 30}, 3_000_000)


def test_answers_lead_to_the_same_profile() -> None:
    found = jeoul.classify(jeoul.load_answers(KEPT / "files" / "answers.toml"))
    assert (found.type, found.name) == ("neutral", "balanced")


def test_a_market_folder_is_opened() -> None:
    market = jeoul.open_market(KEPT / "market")
    assert market.simulated
    assert market.last_session("XKRX").isoformat() == "2026-06-30"
    (prices,) = [table for table in market.prices if table.exchange == "XKRX"]
    assert len(prices.sessions) == 21


def test_a_ledger_proves_itself(paper: Path) -> None:
    said = jeoul_said("ledger", "check", paper)
    assert said.stdout.startswith("132 rows: the chain is whole and the books balance.")
    assert " 132:3da5182f6d0d" in said.stdout


def test_a_history_shows_the_runs_of_0_1_0(paper: Path) -> None:
    said = jeoul_said("history", paper).stdout
    assert all(day in said for day in ("2026-05-29", "2026-06-01", "2026-06-02"))


def test_a_statement_is_read_from_a_ledger_of_0_1_0(paper: Path) -> None:
    before = jeoul_said("ledger", "head", paper).stdout
    found = json.loads(jeoul_said("statement", paper, "--json").stdout)
    assert (found["from"], found["paid_in"]) == ("2026-05-29", 30_000_000)
    assert found["gain"] == found["value"] - found["paid_in"] != 0
    (account,) = found["accounts"]
    assert account["decided"]["orders"] > 0
    assert account["drift"]["session"] == "2026-06-02"
    assert jeoul_said("ledger", "head", paper).stdout == before


def test_a_run_of_0_1_0_is_decided_again_with_the_same_weights_and_orders(paper: Path) -> None:
    said = jeoul_said("replay", "kept-paper.managed.2026-05-29", "--config", paper, "--json")
    differences = json.loads(said.stdout)["differences"]
    assert differences == ["inputs: the libraries or the universe are not those of then"]


def test_a_moved_paper_account_waits_for_a_person(paper: Path) -> None:
    assert run(paper, "--as-of", "2026-06-04")["outcome"] == "needs_person"


def test_a_paper_account_goes_on_once_its_owner_has_accepted_the_new_weights(paper: Path) -> None:
    before = jeoul_said("ledger", "head", paper).stdout
    asked = run(paper, "--as-of", "2026-06-10", "--adopt")
    assert asked["outcome"] == "needs_person"
    changed = {change["key"] for change in asked["rules"]["changes"]}
    assert changed == {"allocate.pull", "allocate.turnover", "estimate.mean.kind"}
    digest = asked["rules"]["now"]
    report = run(paper, "--as-of", "2026-06-10", "--accept-strategy", digest)
    assert (report["outcome"], report["unexplained"]) == ("executed", None)
    assert report["holdings"]["shares"]
    assert {order["side"] for order in report["orders"]} == {"BUY", "SELL"}  # to the new weights
    assert run(paper, "--as-of", "2026-06-11")["outcome"] == "nothing_to_do"
    said = jeoul_said("ledger", "check", paper, "--head", before.split()[-1])
    assert "the chain is whole and the books balance" in said.stdout


def test_a_ticket_of_0_1_0_is_read_with_its_fills(ticket: Path) -> None:
    (sheet,) = (ticket.parent / "state" / "tickets").glob("*.csv")
    lines = sheet.read_text("utf-8-sig").splitlines()
    filled = ticket.parent / "filled.csv"
    rows = [row.removesuffix(",,,") for row in lines[1:]]
    given = [FILLS.get(row.split(",")[0][-2:], ("0", "", "")) for row in rows]
    filled.write_text(
        "\n".join([lines[0], *(f"{row},{','.join(g)}" for row, g in zip(rows, given, strict=True))])
        + "\n",
        "utf-8",
    )
    report = run(ticket, "--fills", filled, "--adopt")
    assert report["outcome"] == "executed"
    assert report["holdings"]["shares"] == {"069500": 14, "273130": 7}
    assert report["holdings"]["cash"] == 3_000_000 - 770_000 - 108
    assert report["holdings"]["unsettled"] == {"2026-07-03": 592_000 - 83}
    assert (
        "the chain is whole and the books balance" in jeoul_said("ledger", "check", ticket).stdout
    )


def test_the_kept_files_are_small() -> None:
    assert sum(path.stat().st_size for path in KEPT.rglob("*") if path.is_file()) < 300_000


def test_the_upgrading_page_names_every_kind_of_file() -> None:
    text = (assets.root() / "docs" / "upgrading.md").read_text("utf-8")
    missing = {kind for kind in KINDS.values() if kind not in text}
    assert not missing
