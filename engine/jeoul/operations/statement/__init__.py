"""What an account or a household came to, from the courses of its accounts."""

from jeoul.operations.statement.statement import Stated, StatementSpan, Whose, statement_of

__all__ = ["Stated", "StatementSpan", "Whose", "statement_of"]
