"""Which security a row of a holdings file is about: one of the strategy, or a real one outside."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import NamedTuple

from jeoul.account.holdings.amounts import plain
from jeoul.account.holdings.codes import (
    NotACode,
    SecurityCode,
    is_code_like,
    is_korean,
    is_listed_form,
    is_note,
    is_ticker,
    normal_code,
    one_slip_apart,
)
from jeoul.account.holdings.record import Vouched
from jeoul.model.instrument import Instrument

_LIKE_MONEY = re.compile(  # at its end: a fund of cash flows has 현금 or cash within its name
    r"(?:예수금|예탁금|정산금|현금|금액|잔액|cash|balance)(?:\s*[(\[][^)\]]*[)\]])?$", re.IGNORECASE
)


class Unknown(Exception):
    """A row whose security is not known for certain: what is wrong, and what to do."""

    def __init__(self, wrong: str, remedy: str) -> None:
        self.wrong = wrong
        self.remedy = remedy
        super().__init__(wrong)


class Named(NamedTuple):
    """A security of a row: its code, whether the strategy knows it, how the row wrote it.

    ``vouched`` is by what a code that no list knows is taken for real, None where one knows it.
    """

    code: str
    inside: bool
    written: str | None = None
    vouched: Vouched | None = None


@dataclass(frozen=True, slots=True)
class Securities:
    """The securities that a holdings file may name.

    ``inside`` are the codes that a strategy's universe knows, None for every code; ``real`` are
    others that exist for certain, with prices or in a shipped universe; ``listed`` those of the
    exchange's lists, which exist too, but may be a slip for a fund of the universe; ``names`` gives
    the codes of a fund's present and former names. ``abroad`` says that the account is one of New
    York, where any ticker may be that of a share.
    """

    inside: Collection[str] | None = None
    real: Collection[str] = frozenset()
    listed: Collection[str] = frozenset()
    names: Mapping[str, frozenset[str]] = field(default_factory=dict)
    abroad: bool = False

    @classmethod
    def of(
        cls,
        instruments: Mapping[str, Instrument],
        *,
        others: Iterable[Instrument] = (),
        priced: Iterable[str] = (),
        listed: Collection[str] = frozenset(),
        abroad: bool = False,
    ) -> Securities:
        """Return the securities of a universe, other funds, codes with prices and listed ones."""
        others = tuple(others)
        names: dict[str, set[str]] = {}
        for item in (*instruments.values(), *others):
            for name in (item.name_ko, item.name_en, *item.former_names):
                names.setdefault(_key(name), set()).add(item.code)
        return cls(
            inside=frozenset(instruments),
            real=frozenset({item.code for item in others}.union(priced)),
            listed=listed,
            names={name: frozenset(codes) for name, codes in names.items()},
            abroad=abroad,
        )

    def named(self, ticker: str, isin: str = "", name: str = "") -> Named:
        """Return the security of a row from the cells for its code, its ISIN and its name.

        A code decides; the name decides where there is no code, and only if it is exactly one
        fund's present or former name. Raises :class:`Unknown` where they contradict each other, and
        for a code that nobody knows.

        >>> Securities(inside={"069500"}).named("A069500")
        Named(code='069500', inside=True, written='A069500', vouched=None)
        """
        codes = [code for cell in (ticker, isin) if (code := self._code(cell)) is not None]
        if len({code.code for code in codes}) > 1:
            both = " and ".join(code.code for code in codes)
            raise Unknown(f"names two securities, {both}", "leave the right code")
        if not codes:
            return self._by_name(ticker, name)
        code, written = codes[0], plain(ticker or isin)
        others = self.names.get(_key(name), frozenset()) if name else frozenset()
        if others and code.code not in others:
            theirs = ", ".join(sorted(others))
            wrong = f"has the name of {theirs}, {name!r}, beside the code {code.code}"
            raise Unknown(wrong, "correct the code or the name")
        inside = self.inside is None or code.code in self.inside
        by_name = None if inside else self._vouched(code.code, name)
        vouched = None if by_name is None else Vouched(name=by_name)
        return Named(code.code, inside, written if code.changed else None, vouched)

    def _code(self, cell: str) -> SecurityCode | None:
        try:
            found = normal_code(cell)
        except NotACode as fault:
            raise Unknown(str(fault), "correct the code") from None
        if found is None or self.inside is None:
            return found
        known = any(found.code in each for each in (self.inside, self.real, self.listed))
        is_name = _key(cell) in self.names and not known
        return None if is_name else found

    def _by_name(self, ticker: str, name: str) -> Named:
        written = plain(ticker) or name
        if not written:
            raise Unknown("has no ticker", "name the holding")
        codes = self.names.get(_key(written), frozenset())
        if not codes and name and not is_code_like(written):
            codes = self.names.get(_key(name), frozenset())
        if len(codes) == 1:
            (code,) = codes
            return Named(code, self.inside is None or code in self.inside, written)
        if codes:
            both = ", ".join(sorted(codes))
            raise Unknown(f"is the name of several funds: {both}", "write the code of the one held")
        if is_code_like(written):
            wrong = "does not have the form of a ticker"
            raise Unknown(wrong, "correct the code, or take the row out")
        if _LIKE_MONEY.search(written):
            wrong = "looks like money, but is not called by a name that is read"
            raise Unknown(wrong, "call it 예수금, D+1 예수금 or D+2 예수금, or take the row out")
        close = get_close_matches(_key(written), self.names, n=1)
        hint = ", ".join(sorted(self.names[close[0]])) if close else ""
        meant = f"; {close[0]} is {hint}" if close else ""
        wrong = "is not a code, and not exactly the name of a fund"
        raise Unknown(wrong, f"write the code of six characters{meant}")

    def _vouched(self, code: str, name: str) -> str | None:
        """Return the name by which a code is taken for real, None where it needs none.

        A broker's export names what was listed after the lists; a code that a person typed alone
        may be a slip, also where there is a share of that code. Raises :class:`Unknown` for one.
        """
        if code in self.real:
            return None
        assert self.inside is not None
        if not (is_listed_form(code) or (self.abroad and is_ticker(code))):
            wrong = "is an unknown ticker: it is in neither the universe nor a price file"
            raise Unknown(wrong, "correct the code, or take the row out")
        if not is_korean(code):
            return name or None
        slips = sorted(each for each in self.inside if one_slip_apart(code, each))
        if (code in self.listed or is_note(code)) and not slips:
            return None
        if name:
            return name
        if slips:
            wrong = f"is one character away from {slips[0]} and is in no price file"
            raise Unknown(wrong, f"write {slips[0]}, or the name of the security beside its code")
        wrong = "is not in the exchange's lists or in any price file"
        raise Unknown(wrong, "correct the code, or write the name of the security beside it")


def _key(name: str) -> str:
    return " ".join(plain(name).casefold().split())
