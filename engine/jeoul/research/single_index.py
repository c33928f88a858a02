"""One price index held alone: a check of the rules on a history on which none was made."""

from __future__ import annotations

from datetime import date

from jeoul.model.instrument import AccountKind, Instrument, Member, Proxy, ProxyKind, Universe
from jeoul.pipeline.mandate import Mandate
from jeoul.strategy.schema import Strategy
from jeoul.strategy.tables.allocate import Strategic
from jeoul.strategy.tables.estimate import EstimateRules
from jeoul.strategy.tables.overlay import OverlayRules
from jeoul.strategy.tables.profile import ProfileRules

KOREA = (date(1996, 1, 1), date(2006, 12, 31))


def alone(series: str, like: Strategy, profile: str) -> tuple[Strategy, Mandate]:
    """Return a strategy that holds one series of the market folder, with another's overlay.

    The whole pipeline runs: the rules of ``like``, the loss limit of ``profile``, its costs. What
    is cut becomes cash at the policy rate, and nothing where no rate is known. The series has no
    dividends, so that returns are too low, of the rules and of holding alike.
    """
    universe = _universe(series)
    overlay = like.overlay
    assert overlay is not None
    own = like.profiles[profile]  # type: ignore[index]
    rules = ProfileRules(classes={"equity": 1.0}, loss_limit=own.loss_limit)
    strategy = like.model_copy(
        update={
            "name": series,
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
    index = Instrument(
        code=code,
        name_ko=code,
        name_en=code,
        listing="XKRX",
        currency="KRW",
        asset_class="equity",
        exposure_currency="KRW",
        hedged=False,
        expense_ratio=None,
        risk_grade=None,
        listed=None,
        tax_kind="kr_equity_etf",
        irp="risk",
        accounts=frozenset(AccountKind),
    )
    proxy = Proxy(kind=ProxyKind.SERIES, column=series)
    member = Member(
        name=series, asset_class="equity", codes=(code,), reference=1.0, proxies=(proxy,)
    )
    return Universe(
        name=f"{series}-alone",
        calendar="XKRX",
        currency="KRW",
        members=(member,),
        instruments={code: index},
        classes=("equity", "cash_like"),
    )
