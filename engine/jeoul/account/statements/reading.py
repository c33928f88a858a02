"""Reading a statement of tax paid: TOML, or the CSV, .xlsx or HTML that a site exports."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

from pydantic import TypeAdapter, ValidationError

from jeoul.account.statements.certificate import certificate_in
from jeoul.account.statements.fields import settlement_in
from jeoul.account.statements.record import KINDS, WithholdingCertificate, YearSettlement
from jeoul.account.statements.wrong import StatementFaults
from jeoul.errors import ConfigError, Problem
from jeoul.files.document import parse
from jeoul.files.faults import Fault, did_you_mean, shown
from jeoul.files.refused import faults_of
from jeoul.files.sheets import read_sheets

Statement: TypeAlias = WithholdingCertificate | YearSettlement


def read_statement(path: Path | str) -> Statement:
    r"""Return the statement of tax paid in a file.

    A TOML file has ``[[payments]]`` or the fields of a settlement. A table with columns of income
    and income tax (지급액, 소득세) is a certificate of withholding; rows of labels and amounts,
    among them 총급여 and 결정세액, are a settlement. Raises :class:`~jeoul.errors.ConfigError` with
    every problem of the file.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "mine.csv"
    ...     text = "지급일,소득의 종류,지급액,세율,소득세,지방소득세\n"
    ...     _ = file.write_text(text + "2026-12-30,배당,1000000,14,140000,14000\n", "utf-8")
    ...     read_statement(file).payments[0].national
    140000
    """
    if Path(path).suffix.lower() == ".toml":
        return _from_toml(path)
    file = str(path)
    sheets = read_sheets(path, ConfigError)
    wrongs: list[StatementFaults] = []
    for read in (certificate_in, settlement_in):
        for sheet in sheets:
            try:
                found = read(sheet)
            except StatementFaults as wrong:
                wrongs.append(wrong)
                continue
            if found is not None:
                return found
    if not wrongs:
        said = "has neither payments with their income tax nor 총급여 and 결정세액"
        remedy = "export the certificate of withholding (원천징수영수증) again, or write it as TOML"
        wrongs = [StatementFaults([(None, said, remedy)])]
    raise ConfigError(
        [Problem(file, said, line=line, remedy=remedy) for line, said, remedy in wrongs[0].faults]
    )


def _from_toml(path: Path | str) -> Statement:
    document = parse(path, ConfigError, kind="statement", parse_float=Decimal)
    shape = WithholdingCertificate if "payments" in document.data else YearSettlement
    try:
        found = TypeAdapter[Statement](shape).validate_python(document.data)
        faults = _unknown_kinds(found)
    except ValidationError as error:
        faults = faults_of(error, shape)
    if faults:
        raise ConfigError(document.problems(faults))
    return found


def _unknown_kinds(found: Statement) -> list[Fault]:
    if isinstance(found, YearSettlement):
        return []
    return [
        Fault(
            ("payments", place, "kind"),
            f"{shown(payment.kind)} is not a kind of payment",
            did_you_mean(payment.kind, KINDS),
        )
        for place, payment in enumerate(found.payments)
        if payment.kind not in KINDS
    ]
