"""One price index held alone: a check of the rules on a history on which none was made."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np

from jeoul.model.history import History, Origin
from jeoul.model.instrument import AccountKind, Instrument, Member, Proxy, ProxyKind, Universe
from jeoul.pipeline.mandate import Mandate
from jeoul.strategy.schema import Strategy
from jeoul.strategy.tables.allocate import Strategic
from jeoul.strategy.tables.estimate import EstimateRules
from jeoul.strategy.tables.overlay import OverlayRules
from jeoul.strategy.tables.profile import ProfileRules

KOREA = (date(1996, 1, 1), date(2006, 12, 31))
BONDS = "bonds"
MATURITY = 5.0  # years of the bonds beside an index


def alone(series: str, like: Strategy, profile: str) -> tuple[Strategy, Mandate]:
    """Return a strategy that holds one series of the market folder, with another's overlay.

    The whole pipeline runs: the rules of ``like``, the loss limit of ``profile``, its costs. What
    is cut becomes cash at the policy rate, and nothing where no rate is known. The series has no
    dividends, so that returns are too low, of the rules and of holding alike.
    """
    return _over_series(_universe(series), {"equity": 1.0}, like, profile)


def with_bonds(series: str, rate: str, like: Strategy, profile: str) -> tuple[Strategy, Mandate]:
    """Return a strategy of half one series and half bonds at a yield, otherwise like :func:`alone`.

    Bonds are par bonds of five years at the yield ``rate``. Before it is known nothing
    can be invested, unless :func:`bonds_from_cash` puts cash in their place.
    """
    proxy = Proxy(kind=ProxyKind.PAR_BOND, column=rate, maturity=MATURITY)
    bonds = Member(
        name=BONDS, asset_class="bond", codes=(rate.upper(),), reference=0.5, proxies=(proxy,)
    )
    index = _universe(series)
    (shares,) = index.members
    universe = replace(
        index,
        name=f"{series}-and-bonds",
        members=(replace(shares, reference=0.5), bonds),
        instruments={
            **index.instruments,
            rate.upper(): _index(rate.upper(), "bond", "krx_other_etf", irp="safe"),
        },
        classes=("equity", "bond", "cash_like"),
    )
    return _over_series(universe, {"equity": 0.5, "bond": 0.5}, like, profile)


def bonds_from_cash(history: History) -> History:
    """Return a history of :func:`with_bonds` in which bonds are cash before their yield is known.

    Cash earns the policy rate, and nothing before that is known.
    """
    place = history.members.index(BONDS)
    known = np.flatnonzero(np.isfinite(history.level[:, place]))
    if len(known) == 0:
        return history
    first = int(known[0])
    cash = np.cumprod(1.0 + np.nan_to_num(history.cash_rate))
    level, returns, origin = history.level.copy(), history.returns.copy(), history.origin.copy()
    level[:first, place] = level[first, place] * cash[:first] / cash[first]
    returns[1 : first + 1, place] = level[1 : first + 1, place] / level[:first, place] - 1.0
    origin[1 : first + 1, place] = Origin.PROXY
    return replace(history, level=level, returns=returns, origin=origin)


def _over_series(
    universe: Universe, classes: dict[str, float], like: Strategy, profile: str
) -> tuple[Strategy, Mandate]:
    overlay = like.overlay
    assert overlay is not None
    own = like.profiles[profile]  # type: ignore[index]
    rules = ProfileRules(classes=classes, loss_limit=own.loss_limit)
    strategy = like.model_copy(
        update={
            "name": universe.members[0].name,
            "universe": universe.name,
            "estimate": EstimateRules(lookback=252, min_history=20),
            "allocate": Strategic(kind="strategic"),
            "profiles": {profile: rules},
            "overlay": _over(overlay),
            "rebalance": like.rebalance.model_copy(update={"cash": 0.0}),
        }
    )
    return strategy, Mandate(strategy, profile, AccountKind.GENERAL, universe)


def _over(overlay: OverlayRules) -> OverlayRules:
    return overlay.model_copy(
        update={"risk_classes": ["equity"], "refuge": {"cash_like": 1.0}, "watch": {}}
    )


def _universe(series: str) -> Universe:
    code = series.upper()
    proxy = Proxy(kind=ProxyKind.SERIES, column=series)
    member = Member(
        name=series, asset_class="equity", codes=(code,), reference=1.0, proxies=(proxy,)
    )
    return Universe(
        name=f"{series}-alone",
        calendar="XKRX",
        currency="KRW",
        members=(member,),
        instruments={code: _index(code, "equity", "kr_equity_etf", irp="risk")},
        classes=("equity", "cash_like"),
    )


def _index(code: str, asset_class: str, tax_kind: str, *, irp: str) -> Instrument:
    """Return a series as an instrument that can be held and has no facts of its own."""
    return Instrument(
        code=code,
        name_ko=code,
        name_en=code,
        listing="XKRX",
        currency="KRW",
        asset_class=asset_class,
        exposure_currency="KRW",
        hedged=False,
        expense_ratio=None,
        risk_grade=None,
        listed=None,
        tax_kind=tax_kind,
        irp=irp,
        accounts=frozenset(AccountKind),
    )
