"""The decisions of accounts that ordered something, with what became of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from jeoul.model.portfolio import Reason

if TYPE_CHECKING:
    from jeoul.account.hindsight.found import Hindsight
    from jeoul.account.hindsight.records import HindsightOutcome, LookedBack
    from jeoul.operations.ledger import Ledger
    from jeoul.operations.setup.config import Config


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDecision:
    """A run of an account that ordered something.

    ``scale`` is the share of the risk assets that the risk control left, ``looked`` the decision
    that its trades belong to, None where nothing was traded.
    """

    account: str
    currency: str
    run_id: str
    session: date
    reasons: tuple[Reason, ...]
    scale: float
    sells: int
    buys: int
    looked: LookedBack | None = None

    @property
    def completes(self) -> date | None:
        """Return the session of the earlier decision that the run completes, None for its own."""
        decision = None if self.looked is None else self.looked.decision
        return None if decision is None or decision.runs[0] == self.run_id else decision.session

    @property
    def outcomes(self) -> Mapping[int, HindsightOutcome]:
        """Return what the decision came to by days, at the first of its runs."""
        looked = self.looked
        return {} if looked is None or self.completes is not None else looked.outcomes


def past_decisions(
    configs: Mapping[str, Config], reviews: Mapping[str, Hindsight]
) -> tuple[PastDecision, ...]:
    """Return the decisions of accounts by id, the newest first; ``reviews`` have their outcomes.

    An account without a ledger has none.
    """
    from jeoul.operations.ledger import has_ledger, in_words, ledger_of

    found: list[PastDecision] = []
    for account, config in configs.items():
        if has_ledger(config):
            with in_words(config), closing(ledger_of(config)) as ledger:
                found += _of_ledger(ledger, account, _by_run(reviews.get(account)))
    return tuple(sorted(found, key=lambda each: each.session, reverse=True))


def _by_run(review: Hindsight | None) -> dict[str, LookedBack]:
    looked = () if review is None else review.decisions
    return {run: each for each in looked for run in each.decision.runs}


def _of_ledger(
    ledger: Ledger, account: str, looked: Mapping[str, LookedBack]
) -> Iterator[PastDecision]:
    for row in reversed(ledger.rows(_RUNS)):
        yield PastDecision(
            account=account,
            currency=row["currency"] or "KRW",
            run_id=row["run_id"],
            session=date.fromisoformat(row["session"]),
            reasons=tuple(
                Reason(kind, tuple((key, text) for key, text in detail))
                for kind, detail in json.loads(row["reasons"])
            ),
            scale=1.0 if row["scale"] is None else float(row["scale"]),
            sells=row["sells"],
            buys=row["buys"],
            looked=looked.get(row["run_id"]),
        )


_RUNS = (
    "SELECT run_id, session, json_extract(plan, '$.reasons') AS reasons, "
    "json_extract(plan, '$.scale') AS scale, json_extract(plan, '$.currency') AS currency, "
    "(SELECT COUNT(*) FROM intents i WHERE i.run_id = r.run_id AND side = 'SELL') AS sells, "
    "(SELECT COUNT(*) FROM intents i WHERE i.run_id = r.run_id AND side = 'BUY') AS buys "
    "FROM runs r WHERE run_id IN (SELECT run_id FROM intents) ORDER BY seq"
)
