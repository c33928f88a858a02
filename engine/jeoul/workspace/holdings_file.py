"""A broker's file in place of the holdings file of an account: read, compared, then written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from jeoul.errors import HoldingsError, Problem

if TYPE_CHECKING:
    from jeoul.account.holdings import Holdings
    from jeoul.model.instrument import Universe
    from jeoul.operations.setup.config import Config

ZONE = ZoneInfo("Asia/Seoul")
_TEXT = (".csv", ".txt")
_KNOWN = (*_TEXT, ".xlsx", ".xls", ".html", ".htm")


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingChange:
    """A security whose shares the new file changes."""

    code: str
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHoldings:
    """A broker's file that was read for an account, and what the account's file says now.

    ``content`` is what is written to ``file``; ``before`` is None where there is no file yet.
    """

    account: str
    file: Path
    content: bytes
    held: Holdings
    before: Holdings | None
    former: bytes

    @property
    def digest(self) -> str:
        """Return SHA-256 over the account, the file that is there and the one in its place."""
        parts = (self.account.encode(), self.former, self.content)
        return sha256(b"".join(sha256(part).digest() for part in parts)).hexdigest()

    @property
    def changes(self) -> tuple[HoldingChange, ...]:
        """Return the securities whose shares change, by code."""
        before = {} if self.before is None else _counted(self.before)
        after = _counted(self.held)
        return tuple(
            HoldingChange(code=code, before=before.get(code, 0), after=after.get(code, 0))
            for code in sorted({*before, *after})
            if before.get(code, 0) != after.get(code, 0)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """The holdings file of an account, and how its runs read it."""

    account: str
    file: Path
    config: Config
    universe: Universe
    priced: frozenset[str]

    def read(self, name: str, content: bytes, cash: int | None = None) -> NewHoldings:
        """Return a broker's file as it would replace the holdings file of the account.

        A file of the same kind is kept as it is, any other in the plain form, so that what is read
        later is what is shown now. ``cash``, in the smallest unit, stands in for a file that has
        none. Raises :class:`HoldingsError`, which calls the file by ``name``, for a file that
        cannot be read, has no cash, or cannot be written under the name of the account's file.
        """
        from jeoul.account.holdings import plain_file, refuse_empty

        ending, own = Path(name).suffix.lower(), self.file.suffix.lower()
        held = self._read(content, ending if ending in _KNOWN else ".csv", name)
        held = refuse_empty(held).with_cash(cash)
        wants_cash = getattr(self.config.settings.broker, "cash", None) is None
        if held.cash is None and wants_cash:
            remedy = "enter the cash beside the file"
            raise HoldingsError([Problem(name, "has no row of cash", remedy=remedy)])
        if ending != own or cash is not None:
            if own not in _TEXT:
                wrong = f"is not a {own} file, and would replace one"
                remedy = f"export a {own} file, or name a .csv file for this account"
                raise HoldingsError([Problem(name, wrong, remedy=remedy)])
            content = plain_file(held).encode()
            held = self._read(content, own, name)
        former = content_of(self.file)
        return NewHoldings(
            account=self.account,
            file=self.file,
            content=content,
            held=held,
            before=self._read(former, own, str(self.file)) if former else None,
            former=former,
        )

    def _read(self, content: bytes, ending: str, shown: str) -> Holdings:
        from jeoul.account.holdings import Given, read_holdings
        from jeoul.account.holdings.known import securities_of

        given = getattr(self.config.settings.broker, "given", Given())
        with TemporaryDirectory() as folder:
            file = Path(folder) / f"holdings{ending}"
            file.write_bytes(content)
            try:
                return read_holdings(
                    file,
                    securities_of(self.universe, self.priced),
                    currency=self.universe.currency,
                    given=given,
                )
            except HoldingsError as error:
                named = [replace(each, file=shown) for each in error.problems]
                raise HoldingsError(named) from None


def importer_of(
    account: str, config: Config, universe: Universe, priced: frozenset[str]
) -> Importer | None:
    """Return how a holdings file is imported into an account, None where it takes none.

    A paper account has books of its own from its first run on, and a broker is asked. Codes that
    are ``priced`` exist for certain.
    """
    if not takes_file(config):
        return None
    place = config.beside(config.settings.broker.files["holdings"])
    return Importer(account=account, file=place, config=config, universe=universe, priced=priced)


def takes_file(config: Config) -> bool:
    """Return whether what an account holds comes from a file of its broker."""
    return config.settings.broker.kind == "ticket"


def replace_file(new: NewHoldings) -> Path | None:
    """Write a new holdings file, and return where the former one is kept, None without one.

    Its name gets the day that it states, else the day on which it was written. A second file of
    one day gets a number, which no statement reads.
    """
    kept = None
    if new.former:
        day = (new.before.as_of if new.before else None) or _written(new.file)
        kept = next(each for each in _names(new.file, day) if _is_free(each, new.former))
        kept.write_bytes(new.former)
    new.file.parent.mkdir(parents=True, exist_ok=True)
    beside = new.file.with_name(f".{new.file.name}.new")
    beside.write_bytes(new.content)
    beside.replace(new.file)
    return kept


def _counted(held: Holdings) -> dict[str, int]:
    outside = {code: count for code, count in held.outside.items() if isinstance(count, int)}
    return {**outside, **held.shares}


def _written(file: Path) -> date:
    return datetime.fromtimestamp(file.stat().st_mtime, ZONE).date()


def _names(file: Path, day: date) -> Iterator[Path]:
    """Yield the names that a former file may have, the one that statements read first."""
    from itertools import count

    from jeoul.files.dated import name_and_day

    stem = f"{name_and_day(file)[0]}-{day}"
    yield file.with_name(f"{stem}{file.suffix}")
    for number in count(2):
        yield file.with_name(f"{stem}.{number}{file.suffix}")


def content_of(file: Path) -> bytes:
    """Return what a holdings file says now, nothing where there is none."""
    from jeoul.files.text import read_content

    return read_content(file, HoldingsError) if file.exists() else b""


def _is_free(place: Path, content: bytes) -> bool:
    return not place.exists() or content_of(place) == content
