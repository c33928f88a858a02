"""Reading a holdings file in whatever form a broker, a spreadsheet or a person wrote it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from jeoul.account.holdings.balances import Balances, Days, balances
from jeoul.account.holdings.codes import is_korean
from jeoul.account.holdings.labels import dated, written_date
from jeoul.account.holdings.money import PLAIN_UNITS, MoneyFault, MoneyRows, chosen, column_money
from jeoul.account.holdings.record import FileReading, HeldLot, Holdings
from jeoul.account.holdings.rows import Positions, read_body
from jeoul.account.holdings.securities import Securities
from jeoul.account.holdings.summary import loose_money
from jeoul.account.holdings.table import ColumnNames, HoldingsTable, TableFault, find_table
from jeoul.account.holdings.units import units_said
from jeoul.account.holdings.wording import reading_notes
from jeoul.errors import HoldingsError, Problem
from jeoul.files.sheets import SheetFormat, SheetRow, read_sheets
from jeoul.korea.catalogue_files import exchange_codes
from jeoul.model.portfolio import Portfolio

_MOST_FAULTS = 20  # of a file; that there are more is said behind them
_NO_DAYS = Days()


@dataclass(frozen=True, slots=True)
class Given:
    """What a person has said of a file: it wins over what is found in it.

    ``cash_row`` is the label of the row that is the cash, ``as_of`` the day of the file.
    """

    encoding: str | None = None
    columns: ColumnNames = field(default_factory=ColumnNames)
    cash_row: str | None = None
    as_of: date | None = None


_NOTHING = Given()


def read_holdings(
    path: Path | str,
    securities: Securities | None = None,
    *,
    currency: str = "KRW",
    days: Days = _NO_DAYS,
    given: Given = _NOTHING,
) -> Holdings:
    r"""Return the holdings in a CSV, .xlsx or HTML file of a broker, a spreadsheet or a person.

    Encoding, separator, header and columns are found; ``given`` wins over that. ``securities`` are
    those that the file may name, any if None. ``days`` say what D+1 and D+2 are counted from.

    Raises :class:`~jeoul.errors.HoldingsError` with every problem of the file: what can be read in
    two ways is refused.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "mine.csv"
    ...     _ = file.write_text("종목코드;잔고수량\nA069500;1,030\n예수금;3,000,000원\n", "cp949")
    ...     found = read_holdings(file)
    >>> found.shares, found.cash
    ({'069500': 1030}, 3000000)
    """
    file = str(path)
    sheets = read_sheets(path, HoldingsError, SheetFormat(given.encoding))
    try:
        table = find_table(sheets, given.columns, currency)
    except TableFault as fault:
        problem = Problem(file, fault.wrong, line=fault.line, remedy=fault.remedy)
        raise HoldingsError([problem]) from None
    money = MoneyRows(currency)
    known = Securities() if securities is None else securities
    positions = read_body(table, known, money, currency)
    loose = loose_money(table.before, money, currency)
    column_money(table, positions.rows, money)
    as_of = given.as_of or _as_of(table, positions.rows)
    wrongs = [*positions.wrongs, *money.wrongs]
    found = balances(tuple(chosen(money.entries, given.cash_row)), currency, days, as_of)
    wrongs += [
        *found.wrongs,
        *_other_units(table, found, loose, currency),
        *_accounts(table, positions.rows),
    ]
    wrongs += _elsewhere(table, positions, currency)
    if wrongs:
        raise HoldingsError(_problems(file, wrongs))
    how = FileReading(
        kind=table.sheet.kind,
        line=table.header.line,
        columns=table.names(),
        encoding=table.sheet.encoding,
        separator=table.sheet.separator,
        sheet=table.sheet.name,
        worth=positions.worth,
        vouched=positions.vouched,
    )
    return Holdings(
        file=file,
        shares=positions.shares,
        cash=found.cash,
        currency=currency,
        outside={**positions.outside, **found.foreign},
        incoming=found.incoming,
        cost=positions.cost,
        tax_base=positions.tax_base,
        lots={code: tuple(sorted(lots, key=_day)) for code, lots in positions.lots.items()},
        as_of=as_of,
        found=how,
        notes=reading_notes(table, positions, found, loose, currency),
    )


def read_portfolio(
    path: Path | str,
    *,
    known: Sequence[str] | Mapping[str, object] | None = None,
    currency: str = "KRW",
    cash: int | None = None,
) -> Portfolio:
    r"""Return the portfolio in a holdings file of any form that :func:`read_holdings` reads.

    ``known`` are the tickers that may occur, any if None; ``cash`` in the smallest unit is that of
    an account whose file says none.

    Raises :class:`~jeoul.errors.HoldingsError` with every problem of the file. Securities beyond
    ``known`` are among them: a portfolio has no place for what is not planned with.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "mine.csv"
    ...     _ = file.write_text("ticker,shares\n069500,30\nCASH,3000000\n", "utf-8")
    ...     read_portfolio(file).shares
    {'069500': 30}
    """
    securities = None if known is None else Securities(frozenset(known), listed=exchange_codes())
    found = read_holdings(path, securities, currency=currency).with_cash(cash)
    if found.outside:
        beyond = ", ".join(found.outside)
        wrong = f"holds {beyond}, not of this universe"
        remedy = "take it out, or read the file with jeoul.read_holdings, which keeps it apart"
        raise HoldingsError([Problem(str(path), wrong, remedy=remedy)])
    return refuse_empty(found).portfolio()


def _day(lot: HeldLot) -> date:
    return lot.bought


def refuse_empty(holdings: Holdings, *, new: bool = False) -> Holdings:
    """Return the holdings; raise :class:`HoldingsError` for an account without anything in it.

    A ``new`` account of a household may be empty if its file has a row of cash of 0.
    """
    if holdings.is_empty and not (new and holdings.cash is not None):
        wrong = "is an account without holdings and without cash"
        remedy = "export it again, or leave the file out and give a deposit"
        raise HoldingsError([Problem(holdings.file, wrong, remedy=remedy)])
    return holdings


def _as_of(table: HoldingsTable, rows: Sequence[SheetRow]) -> date | None:
    """Return the day that the lines before the table state, else that of its own column."""
    stated = (dated(row.cells) for row in table.before)
    first = next((day for day in stated if day is not None), None)
    if first is not None:
        return first
    written = {written_date(cell) for row in rows if (cell := table.cell(row, "as_of"))}
    return written.pop() if len(written) == 1 else None


def _accounts(table: HoldingsTable, rows: Sequence[SheetRow]) -> list[MoneyFault]:
    """Return that a table is of several accounts, if its rows say so."""
    accounts = sorted({cell for row in rows if (cell := table.cell(row, "account"))})
    if len(accounts) < 2:
        return []
    wrong = f"has the holdings of {len(accounts)} accounts"
    return [MoneyFault(table.header.line, None, wrong, "export each account to a file of its own")]


def _elsewhere(table: HoldingsTable, positions: Positions, currency: str) -> list[MoneyFault]:
    """Return that a table is of an account in won, where one in another currency is wanted.

    Its cash would be taken for dollars, and bought with.
    """
    codes = [*positions.shares, *positions.outside]
    if currency == "KRW" or not codes or not all(map(is_korean, codes)):
        return []
    wrong = f"holds only securities of the Korea Exchange, and {currency} is wanted"
    remedy = "use a strategy in won, or the file of the account abroad"
    return [MoneyFault(table.header.line, None, wrong, remedy)]


def _other_units(
    table: HoldingsTable, found: Balances, loose: set[int], currency: str
) -> list[MoneyFault]:
    """Return that amounts are in another unit, if a line before the table says so.

    A line whose own money was read states the unit of that money alone.
    """
    totals = table.places.get("cost_total")
    prices = totals or table.places.get("cost") or table.places.get("tax_base")
    for row in table.before:
        stated = units_said("  ".join(row.cells))
        if row.line in loose or not stated:
            continue
        if any(unit.scaled for unit in stated) and (found.cash or totals):
            wrong = "says that amounts are in thousands or in another large unit"
            return [MoneyFault(row.line, None, wrong, PLAIN_UNITS)]
        named = {unit.currency for unit in stated} - {None}
        if named and currency not in named and (found.cash or prices):
            wrong = (
                f"says that amounts are in {min(map(str, named))}, but they are read in {currency}"
            )
            remedy = f"export the amounts in {currency}, or use a strategy in that currency"
            return [MoneyFault(row.line, None, wrong, remedy)]
    return []


def _problems(file: str, wrongs: Sequence[MoneyFault]) -> list[Problem]:
    ordered = sorted(wrongs, key=lambda wrong: wrong.line)
    problems = [
        Problem(file, wrong.message, line=wrong.line, key=wrong.key, remedy=wrong.remedy)
        for wrong in ordered[:_MOST_FAULTS]
    ]
    if len(ordered) > len(problems):
        problems.append(Problem(file, "… and more problems"))
    return problems
