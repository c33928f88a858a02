"""What an account or a household came to, from the courses of its accounts."""

from jeoul.operations.statement.statement import Span, Stated, Whose, statement_of

__all__ = ["Span", "Stated", "Whose", "statement_of"]
