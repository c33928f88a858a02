"""What people call the funds and the members of a universe."""

from __future__ import annotations

from jeoul.model.instrument import Universe


def fund_names(universe: Universe, language: str) -> dict[str, str]:
    """Return the names of funds by their code, and of members by the fund that they prefer."""
    funds = {
        code: fund.name_ko if language == "ko" else fund.name_en
        for code, fund in universe.instruments.items()
    }
    return {each.name: funds[each.codes[0]] for each in universe.members} | funds
