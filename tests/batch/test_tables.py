"""A table of accounts: its columns, names that are kept whole, amounts, and files of output."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from crowd import orders_in
from hypothesis import given
from hypothesis import strategies as st

from jeoul.batch.cells import ACCOUNTS, COLUMNS, text_of
from jeoul.batch.csv_table import CsvTable
from jeoul.errors import HoldingsError
from jeoul.files import cells as rules
from jeoul.firm.positions import read_positions
from jeoul.firm.register import RegisterDefaults, read_register

HEAD = ",".join(COLUMNS[:5])
REST = "general,growth,CASH,5000000"


def texts(path: Path) -> list[list[str]]:
    """Return the cells of a file as its parts have them, one behind the other."""
    table = CsvTable(path, ACCOUNTS)
    found = []
    for part in table.layout().parts:
        cells = table.read(part)
        found += [
            [text_of(cells, row, column) for column in range(5)] for row in range(len(cells.start))
        ]
    return found


@pytest.mark.parametrize(
    ("column", "near"),
    [("deposite", "deposit"), ("withdrawl", "withdrawal"), ("curency", "currency")],
)
def test_a_misspelt_column_of_accounts_is_refused_and_the_likely_one_named(
    batch: Any, tmp_path: Path, column: str, near: str
) -> None:
    (tmp_path / "accounts.csv").write_text(f"{HEAD},{column}\na,{REST},1000\n", "utf-8")
    with pytest.raises(HoldingsError, match=f"'{column}'; did you mean '{near}'"):
        batch()
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = dict(zip(f"{HEAD},{column}".split(","), f"a,{REST},1000".split(","), strict=True))
    pq.write_table(pa.table({k: [v] for k, v in columns.items()}), tmp_path / "a.parquet")
    with pytest.raises(HoldingsError, match=f"'{column}'; did you mean '{near}'"):
        batch(accounts=tmp_path / "a.parquet")


@pytest.mark.parametrize(
    ("column", "near"), [("risk_cpa", "risk_cap"), ("exclude", "excluded"), ("fees", "fee")]
)
def test_a_misspelt_column_of_terms_is_refused(
    batch: Any, tmp_path: Path, column: str, near: str
) -> None:
    terms = tmp_path / "terms.csv"
    terms.write_text(f"account,{column}\na,0.5\n", "utf-8")
    with pytest.raises(HoldingsError, match=f"'{column}'; did you mean '{near}'"):
        batch([("a", *REST.split(","), "", "")], terms)


def test_every_unknown_column_is_named_and_the_id_of_the_answers_is_known(
    batch: Any, tmp_path: Path
) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text(f"{HEAD},colour,,answers_id\na,{REST},red,,Q1\n", "utf-8")
    with pytest.raises(HoldingsError) as refused:
        batch()
    said = [problem.message for problem in refused.value.problems]
    assert said == ["has an unknown column 'colour'", "column 7 has no name"]
    file.write_text(f"{HEAD},answers_id,Currency\na,{REST},Q1,krw\nb,{REST},,KRW\n", "utf-8")
    assert batch().tally.planned == 2


NAMES = ('a "b" c', "a,b", "two\nlines", "two\r\nlines", '"', '""', "a\n\n,\"\nb", "=1+1", "a;b\tc",
         " spaces ", "김 계좌")  # fmt: skip


def test_the_name_of_an_account_is_kept_whole_in_every_format(batch: Any, tmp_path: Path) -> None:
    """Whatever is in it: through each pair of formats, in the orders and in what is refused."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [(name, *REST.split(",")) for name in NAMES]
    rows += [(f"{name}!", "general", "growth", "CASH", "none") for name in NAMES]
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([HEAD.split(","), *rows])
    table = pa.table({name: [row[at] for row in rows] for at, name in enumerate(HEAD.split(","))})
    pq.write_table(table, tmp_path / "a.parquet")
    with pa.ipc.new_file(tmp_path / "a.arrow", table.schema) as file:
        file.write_table(table)
    for given_ in ("csv", "parquet", "arrow"):
        for out in ("csv", "parquet", "arrow"):
            made, refused = tmp_path / f"made.{out}", tmp_path / f"refused.{out}"
            found = batch(accounts=tmp_path / f"a.{given_}", out=made, refused=refused)
            assert found.tally.planned == len(NAMES)
            for path, wanted in ((made, NAMES), (refused, tuple(f"{n}!" for n in NAMES))):
                assert _accounts(path) == list(wanted), (given_, out)


def _accounts(path: Path) -> list[str]:
    """Return the accounts that a file names, as another program reads them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return list(dict.fromkeys(row["account"] for row in csv.DictReader(file)))
    table = pq.read_table(path) if path.suffix == ".parquet" else pa.ipc.open_file(path).read_all()
    return list(dict.fromkeys(table.column("account").to_pylist()))


def test_terms_find_their_account_in_another_format(batch: Any, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(
        pa.table({"account": ['a "b"'], "excluded": ["069500"]}), tmp_path / "terms.parquet"
    )
    (tmp_path / "accounts.csv").write_text(f'{HEAD}\n"a ""b""",{REST}\n', "utf-8")
    found = orders_in(batch(terms=tmp_path / "terms.parquet").orders)
    assert "069500" not in {order[1] for order in found['a "b"']}


def test_a_quote_that_nobody_closes_spoils_its_row_alone(batch: Any, tmp_path: Path) -> None:
    sound = "".join(f"s{number},{REST}\n" for number in range(300))
    (tmp_path / "accounts.csv").write_text(
        f'{HEAD}\n"x,{REST}\n{sound}y,general,"growth,CASH,5\n"a,b",{REST}\n"z,{REST}', "utf-8"
    )
    found = batch()
    assert (found.tally.accounts, found.tally.planned) == (304, 301)
    assert sum(",cells," in line for line in found.refused) == 3
    assert {"s0", "s299", "a,b"} <= set(orders_in(found.orders))


NAME = st.text(st.sampled_from('a",\n\r "'), min_size=1, max_size=6).filter(str.strip)


@given(st.lists(NAME, min_size=1, max_size=30, unique=True), st.integers(40, 200))
def test_parts_and_blocks_of_any_size_read_what_another_program_wrote(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], size: int
) -> None:
    path = tmp_path_factory.mktemp("names") / "accounts.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(
            [HEAD.split(","), *([name, *REST.split(",")] for name in names)]
        )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("jeoul.batch.csv_table.BLOCK", size)
        patched.setattr("jeoul.batch.csv_table.SIZE", size)
        assert texts(path) == [[name, *REST.split(",")] for name in names]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1,000,000", (1_000_000, 0)), ("-1,000", (-1_000, 0)), ("12,345.00", (12_345, 0)),
        ("1,00", (0, 1)), ("1000,000", (0, 1)), (",100", (0, 1)), ("1,000,", (0, 1)),
        ("1,0000", (0, 1)), ("1,000.0,0", (0, 1)), ("", (0, 0)), ("-", (0, 1)),
        ("999999999999999", (10**15 - 1, 0)), ("1000000000000000", (0, 2)),
    ],
)  # fmt: skip
def test_commas_between_thousands_are_read_and_others_are_not(
    text: str, found: tuple[int, int]
) -> None:
    data = np.frombuffer(text.encode(), dtype=np.uint8)
    assert rules.amount_of(data, 0, len(data), 0) == found


def test_a_number_that_is_not_whole_spoils_no_other_of_its_column(
    batch: Any, tmp_path: Path
) -> None:
    """A column with a fraction is one of floating numbers, and large ones are written 1.2e+11."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    money = [123_456_789_012.0, 5_000_000.0, 1.5, float("nan"), 2e15, 1e-7]
    count = len(money)
    table = pa.table({
        "account": [f"a{number}" for number in range(count)], "kind": ["general"] * count,
        "profile": ["growth"] * count, "ticker": ["CASH"] * count, "shares": money,
    })  # fmt: skip
    pq.write_table(table, tmp_path / "a.parquet")
    found = batch(accounts=tmp_path / "a.parquet")
    assert set(orders_in(found.orders)) == {"a0", "a1"}
    said = [line.split(",")[:3] for line in found.refused]
    assert said == [["a2", "3", "too_fine"], ["a3", "4", "amount"], ["a4", "5", "too_large"],
                    ["a5", "6", "too_fine"]]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "is_known"),
    [
        (("ISA", "Growth", "krw"), True),
        (("Irp", "GROWTH", "Krw"), True),
        (("general", "growth", "KRW"), True),
        (("general", "growth", ""), True),
        (("brokerage", "growth", "KRW"), False),
        (("general", "bold", "KRW"), False),
        (("general", "growth", "won"), False),
    ],
)
def test_kinds_profiles_and_currencies_are_read_in_any_case_as_a_firm_reads_them(
    batch: Any, tmp_path: Path, cells: tuple[str, str, str], is_known: bool
) -> None:
    kind, profile, currency = cells
    sound = "s,general,growth,CASH,5000000,KRW\n"  # a file of which no account is sound is refused
    accounts, register = tmp_path / "accounts.csv", tmp_path / "register.csv"
    accounts.write_text(
        f"{HEAD},currency\n{sound}a,{kind},{profile},CASH,5000000,{currency}\n", "utf-8"
    )
    register.write_text(
        f"account,kind,profile,type,answers_id\na,{kind},{profile},aggressive,Q1\n", "utf-8"
    )
    clients, _ = read_register(str(register), RegisterDefaults("static", Decimal("0.005")))
    held = read_positions(str(accounts), ())
    assert (batch().tally.planned == 2) is is_known
    assert (bool(clients) and "a" in held.accounts) is is_known
    if is_known:
        assert (clients[0].group.kind, clients[0].group.profile) == (kind.lower(), profile.lower())
