"""Statements of tax paid: a broker's certificate of withholding and the year-end settlement."""

from jeoul.account.statements.reading import Statement, read_statement
from jeoul.account.statements.record import KINDS, Certificate, Payment, Settlement

__all__ = ["KINDS", "Certificate", "Payment", "Settlement", "Statement", "read_statement"]
