"""The ledger: every decision, order and movement of money, in one chain that proves itself."""

from typing import TYPE_CHECKING

from jeoul import moved
from jeoul.operations.ledger.bank_money import moved_with_bank, paid_in
from jeoul.operations.ledger.books import Fill, Transaction, book, portfolio, settle
from jeoul.operations.ledger.checkpoints import balances, keep_checkpoint, unfinished
from jeoul.operations.ledger.copies import backup, restore
from jeoul.operations.ledger.file_store import NAME, open_ledger
from jeoul.operations.ledger.opening import (
    Ledgers,
    existing_ledger,
    has_ledger,
    held_ledger,
    in_words,
    ledger_of,
    move_ledger,
    server_of,
)
from jeoul.operations.ledger.proof import LedgerProof, check, proven
from jeoul.operations.ledger.server_store import open_server_ledger, prepare
from jeoul.operations.ledger.store import Head, Ledger, StoredRow

__all__ = [
    "NAME",
    "Fill",
    "Head",
    "Ledger",
    "LedgerProof",
    "Ledgers",
    "StoredRow",
    "Transaction",
    "backup",
    "balances",
    "book",
    "check",
    "existing_ledger",
    "has_ledger",
    "held_ledger",
    "in_words",
    "keep_checkpoint",
    "ledger_of",
    "move_ledger",
    "moved_with_bank",
    "open_ledger",
    "open_server_ledger",
    "paid_in",
    "portfolio",
    "prepare",
    "proven",
    "restore",
    "server_of",
    "settle",
    "unfinished",
]

if not TYPE_CHECKING:  # with it in sight, every misspelt name would be an Any
    __getattr__ = moved.old_names(__name__)
