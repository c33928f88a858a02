"""What the research commands share: what they open, and where trials are counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.spans import read_span
from jeoul.errors import BeyondData

if TYPE_CHECKING:
    from jeoul.backtesting import Backtest, Prepared
    from jeoul.backtesting.beside import Beside
    from jeoul.market import Market
    from jeoul.model.grade_limit import GradeLimit
    from jeoul.model.history import History
    from jeoul.pipeline import Mandate
    from jeoul.pipeline.touching import SortedFindings
    from jeoul.strategy.schema import Strategy

start_option = click.option("--from", "start", metavar="DATE", help="First session reported.")
end_option = click.option(
    "--to", "end", metavar="DATE", help="Last session; default: the newest in the data."
)
trials_option = click.option(
    "--trials",
    type=click.Path(path_type=Path),
    help="The file that counts every backtest ever looked at; default: one per user.",
)
seed_option = click.option(
    "--seed",
    type=int,
    default=20240628,
    show_default=True,
    help="Random seed for bootstrap and shuffles.",
)


@dataclass(frozen=True, slots=True)
class Study:
    """One strategy for one profile over a span of a market, as the research commands see it."""

    strategy: Strategy
    mandate: Mandate
    history: History
    market: Market
    digest: str
    findings: SortedFindings
    start: date | None
    end: date | None

    @property
    def simulated(self) -> bool:
        """Return whether the market is the simulated sample."""
        return self.market.simulated

    def found(self, lang: str) -> dict[str, Any]:
        """Return the findings about the market that touch the study, and how many do not."""
        return found_document(self.findings, lang)

    def prepare(self, strategy: Strategy | None = None, like: Prepared | None = None) -> Prepared:
        """Return what a backtest of a strategy rests on, this study's own by default."""
        from jeoul import api
        from jeoul.backtesting import prepare

        own = self.mandate
        if strategy is None:
            return prepare(own, self.history, like=like)
        mandate = api.mandate(strategy, own.profile, own.account, limit=own.limit)
        return prepare(mandate, self.history, like=like)

    def beside(self, strategy: Strategy) -> Study:
        """Return the same study of another strategy, over the history of its own universe."""
        from jeoul import api
        from jeoul.pipeline.touching import findings_along

        own = self.mandate
        mandate = api.mandate(strategy, own.profile, own.account, limit=own.limit)
        if mandate.universe is own.universe:
            return replace(self, strategy=strategy, mandate=mandate)
        day = _newest(self.market, strategy, self.end)
        snapshot = self.market.as_of(day, strategy.calendar)
        history = api.history(strategy, snapshot)
        return replace(
            self,
            strategy=strategy,
            mandate=mandate,
            history=history,
            digest=snapshot.digest,
            findings=findings_along(mandate, history, snapshot, self.start),
        )

    def run(self, prepared: Prepared) -> Backtest:
        """Return the backtest over this study's span."""
        from jeoul.backtesting import simulated

        return simulated(prepared, start=self.start, end=self.end)

    def account(self, prepared: Prepared, run: Backtest) -> Beside | None:
        """Return a backtest beside the account that could be had, None where there was none."""
        from jeoul.api.accounts import Accounts
        from jeoul.backtesting.beside import beside
        from jeoul.workspace.kept import user_cache

        accounts = Accounts(self.market.prices, self.digest, cache=user_cache())
        found = accounts.of_prepared(prepared, run)
        return None if found is None else beside(found)


def beside_text(found: Beside | None, study: Study, lang: str) -> Iterator[str]:
    """Yield what a terminal prints of the account beside a model."""
    from jeoul import api
    from jeoul.reporting.beside import beside_lines
    from jeoul.reporting.formats import Formats

    timezone = api.calendars()[study.strategy.calendar].timezone
    return beside_lines(found, Formats(lang, timezone, study.history.currency))


def found_document(found: SortedFindings, lang: str) -> dict[str, Any]:
    """Return findings about the market as JSON values, and how many do not touch the study."""
    from jeoul.reporting.document import finding_document

    touching = [finding_document(finding, lang) for finding in found.touching]
    return {"findings": touching, "other_findings": len(found.aside) + found.older}


def open_study(
    strategy: str,
    profile: str,
    folder: Path | None,
    account: str,
    start: str | None,
    end: str | None,
    lang: str,
    limit: GradeLimit | None = None,
    goal: str | None = None,
) -> Study:
    """Return what the options of a research command name; its span begins and ends on sessions.

    ``limit`` is what the type of an investor may hold, ``goal`` the date of ``--goal``.

    Raises :class:`~jeoul.errors.BadMarketData` where serious findings touch a fund that the
    strategy may hold in the span.
    """
    from jeoul import api
    from jeoul.pipeline.touching import findings_along
    from jeoul.workspace.inputs import dated_strategy
    from jeoul.workspace.kept import user_cache

    asked = read_span(start, end)
    loaded = dated_strategy(strategy, goal)
    span = asked.on(api.calendars()[loaded.calendar], lang)
    mandate = api.mandate(loaded, profile, account, limit=limit)
    market = api.open_market(folder, cache=user_cache())
    last = market.last_session(loaded.calendar)
    seen = last if span.end is None else min(span.end, last)
    snapshot = market.as_of(seen, loaded.calendar)
    history = api.history(loaded, snapshot)
    return Study(
        strategy=loaded,
        mandate=mandate,
        history=history,
        market=market,
        digest=snapshot.digest,
        findings=findings_along(mandate, history, snapshot, span.start),
        start=span.start,
        end=span.end,
    )


def _newest(market: Market, strategy: Strategy, end: date | None) -> date:
    """Return the newest session of a strategy's calendar up to an end that another one knows."""
    import numpy as np

    days = market.sessions(strategy.calendar)
    days = days if end is None else days[days <= np.datetime64(end)]
    if not len(days):
        raise BeyondData(str(end), str(market.last), "choose a later --to")
    found: date = days[-1].astype(object)
    return found
