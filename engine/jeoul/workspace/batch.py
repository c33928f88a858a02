"""A batch set up from files, a strategy and a market: what every worker then needs."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from jeoul.errors import DataError, JeoulError
from jeoul.model.instrument import AccountKind
from jeoul.workspace.inputs import Opened
from jeoul.workspace.remembering import propose_remembering

if TYPE_CHECKING:
    from jeoul.batch import AllowedSecurities, BatchFiles, BatchJob, Layout
    from jeoul.batch.terms import Strangers
    from jeoul.model.decision import Proposal
    from jeoul.model.portfolio import Proceeds
    from jeoul.rebalance import Tariff


class Ways(NamedTuple):
    """How the accounts of a batch trade, unless their terms say otherwise."""

    tariff: Tariff
    proceeds: Proceeds
    language: str


class Batch(NamedTuple):
    """A batch, how its file of accounts is cut, and accounts that have terms and no rows."""

    job: BatchJob
    layout: Layout
    strangers: Strangers


def set_up(opened: Opened, files: BatchFiles, ways: Ways, *, checks: bool = False) -> Batch:
    """Return a batch; a file of terms is read here once, and once by each worker.

    Proposals are made for the kinds and profiles that the file names. Raises
    :class:`~jeoul.errors.HoldingsError` for files that are not such tables, and what the proposals
    raise if there is none at all.
    """
    from jeoul.batch import BatchJob
    from jeoul.batch.cells import ACCOUNTS
    from jeoul.batch.job import Input
    from jeoul.batch.table import ending, open_table
    from jeoul.batch.terms import Strangers, strangers

    form = ending(files.out)
    ending(files.refused)
    layout = open_table(files.accounts, ACCOUNTS).layout()
    accounts = Input(str(files.accounts.resolve()), layout.digest)
    terms, unknown = None, Strangers(0, (), "")
    if files.terms is not None:
        unknown = strangers(files.terms, layout.accounts)
        terms = Input(str(files.terms.resolve()), unknown.digest)
    proposals, refused = _proposals(opened, layout)
    securities = _securities(opened)
    profiles = tuple(opened.strategy.profiles)
    known = (securities.strategy, securities.funds, sorted(securities.outside))
    names = (accounts.digest, terms and terms.digest, known, profiles, refused, form, ways)
    made = {pair: (each.inputs, each.weights) for pair, each in proposals.items()}
    job = BatchJob(
        key=sha256(repr((_FORM, layout.parts, names, made)).encode()).hexdigest(),
        accounts=accounts,
        terms=terms,
        securities=securities,
        proposals=proposals,
        refused=refused,
        profiles=profiles,
        form=form,
        language=ways.language,
        tariff=ways.tariff,
        proceeds=ways.proceeds,
        checks=checks,
    )
    return Batch(job, layout, unknown)


_FORM = 3  # of the parts; raised when what a part holds changes


def _proposals(
    opened: Opened, layout: Layout
) -> tuple[dict[tuple[str, str], Proposal], Mapping[tuple[str, str], str]]:
    """Return the proposals for what a file names, and why others have none."""
    made, refused, faults = {}, {}, []
    for kind, profile in sorted(_pairs(opened, layout)):
        try:
            made[kind, profile] = propose_remembering(opened, profile, kind)
        except DataError:
            raise  # the market is at fault, for everybody
        except JeoulError as fault:
            refused[kind, profile] = str(fault)
            faults.append(fault)
    if faults and not made:
        raise faults[0]
    return made, refused


def _pairs(opened: Opened, layout: Layout) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for kind, profile in layout.pairs:
        try:
            named = str(AccountKind(kind))
        except ValueError:
            continue  # its rows are refused one by one
        if profile.lower() in opened.strategy.profiles:
            found.add((named, profile.lower()))
    return found


def _securities(opened: Opened) -> AllowedSecurities:
    from jeoul import api
    from jeoul.account.holdings.known import securities_of
    from jeoul.batch import AllowedSecurities

    universe = api.universe_of(opened.strategy.universe)
    priced = [code for table in opened.market.prices for code in table.tickers]
    real = securities_of(universe, priced).real
    return AllowedSecurities(
        strategy=opened.strategy.name,
        currency=universe.currency,
        funds=tuple(sorted(universe.instruments)),
        outside=frozenset(real) - universe.instruments.keys(),
    )
