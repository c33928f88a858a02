"""A universe file beside the catalogue of funds: what it states of a fund without a source."""

from __future__ import annotations

from collections.abc import Iterator

from jeoul.errors import Problem
from jeoul.files.document import Document
from jeoul.korea.catalogue_files import listed_codes, load_catalogue
from jeoul.korea.fund import ListedFund
from jeoul.model.instrument import AccountKind
from jeoul.strategy.tables.universe import InstrumentTable, UniverseTable

_SOURCE = "add sources that name the page you read it on"


def unsourced_problems(document: Document, table: UniverseTable) -> Iterator[Problem]:
    """Yield what a file of funds of the Korea Exchange states without any source for it.

    A fund with ``sources`` of its own is the person's word, and left alone. Of the others the
    catalogue must confirm the class in an IRP and in pension accounts that the file states, and a
    geared fund must not be a member as if it were an ordinary one.
    """
    listed = listed_codes()
    unsourced = {
        code: facts for code, facts in table.facts().items() if not facts.sources and code in listed
    }
    if not unsourced:
        return
    funds = load_catalogue().funds
    held = {code: name for name, member in table.members.items() for code in member.codes}
    for code, facts in unsourced.items():
        if problem := _pension_problem(document, funds[code], facts):
            yield problem
        if code in held and funds[code].value("multiple") != facts.multiple:
            yield document.problem(
                ("members", held[code], "codes"),
                f"{code} gives {funds[code].text('multiple')} times a day's return",
                "leave it out of the members",
            )


def _pension_problem(
    document: Document, fund: ListedFund, facts: InstrumentTable
) -> Problem | None:
    stated = facts.irp
    in_pension = facts.accounts is not None and AccountKind.IRP in facts.accounts
    if stated is None and not in_pension:
        return None
    place = ("instruments", fund.code, "irp" if stated is not None else "accounts")
    confirmed = fund.facts["irp"]
    if confirmed.page is None:
        reason = f"no page confirms what an IRP counts {fund.code} as"
        return document.problem(place, reason, f"{_SOURCE}, or leave it out")
    if stated == confirmed.value or (stated is None and confirmed.value != "barred"):
        return None
    said = f"{confirmed.value} ({confirmed.page.dated or confirmed.page.retrieved})"
    reason = f"an IRP counts {fund.code} as {said}, by {confirmed.page.title}"
    return document.problem(place, reason, f'write "{confirmed.value}", or {_SOURCE}')
