"""What a page calls accounts and funds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from jeoul import assets
from jeoul.messages import say
from jeoul.strategy.universe import load_universe
from jeoul.web.place import ServedFiles


@dataclass(frozen=True, slots=True)
class ServedNames:
    """The titles of accounts by id, and the names of funds by code, in one language."""

    accounts: Mapping[str, str]
    funds: Mapping[str, str]

    def account(self, id: str) -> str:
        """Return the title of an account, its id where nothing else is known."""
        return self.accounts.get(id, id)

    def fund(self, code: str) -> str:
        """Return the name of a fund, its code where nothing else is known."""
        return self.funds.get(code, code)


def names_of(place: ServedFiles, language: str) -> ServedNames:
    """Return the names of what is served: an account by its kind, with its owner among several."""
    home = place.read()
    accounts = {}
    for each in home.accounts.values() if home is not None else ():
        kind = say(language, f"web.kind_{each.kind}") if each.kind else each.id
        owned = {"kind": kind, "owner": each.owner}
        several = home is not None and len(home.people) > 1
        accounts[each.id] = say(language, "household_page.account_of", owned) if several else kind
    return ServedNames(accounts, _funds(language))


@cache
def _funds(language: str) -> Mapping[str, str]:
    """Return the names of the funds of every shipped universe."""
    places = sorted(assets.data("universes").glob("*.toml"))
    return {
        code: fund.name_ko if language == "ko" else fund.name_en
        for path in places
        for code, fund in load_universe(path.stem).instruments.items()
    }
