"""What the page shows of a profile beyond its plain facts: sums, sentences and charts."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from jeoul.model.finding import Finding
from jeoul.reporting.charts.figure import Figure
from jeoul.reporting.charts.rows import BarRow, Piece, colours, row_chart
from jeoul.reporting.facts import (
    AssetClass,
    ProfileFacts,
    ReportFacts,
    Track,
    Transition,
)
from jeoul.reporting.formats import Formats
from jeoul.reporting.frontier_chart import frontier_chart
from jeoul.reporting.history_charts import drawdown_chart, growth_chart
from jeoul.reporting.past_view import Record, record_view
from jeoul.reporting.proof import proof_document, proof_text
from jeoul.reporting.reasons import reason_text
from jeoul.reporting.todays_view import TodayView, today_view, trade_cost
from jeoul.reporting.why import WhyView, why_view


@dataclass(frozen=True, slots=True)
class LogEntry:
    """What the risk control did on one session: sentences, and the scale after it."""

    session: date
    known: datetime
    executed: date | None
    scale: float
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Charts:
    """The charts of a profile, None where there is nothing to draw."""

    weights: Figure
    frontier: Figure | None
    growth: Figure | None
    drawdown: Figure | None


@dataclass(frozen=True, slots=True, eq=False)
class ProfileView:
    """One profile as it is shown; ``trade_cost`` is None if the cost of any order is unknown."""

    facts: ProfileFacts
    today: TodayView
    rules: str
    trade_cost: int | None
    traded: int
    charts: Charts
    later: tuple[Track, ...]
    log: tuple[LogEntry, ...]
    why: WhyView
    proof: str
    record: Record

    @property
    def own(self) -> Track:
        """Return the strategy's own track."""
        return self.facts.tracks[0]


def profile_views(facts: ReportFacts, formats: Formats) -> list[ProfileView]:
    """Return a view of each profile, in the order of the facts."""
    return [_profile(_shown(profile), facts.classes, formats) for profile in facts.profiles]


def _shown(profile: ProfileFacts) -> ProfileFacts:
    """Return a profile; without risk rules there is nothing to compare its allocation with."""
    if profile.overlay.latches:
        return profile
    past = profile.past
    return replace(
        profile,
        tracks=tuple(t for t in profile.tracks if t.key != "static"),
        past=None if past is None else replace(past, held_years=(), held_rolling=None),
    )


def _profile(profile: ProfileFacts, classes: Sequence[AssetClass], formats: Formats) -> ProfileView:
    own = profile.tracks[0]
    return ProfileView(
        facts=profile,
        today=today_view(profile, classes, formats),
        rules=_rules(profile.tracks, formats) if profile.overlay.latches else "",
        trade_cost=trade_cost(profile.orders),
        traded=sum(order.value for order in profile.orders),
        charts=Charts(
            weights=_class_bars(profile, classes, formats),
            frontier=frontier_chart(profile.frontier, formats),
            growth=growth_chart(profile.tracks, profile.overlay, formats),
            drawdown=drawdown_chart(profile.tracks, formats),
        ),
        later=tuple(t for t in profile.tracks[1:] if t.sessions[0] > own.sessions[0]),
        log=_log(profile.overlay.transitions, formats.language),
        proof=""
        if profile.proof is None
        else proof_text(proof_document(profile.proof), formats.language),
        why=why_view(profile.why, _weights(profile), formats.language),
        record=record_view(profile, formats),
    )


def _weights(profile: ProfileFacts) -> dict[str, float]:
    return {position.code: position.weight for position in profile.positions}


def _log(transitions: Sequence[Transition], language: str) -> tuple[LogEntry, ...]:
    """Return the transitions, those of one session together."""
    found = []
    for session, members in groupby(transitions, key=lambda transition: transition.session):
        together = list(members)
        texts = tuple(reason_text(transition.cause, language) for transition in together)
        last = together[-1]
        found.append(
            LogEntry(
                session=session,
                known=last.known,
                executed=last.executed,
                scale=last.scale,
                texts=texts,
            )
        )
    return tuple(found)


def _rules(tracks: Sequence[Track], formats: Formats) -> str:
    """Return how the rules did against holding the same allocation; "" without it."""
    own = tracks[0]
    held = next((track for track in tracks if track.key == "static"), None)
    if held is None or own.cagr is None or held.cagr is None or math.isnan(own.cagr):
        return ""  # there is nothing to say of a year
    return formats.say(
        "report.rules_text",
        {
            "gap": formats.points(own.cagr - held.cagr),
            "own": formats.percent(own.cagr),
            "held": formats.percent(held.cagr),
            "own_fall": formats.percent(own.max_drawdown),
            "held_fall": formats.percent(held.max_drawdown),
        },
    )


def class_weights(profile: ProfileFacts) -> dict[str, float]:
    """Return the weight of each class after the overlay."""
    sums: dict[str, float] = defaultdict(float)
    for position in profile.positions:
        sums[position.asset_class] += position.weight
    return dict(sums)


def _class_risks(profile: ProfileFacts) -> dict[str, float | None]:
    sums: dict[str, float | None] = {}
    for position in profile.positions:
        so_far = sums.get(position.asset_class, 0.0)
        share = position.risk_contribution
        sums[position.asset_class] = None if so_far is None or share is None else so_far + share
    return sums


def _class_bars(profile: ProfileFacts, classes: Sequence[AssetClass], formats: Formats) -> Figure:
    """Return a bar for the weight of each class, with an outline for its share of the risk."""
    weights, risks, styles = class_weights(profile), _class_risks(profile), colours(classes)
    rows = []
    for item in classes:
        if item.key in weights:
            name, weight, risk = (
                item.name.into(formats.language),
                weights[item.key],
                risks[item.key],
            )
            detail: dict[str, object] = {
                "weight": formats.percent(weight),
                "risk": formats.percent(risk),
            }
            figures = formats.say("report.class_figures", detail)
            rows.append(
                BarRow(name, figures, [Piece(styles[item.key], name, weight)], outline=risk)
            )
    return row_chart(formats.say("report.chart_weights"), rows, formats.percent)


def side_by_side(facts: ReportFacts, formats: Formats) -> Figure:
    """Return one bar for each profile, cut into its classes."""
    styles = colours(facts.classes)
    rows = []
    for profile in facts.profiles:
        weights = class_weights(profile)
        pieces = [
            Piece(styles[item.key], item.name.into(formats.language), weights[item.key])
            for item in facts.classes
            if item.key in weights
        ]
        rows.append(BarRow(formats.title(profile.name), "", pieces))
    caption = formats.say("report.chart_profiles")
    return row_chart(caption, rows, formats.percent, inside=whole_percent, whole=1.0)


def whole_percent(weight: float) -> str:
    """Return a weight as it is written into a bar, in whole percent without the sign."""
    return f"{weight * 100:.0f}"


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """All findings of one kind about one subject."""

    subject: str
    serious: bool
    texts: tuple[str, ...]
    first: Finding


def finding_groups(findings: Sequence[Finding], formats: Formats) -> list[FindingGroup]:
    """Return the findings grouped by kind and subject, the serious first."""

    def key(finding: Finding) -> tuple[bool, str, str]:
        return (finding.severity != "serious", finding.kind, finding.subject)

    groups = []
    for (notice, _, subject), members in groupby(sorted(findings, key=lambda f: (*key(f), f)), key):
        found = list(members)
        texts = tuple(f"{f.day.isoformat()}: {formats.say(f.kind, dict(f.detail))}" for f in found)
        groups.append(FindingGroup(subject, not notice, texts, found[0]))
    return groups
