"""The accounts that could be had beside the models of ``jeoul evidence``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jeoul.api.kept_studies import KeptStudies
    from jeoul.backtesting.beside import Beside
    from jeoul.cli.spans import AskedSpan
    from jeoul.files.cache import Cache
    from jeoul.model.snapshot import Snapshot
    from jeoul.pipeline import Mandate
    from jeoul.pipeline.run import SharedAllocations

Accounts = Mapping[str, Mapping[str, "Beside | None"]]
"""By profile and way, ``static`` and ``default``: the model beside its account."""


def evidence_accounts(
    mandates: Sequence[Mandate],
    shared: SharedAllocations,
    snapshot: Snapshot,
    span: AskedSpan,
    kept: KeptStudies,
) -> Accounts:
    """Return the account of a strategy and of the same allocation simply held, for each profile."""
    from jeoul.backtesting.beside import Beside

    return kept.found(
        "accounts",
        Mapping[str, Mapping[str, Beside | None]],
        lambda: _made(mandates, shared, snapshot, span, kept.cache),
    )


def _made(
    mandates: Sequence[Mandate],
    shared: SharedAllocations,
    snapshot: Snapshot,
    span: AskedSpan,
    cache: Cache | None,
) -> Accounts:
    from jeoul.api.accounts import Accounts as Made
    from jeoul.backtesting import of_model
    from jeoul.backtesting.beside import beside
    from jeoul.backtesting.exact import exact_model
    from jeoul.pipeline.replay import start, states

    history = shared.history
    accounts = Made(snapshot.prices, snapshot.digest, cache=cache)
    found: dict[str, dict[str, Beside | None]] = {}
    for mandate in mandates:
        own = found.setdefault(mandate.profile, {})
        static = replace(mandate, strategy=mandate.strategy.without_overlay())
        ways = {"static": static}
        if mandate.overlay is not None:
            ways["default"] = mandate
        for way, ruled in ways.items():
            made, held_back = shared.of(ruled)
            model = exact_model(ruled, history, made, held_back)
            along = states(ruled, history, start(ruled), made)
            account = accounts.beside(of_model(model, start=span.start, end=span.end), along)
            own[way] = None if account is None else beside(account)
    return found


def accounts_document(accounts: Mapping[str, Beside | None]) -> dict[str, Any]:
    """Return the accounts of one profile as JSON values, by way."""
    from jeoul.backtesting.beside import beside_document

    return {way: beside_document(found) for way, found in accounts.items()}


def accounts_lines(
    accounts: Mapping[str, Beside | None], currency: str, lang: str
) -> Iterator[str]:
    """Yield what a terminal prints of the accounts of one profile."""
    from jeoul.messages import say
    from jeoul.reporting.beside import beside_lines
    from jeoul.reporting.formats import Formats

    for way, found in accounts.items():
        yield f"{say(lang, f'evidence.way_{way}')}:"
        for line in beside_lines(found, Formats(lang, "UTC", currency)):
            yield f"  {line}"
