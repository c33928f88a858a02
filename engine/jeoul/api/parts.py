"""What every verb is made from: calendars, universes, the mandate of an account, its history."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from jeoul.api.given import strategy_of
from jeoul.errors import UsageError
from jeoul.market import assemble
from jeoul.market.calendars import load_calendar
from jeoul.model.calendar import Calendar
from jeoul.model.grade_limit import PROFILE_TYPES, GradeLimit, Mode, OnBreach
from jeoul.model.history import History
from jeoul.model.instrument import AccountKind, Universe, account_kind
from jeoul.model.snapshot import Snapshot
from jeoul.pipeline import Mandate
from jeoul.strategy.schema import Strategy
from jeoul.strategy.tables.profile import PROFILES
from jeoul.strategy.universe import load_universe

if TYPE_CHECKING:
    from jeoul.api.given import StrategyGiven
    from jeoul.profile import Profile


@cache
def calendars() -> Mapping[str, Calendar]:
    """Return the shipped calendars by name.

    >>> sorted(calendars())
    ['XKRX', 'XNYS']
    """
    return {name: load_calendar(name) for name in ("XKRX", "XNYS")}


def universe_of(strategy_universe: str) -> Universe:
    """Return the universe that a loaded strategy names: a shipped one, or that of a file."""
    path = Path(strategy_universe)
    if not path.suffix:
        return _universe(strategy_universe, 0, 0)
    known = path.stat()
    return _universe(strategy_universe, known.st_mtime_ns, known.st_size)


@lru_cache(maxsize=32)
def _universe(name: str, changed: int, size: int) -> Universe:  # noqa: ARG001  a changed file is read again
    """Return a universe, read once for every state of its file."""
    return load_universe(name)


@cache
def _irp_risk_cap() -> float:
    """Return the largest share of an IRP that risk assets may take, by the newest rule table."""
    from jeoul.korea.tables import whole_rules

    return float(whole_rules().rate("irp.risk_cap"))


def mandate(
    strategy: StrategyGiven,
    profile: str | Profile,
    account: AccountKind | str = AccountKind.GENERAL,
    *,
    limit: GradeLimit | None = None,
) -> Mandate:
    """Return what a strategy means for a profile in an account kind.

    ``strategy`` is a loaded one, the name of a shipped one or the path of a file; ``profile`` is a
    name or what :func:`classify` returned; ``account`` is ``general``, ``isa``,
    ``pension_savings``, ``irp`` or ``dc``, in any case. ``limit`` is what the type of an investor
    may hold (:func:`suitable`). Raises
    :class:`~jeoul.errors.UsageError` for a profile or account that the strategy or the law does
    not know, ``none`` among them.

    >>> mandate("managed", "balanced", "irp").risk_cap
    0.7
    """
    strategy = strategy_of(strategy)
    name = profile if isinstance(profile, str) else profile.name
    if name not in strategy.profiles:
        known = ", ".join(p for p in PROFILES if p in strategy.profiles)
        raise UsageError(f"strategy {strategy.name} has no profile {name!r}; use one of {known}")
    kind = account_kind(account)
    cap = _irp_risk_cap() if kind.ruled_as is AccountKind.IRP else None
    return Mandate(
        strategy=strategy,
        profile=name,
        account=kind,
        universe=universe_of(strategy.universe),
        risk_cap=cap,
        limit=limit,
    )


def suitable(
    investor: str,
    *,
    matrix: str = "kiwoom",
    mode: Mode | None = None,
    on_breach: OnBreach = "constrain",
) -> GradeLimit:
    """Return the riskiest product grade that a firm's matrix lets a type of investor hold.

    ``investor`` is a type, ``neutral`` say, or the name of a profile, whose type it then is.
    ``mode`` says what is judged, every ``product`` or the ``portfolio`` by its mean grade; by
    default the newest rule table does. ``on_breach`` takes what is riskier out of weights and
    orders, or only names it. Raises :class:`~jeoul.errors.RuleError` for a type, matrix or mode
    without a rule.

    >>> suitable("balanced", matrix="yuanta").riskiest
    3
    """
    from jeoul.korea.suitability import account_limit
    from jeoul.korea.tables import whole_rules

    kind = PROFILE_TYPES.get(investor, investor)
    book = whole_rules()
    return account_limit(book, kind, matrix=matrix, mode=mode, on_breach=on_breach)


def history(strategy: Strategy, snapshot: Snapshot) -> History:
    """Return the panel of a strategy's universe as a snapshot shows it."""
    return assemble(snapshot, universe_of(strategy.universe), calendars())
