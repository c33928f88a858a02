"""The day of a firm on the command line: plan, overview, approval, blocks, fills, fees, letters."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from jeoul import assets

HEAD = "account,profile,type,answers_id,answered,fee,excluded,status"
REGISTER = (
    "a,balanced,neutral,Q1,2025-01-02,,,",
    "b,balanced,neutral,Q2,2025-01-02,0.01,273130,",
    "c,balanced,neutral,Q3,2023-01-02,,,",
    "d,balanced,neutral,Q4,2025-01-02,,,suspended",
    "e,growth,neutral,Q5,2025-01-02,,,",
)
HOLDINGS = "account,ticker,shares\n" + "".join(
    f"{name},CASH,{cash}\n" for name, cash in zip("abcdz", (30, 50, 9, 9, 9), strict=True)
).replace(",30\n", ",30000000\n").replace(",50\n", ",50000000\n").replace(",9\n", ",9000000\n")
FIRM = """schema = 1
name = "small"
strategy = "static"
register = "register.csv"
holdings = "holdings.csv"
state = "state"
lang = "en"
[advisory]
rate = "0.005"
"""


@pytest.fixture
def firm(tmp_path: Path, opened_once: None) -> str:
    for name, text in {
        "firm.toml": FIRM,
        "register.csv": "\n".join([HEAD, *REGISTER]) + "\n",
        "holdings.csv": HOLDINGS,
    }.items():
        (tmp_path / name).write_text(text, "utf-8")
    return str(tmp_path / "firm.toml")


def read(outcome: Any) -> Any:
    assert outcome.code == 0, outcome.err
    return json.loads(outcome.out)


def test_a_day_from_the_plan_to_the_letters(jeoul: Any, firm: str, tmp_path: Path) -> None:
    plan = read(jeoul("firm", "plan", firm, "--as-of", "2025-03-04", "--json"))
    assert plan["states"] == {"trades": 2, "person": 0, "blocked": 2, "rests": 0}
    assert [row["code"] for row in plan["unread"]] == ["firm.row_unsuitable"]
    assert plan["strangers"] == ["z"]
    assert list(plan["groups"]) == ["static/balanced/general/neutral"]
    clients = {each["account"]: each for each in plan["clients"]}
    assert clients["c"]["state"] == "blocked"
    assert "diagnosis.expired" in clients["c"]["codes"]
    for name in "ab":
        suits = clients[name]["suitability"]
        assert (suits["answers_id"], suits["type"]) == (f"Q{'ab'.index(name) + 1}", "neutral")
        assert len(suits["rules"]) == 64
        assert suits["limit"]["matrix"] == "kiwoom"
    assert "273130" not in {order["ticker"] for order in clients["b"]["orders"]}
    assert read(jeoul("firm", "plan", firm, "--as-of", "2025-03-04", "--json")) == plan
    _approved(jeoul, firm, plan)
    _shared(jeoul, firm, plan, tmp_path)

    fees = read(jeoul("firm", "fees", firm, "--month", "2025-03", "--json"))
    rates = {each["account"]: each["rate"] for each in fees["fees"]}
    assert rates == {"a": "0.005", "b": "0.01", "c": "0.005", "d": "0.005"}
    assert fees["total"] == sum(each["charge"] for each in fees["fees"]) > 0
    letters = read(jeoul("firm", "letters", firm, "--quarter", "2025Q1", "--json"))
    assert [each["account"] for each in letters["letters"]] == ["a", "b", "c", "d"]
    page = Path(letters["letters"][0]["file"]).read_text("utf-8")
    assert "2025-03-05" in page  # the day of the fills


def _approved(jeoul: Any, firm: str, plan: Any) -> None:
    overview = jeoul("firm", "show", firm).out
    assert "The register suspends this account" in overview
    assert f"jeoul firm approve {firm} {plan['plan'][:12]} --by WHO --all" in overview

    digest = plan["plan"][:12]
    assert jeoul("firm", "approve", firm, digest, "--by", "kim").code == 2
    given = read(jeoul("firm", "approve", firm, digest, "--by", "kim", "--all", "--json"))
    assert given["recorded"] == ["a", "b"]
    again = read(jeoul("firm", "approve", firm, digest, "--by", "kim", "--all", "--json"))
    assert (again["recorded"], again["before"]) == ([], ["a", "b"])
    shown = jeoul("firm", "show", firm, "--account", "b").out
    assert "approved by kim" in shown
    assert "answers Q2, type neutral" in shown


def _shared(jeoul: Any, firm: str, plan: Any, tmp_path: Path) -> None:
    clients = {each["account"]: each for each in plan["clients"]}
    blocks = read(jeoul("firm", "blocks", firm, "--json"))["blocks"]
    ordered = Counter[str]()
    for name in "ab":
        for order in clients[name]["orders"]:
            ordered[order["ticker"]] += order["shares"]
    assert {each["ticker"]: each["shares"] for each in blocks} == ordered

    fills, out = tmp_path / "fills.csv", tmp_path / "allotments.csv"
    text = "side,ticker,shares,price,fee\n"
    for each in blocks:
        half = each["shares"] // 2
        text += f"BUY,{each['ticker']},{half},{each['price']},3\n" if half else ""
    fills.write_text(text, "utf-8")
    shared = read(jeoul("firm", "allocate", firm, fills, "--out", out, "--json"))["allotments"]
    assert len(list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))) == len(shared)
    for each in blocks:
        its = [row for row in shared if row["ticker"] == each["ticker"]]
        assert sum(row["shares"] for row in its) == each["shares"] // 2
        assert all(row["answers_id"] and row["rules"] for row in its)
    assert read(jeoul("firm", "allocate", firm, fills, "--json"))["allotments"] == shared
    fills.write_text(text.replace(",3\n", ",4\n"), "utf-8")
    other = jeoul("firm", "allocate", firm, fills)
    assert (other.code, "were shared already" in other.err) == (2, True)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("BUY,999999,1,100,", "is not among the blocks"),
        ("BUY,{ticker},{more},{price},", "more shares were filled than ordered"),
        ("BUY,{ticker},1,{far},", "is beyond its limit"),
        ("BUY,{ticker},1.5,{price},", "is not a fill"),
        ("HOLD,{ticker},1,{price},", "is not a fill"),
        ("BUY,{ticker},0,{price},", "is not a fill"),
    ],
)
def test_fills_that_cannot_be_are_refused_and_nothing_is_shared(
    jeoul: Any, firm: str, tmp_path: Path, row: str, why: str
) -> None:
    plan = read(jeoul("firm", "plan", firm, "--as-of", "2025-03-04", "--json"))
    jeoul("firm", "approve", firm, plan["plan"], "--by", "kim", "--all")
    block = read(jeoul("firm", "blocks", firm, "--json"))["blocks"][0]
    said = row.format(**block, more=block["shares"] + 1, far=block["limit"] + 1)
    fills = tmp_path / "fills.csv"
    fills.write_text(f"side,ticker,shares,price,fee\n{said}\n", "utf-8")
    refused = jeoul("firm", "allocate", firm, fills, "--lang", "en")
    assert (refused.code, "fills.csv:2" in refused.err) == (2, True)
    assert why in refused.err
    fills.write_text("side,ticker,shares,price\n", "utf-8")
    assert jeoul("firm", "allocate", firm, fills).code == 0


def test_answers_of_a_folder_are_the_evidence(jeoul: Any, firm: str, tmp_path: Path) -> None:
    """Q1 gives what the register says; the other clients have no file, so nothing is planned."""
    answers = tmp_path / "answers"
    answers.mkdir()
    example = (assets.root() / "configs" / "answers-example.toml").read_bytes()
    (answers / "Q1.toml").write_bytes(example)
    text = FIRM.replace("[advisory]", 'answers = "answers"\n[advisory]')
    (tmp_path / "firm.toml").write_text(text, "utf-8")
    plan = read(jeoul("firm", "plan", firm, "--as-of", "2026-06-30", "--json"))
    (only,) = plan["clients"]
    assert only["account"] == "a"
    assert only["suitability"]["answers_sha256"] == hashlib.sha256(example).hexdigest()
    unproved = [row["account"] for row in plan["unread"] if row["code"] == "firm.row_unproved"]
    assert unproved == ["b", "c", "d"]


def test_a_changed_input_makes_a_new_plan_and_an_earlier_day_is_refused(
    jeoul: Any, firm: str, tmp_path: Path
) -> None:
    words = ("firm", "plan", firm, "--as-of", "2025-03-04", "--json")
    first, register = read(jeoul(*words))["plan"], tmp_path / "register.csv"
    text = register.read_text("utf-8")
    register.write_text(text.replace("b,balanced,neutral,Q2,2025-01-02,0.01,273130", "b,balanced,"
                                     "neutral,Q2,2025-01-02,0.01,27313"), "utf-8")  # fmt: skip
    second = read(jeoul(*words))
    assert second["states"]["person"] == 1
    stale = jeoul("firm", "approve", firm, first, "--by", "kim", "--all")
    assert (stale.code, "replaced" in stale.err or "대체" in stale.err) == (2, True)
    register.write_text(text, "utf-8")
    assert len({first, second["plan"], read(jeoul(*words))["plan"]}) == 3
    earlier = jeoul("firm", "plan", firm, "--as-of", "2025-02-28")
    assert (earlier.code, "2025-03-04" in earlier.err) == (2, True)


def test_check_names_every_row_that_cannot_be_used(jeoul: Any, firm: str) -> None:
    checked = jeoul("check", firm)
    assert (checked.code, "register.csv:6" in checked.err) == (2, True)
    assert "Profile growth is riskier than investor type neutral allows" in checked.err


def test_check_finds_books_that_were_changed(jeoul: Any, firm: str, tmp_path: Path) -> None:
    register = tmp_path / "register.csv"
    register.write_text("\n".join([HEAD, REGISTER[0]]) + "\n", "utf-8")
    (tmp_path / "holdings.csv").write_text("account,ticker,shares\na,CASH,3000000\n", "utf-8")
    jeoul("firm", "plan", firm, "--as-of", "2025-03-04")
    assert jeoul("check", firm).code == 0
    with closing(sqlite3.connect(tmp_path / "state" / "firm.sqlite")) as raw:
        raw.execute("DROP TRIGGER events_stay")
        raw.execute("UPDATE events SET at = at + 1")
        raw.commit()
    changed = jeoul("check", firm)
    assert changed.code not in (0, 2)
    assert "firm.sqlite" in changed.err


def test_metrics_of_a_firm_are_what_a_collector_reads(
    jeoul: Any, firm: str, tmp_path: Path
) -> None:
    jeoul("firm", "plan", firm, "--as-of", "2025-03-04")
    out = tmp_path / "jeoul.prom"
    assert jeoul("metrics", firm, "--out", out).code == 0
    families = {each.name: each for each in text_string_to_metric_families(out.read_text("utf-8"))}
    states = {each.labels["state"]: each.value for each in families["jeoul_firm_clients"].samples}
    assert states == {"trades": 2, "person": 0, "blocked": 2, "rests": 0}
    assert families["jeoul_firm_events"].type == "counter"
    assert jeoul("metrics", firm).out == out.read_text("utf-8")


def test_events_have_no_free_text_and_no_name(jeoul: Any, firm: str, tmp_path: Path) -> None:
    log = tmp_path / "events.jsonl"
    plan = read(jeoul("firm", "plan", firm, "--as-of", "2025-03-04", "--json", "--log", log))
    jeoul("firm", "approve", firm, plan["plan"], "--by", "kim-minsu", "--all", "--log", log)
    jeoul("firm", "approve", firm, "ffffffffff", "--by", "kim-minsu", "--all", "--log", log)
    text = log.read_text("utf-8")
    events = [json.loads(line) for line in text.splitlines()]
    assert [each["event"] for each in events] == [
        "firm.plan", "command", "firm.approved", "command", "command",
    ]  # fmt: skip
    assert events[0]["clients"] == {"trades": 2, "blocked": 2}
    assert (events[2]["plan"], events[2]["recorded"]) == (plan["plan"], 2)
    assert (events[4]["exit_code"], events[4]["error"]) == (2, "UsageError")
    assert "minsu" not in text
    assert str(tmp_path) not in text


def labels_of(text: str) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """Return the series of a text of metrics, as a collector tells them apart."""
    families = text_string_to_metric_families(text)
    return [(each.name, tuple(sorted(each.labels.items()))) for f in families for each in f.samples]


def test_two_firms_of_one_name_are_told_apart_and_one_named_twice_is_measured_once(
    jeoul: Any, firm: str, tmp_path: Path
) -> None:
    """A collector refuses a whole text in which two series are the same."""
    jeoul("firm", "plan", firm, "--as-of", "2025-03-04")
    for place in ("x", "y/x"):
        (tmp_path / place).mkdir(parents=True)
        for name in ("firm.toml", "register.csv", "holdings.csv"):
            (tmp_path / place / name).write_bytes((tmp_path / name).read_bytes())
    files = [firm, tmp_path / "x" / "firm.toml", tmp_path / "y" / "x" / "firm.toml"]
    for file in files[1:]:
        jeoul("firm", "plan", file, "--as-of", "2025-03-04")
    found = labels_of(jeoul("metrics", *files, f"{tmp_path}/x/../firm.toml").out)
    assert len(set(found)) == len(found)
    named = {dict(labels)["file"] for _, labels in found}
    folder = tmp_path.name
    assert named == {f"{folder}/firm.toml", f"{folder}/x/firm.toml", "y/x/firm.toml"}
    (only,) = {dict(labels)["file"] for _, labels in labels_of(jeoul("metrics", firm).out)}
    assert only == "firm.toml"
    refused = jeoul("metrics", f"{firm}:a")
    assert (refused.code, ":a" in refused.err) == (2, True)


@pytest.mark.parametrize("name", ["firm.toml", "register.csv", "holdings.csv", "fills.csv"])
def test_an_output_replaces_no_file_that_is_read(
    jeoul: Any, firm: str, tmp_path: Path, name: str
) -> None:
    plan = read(jeoul("firm", "plan", firm, "--as-of", "2025-03-04", "--json"))
    jeoul("firm", "approve", firm, plan["plan"], "--by", "kim", "--all")
    fills = tmp_path / "fills.csv"
    fills.write_text("side,ticker,shares,price\n", "utf-8")
    before = (tmp_path / name).read_bytes()
    out = ("--out", tmp_path / name, "--lang", "en")
    done = [jeoul("firm", "allocate", firm, fills, *out)]
    if name != "fills.csv":
        done += [jeoul("firm", "blocks", firm, *out), jeoul("firm", "fees", firm, "--month",
                 "2025-03", *out)]  # fmt: skip
    if name == "firm.toml":
        done.append(jeoul("metrics", firm, "--out", tmp_path / name))
    for each in done:
        assert each.code == 2
        assert name in each.err
    assert (tmp_path / name).read_bytes() == before


def test_clients_that_cannot_be_planned_stop_no_other(
    jeoul: Any, firm: str, tmp_path: Path
) -> None:
    """Whatever a row is wrong in: the sound clients trade as they do without it."""
    words = ("firm", "plan", firm, "--as-of", "2025-03-04", "--json")
    alone = {each["account"]: each["orders"] for each in read(jeoul(*words))["clients"]}
    head = f"{HEAD},strategy"
    rows = [f"{row}," for row in REGISTER]
    bad = ["nosuch", "../", "x" * 300, "register.csv", "managed-us"]
    rows += [f"s{n},balanced,neutral,Q9,2025-01-02,,,,{name}" for n, name in enumerate(bad)]
    rows += ["few,balanced,neutral,Q9", "many,balanced,neutral,Q9,2025-01-02,,,,,,"]
    (tmp_path / "register.csv").write_text("\n".join([head, *rows]) + "\n", "utf-8")
    odd = [*(f"s{n}" for n in range(len(bad))), "few", "many"]
    extra = "".join(f"{name},CASH,5000000\n" for name in odd)
    huge = "c,069500,999999999999999\nd,069500\n"
    (tmp_path / "holdings.csv").write_text(HOLDINGS + extra + huge, "utf-8")
    plan = read(jeoul(*words))
    clients = {each["account"]: each for each in plan["clients"]}
    assert [clients[name]["orders"] for name in "ab"] == [alone[name] for name in "ab"]
    assert {clients[f"s{n}"]["state"] for n in range(len(bad))} == {"blocked"}
    assert "firm.row_cells" in clients["d"]["codes"]
    assert {"few", "many"} <= {row["account"] for row in plan["unread"]}
    overview = jeoul("firm", "show", firm).out
    assert "few: The row has 4 cells, the header 9" in overview
    checked = jeoul("check", firm)
    assert checked.code == 2
    for said in ("few: The row", "s0: nosuch", "s2: "):
        assert said in checked.err


def test_a_new_rate_changes_no_month_before_it(jeoul: Any, firm: str, tmp_path: Path) -> None:
    jeoul("firm", "plan", firm, "--as-of", "2025-03-04")
    words = ("firm", "fees", firm, "--month", "2025-03", "--json")
    before = read(jeoul(*words))
    text = FIRM.replace('rate = "0.005"', 'rate = "0.02"')
    (tmp_path / "firm.toml").write_text(text, "utf-8")
    jeoul("firm", "plan", firm, "--as-of", "2025-04-15")
    assert read(jeoul(*words)) == before
    april = read(jeoul("firm", "fees", firm, "--month", "2025-04", "--json"))["fees"]
    assert {each["account"]: each["rate"] for each in april}["a"] == "0.02"


def test_fills_are_read_as_a_spreadsheet_wrote_them(jeoul: Any, firm: str, tmp_path: Path) -> None:
    plan = read(jeoul("firm", "plan", firm, "--as-of", "2025-03-04", "--json"))
    jeoul("firm", "approve", firm, plan["plan"], "--by", "kim", "--all")
    blocks = read(jeoul("firm", "blocks", firm, "--json"))["blocks"]
    lines = [
        f"{each['side'].lower()};{each['ticker'].lstrip('0')};{each['shares']:,};{each['price']:,}"
        for each in blocks
    ]
    fills = tmp_path / "fills.csv"
    text = "\r\n".join(["side;ticker;shares;price", *lines])
    fills.write_bytes(b"\xef\xbb\xbf" + text.encode())
    done = read(jeoul("firm", "allocate", firm, fills, "--json"))["allotments"]
    assert sum(each["shares"] for each in done) == sum(each["shares"] for each in blocks)
