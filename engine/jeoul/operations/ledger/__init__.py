"""The ledger: every decision, order and movement of money, in one file that proves itself."""

from jeoul.operations.ledger.books import Fill, Transaction, balances, book, portfolio, settle
from jeoul.operations.ledger.copies import backup, restore
from jeoul.operations.ledger.opening import Ledgers, in_words, ledger_of
from jeoul.operations.ledger.proof import Proof, check, proven
from jeoul.operations.ledger.store import NAME, Head, Ledger, open_ledger

__all__ = [
    "NAME",
    "Fill",
    "Head",
    "Ledger",
    "Ledgers",
    "Proof",
    "Transaction",
    "backup",
    "balances",
    "book",
    "check",
    "in_words",
    "ledger_of",
    "open_ledger",
    "portfolio",
    "proven",
    "restore",
    "settle",
]
