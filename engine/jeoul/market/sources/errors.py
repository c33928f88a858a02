"""What a source may answer instead of rows: one type per cause, because the remedy differs.

::

    DataError                (3)
    + SourceError                .source .symbol; retry: may the same question succeed later?
        + NetworkRefused   retry  no connection: name not found, refused, reset
        + Stalled          retry  no complete answer before the deadline
        + RateLimited      retry  asked too often
        + VendorBroken     retry  5xx, a page instead of data, data cut short, an unknown shape
        + UnknownSymbol           the vendor does not know the symbol
        + EmptyAnswer             the vendor knows the symbol and has no row for the dates
        + KeyRefused              a key is missing or not accepted
        + BadRows                 a file or folder of the user's own cannot be used
"""

from __future__ import annotations

from jeoul.errors import DataError


class SourceError(DataError):
    """A source gave no rows; ``message`` is the id of what people read about it."""

    retry = False
    message = "fetch.failed"

    def __init__(self, source: str, symbol: str, reason: str) -> None:
        self.source = source
        self.symbol = symbol
        self.reason = reason
        super().__init__(f"{source}: {symbol}: {reason}")

    def __reduce__(self) -> tuple[type[SourceError], tuple[str, str, str]]:
        """Return how to build the error again on the other side of a process."""
        return type(self), (self.source, self.symbol, self.reason)


class NetworkRefused(SourceError):
    """There is no connection to the vendor."""

    retry = True
    message = "fetch.refused"


class Stalled(SourceError):
    """No complete answer came before the deadline."""

    retry = True
    message = "fetch.stalled"


class RateLimited(SourceError):
    """The vendor asks to be asked less often."""

    retry = True
    message = "fetch.limited"


class VendorBroken(SourceError):
    """The vendor answered with something that is no data."""

    retry = True
    message = "fetch.broken"


class UnknownSymbol(SourceError):
    """The vendor does not know the symbol."""

    message = "fetch.unknown"


class EmptyAnswer(SourceError):
    """The vendor knows the symbol but has no row for the dates."""

    message = "fetch.empty"


class KeyRefused(SourceError):
    """A key is missing, or the vendor does not accept it."""

    message = "fetch.key"


class BadRows(SourceError):
    """A file or folder of the user's own cannot be used."""

    message = "fetch.rows"
