"""Statements of tax paid: a broker's certificate of withholding and the year-end settlement."""

from jeoul.account.statements.reading import Statement, read_statement
from jeoul.account.statements.record import (
    KINDS,
    CertificateLine,
    WithholdingCertificate,
    YearSettlement,
)

__all__ = [
    "KINDS",
    "CertificateLine",
    "Statement",
    "WithholdingCertificate",
    "YearSettlement",
    "read_statement",
]
