"""Write the tables of docs/momentum.md: the presets on a market folder, beside published figures.

python docs/make_momentum.py DIR
"""

import re
import sys
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
from figures import keep

from jeoul import api, assets, metrics
from jeoul.backtesting import of_model, summarise
from jeoul.pipeline import run_model
from jeoul.research.evidence import gap
from jeoul.research.evidence_strategies import without_optimiser
from jeoul.research.judgement import as_trial, judge
from jeoul.research.ledger import TrialLedger
from jeoul.strategy.load import find_strategy, load_strategy

PAGE = Path(__file__).parent / "momentum.md"
MOMENTUM = ("dual-momentum", "vaa", "baa", "laa")
WEATHER = ("k-all-weather", "k-all-weather-bonds")
PROFILE, SEED = "balanced", 1
PRINTED = {  # the month after the rule was published
    "dual-momentum": date(2014, 12, 1),
    "vaa": date(2017, 8, 1),
    "baa": date(2022, 8, 1),
    "laa": date(2020, 1, 1),
}
LISTS = {  # what the papers hold and us-core lacks
    "vaa": {
        'defensive = ["treasury_1_3y", "treasury_7_10y", "aggregate"]': (
            'defensive = ["treasury_1_3y", "treasury_7_10y", "corporate"]'
        )
    },
    "baa": {
        'defensive     = ["bills", "treasury_7_10y", "treasury_20y", "aggregate"]': (
            'defensive     = ["bills", "treasury_7_10y", "treasury_20y", "aggregate", '
            '"corporate", "linkers", "commodities"]'
        )
    },
}
MEMBERS = """
[members.corporate]
class = "us_bond"
codes = ["LQD"]

[members.linkers]
class = "us_bond"
codes = ["TIP"]

[members.commodities]
class = "commodities"
codes = ["DBC"]
"""


def figure(value, digits=1, *, sign=False):
    return f"{value:{'+' if sign else ''}.{digits}f}".replace("-", "\u2212")


def percent(value, digits=1, *, sign=False):
    return figure(100.0 * value, digits, sign=sign)


def table(head, rows):
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


class Study:
    """Runs over one folder, all written into one ledger of trials."""

    def __init__(self, folder, ledger):
        self.market, self.ledger = api.open_market(folder), ledger
        self.histories = {}

    def snapshot(self, calendar):
        return self.market.as_of(self.market.last_session(calendar), calendar)

    def model(self, strategy):
        key = strategy.universe, strategy.calendar
        if key not in self.histories:
            self.histories[key] = api.history(strategy, self.snapshot(strategy.calendar))
        return run_model(api.mandate(strategy, PROFILE), self.histories[key])

    def run(self, strategy, start=None, end=None):
        told = of_model(self.model(strategy), start=start, end=end)
        self.ledger.record([as_trial(told, self.snapshot(strategy.calendar).digest)])
        return told

    def worth(self, told):
        return judge(told, self.snapshot(told.mandate.strategy.calendar).digest, self.ledger)

    def other_currency(self, told):
        """Return the unit values in the other currency, at the rate known at each close."""
        strategy = told.mandate.strategy
        calendar = api.calendars()[strategy.calendar]
        first = calendar.index(told.start)
        closes = calendar.closes[first : first + len(told.sessions)]
        rate = self.snapshot(strategy.calendar).series["usdkrw"].at(closes)
        found = told.nav * rate if strategy.calendar == "XNYS" else told.nav / rate
        return found / found[0]


def lines_of(study, names):
    """Return rows in dollars and in won, and the differences from plain holding."""
    runs = {name: study.run(load_strategy(name)) for name in names}
    plain = {
        name: study.run(without_optimiser(load_strategy(name)), start=told.start)
        for name, told in runs.items()
    }
    figures, apart = [], []
    for name, told in runs.items():
        own = "dollars" if told.history.currency == "USD" else "won"
        other = "won" if own == "dollars" else "dollars"
        found = summarise(told)
        nav = study.other_currency(told)
        worth = study.worth(told)
        figures.append(
            [
                f"{name}, {own}",
                percent(found.cagr),
                percent(found.volatility),
                percent(found.max_drawdown),
                figure(found.sharpe, 2),
                figure(found.turnover, 2),
                percent(worth.deflated_sharpe, 0),
                figure(worth.haircut_sharpe, 2),
                f"{told.start} to {told.end}",
            ]
        )
        figures.append(
            [
                f"{name}, {other}",
                percent(metrics.growth_rate(told.sessions, nav)),
                percent(metrics.volatility(nav, told.sessions_per_year)),
                percent(metrics.max_drawdown(nav)),
                *["\u2013"] * 4,
                "the same",
            ]
        )
        if name in MOMENTUM:
            apart.append(against_plain(name, told, plain[name]))
    return figures, apart


def against_plain(name, told, plain):
    found, held = gap(told, plain, seed=SEED), summarise(plain)
    low, high = found.cagr_interval.low, found.cagr_interval.high
    return [
        name,
        percent(held.cagr),
        percent(held.max_drawdown),
        percent(found.cagr, 2, sign=True),
        f"{percent(low, sign=True)} \u2026 {percent(high, sign=True)}",
        percent(found.drawdown, sign=True),
        figure(found.t, sign=True),
        found.verdict,
    ]


def since(study):
    """Return each preset and its plain holding from the month after publication on."""
    rows = []
    for name, start in PRINTED.items():
        told = study.run(load_strategy(name), start=start)
        plain = study.run(without_optimiser(load_strategy(name)), start=told.start)
        rows.append([name, three(days(told)), three(days(plain)), str(told.start)])
    return rows


def defensive(study, name, start=None):
    """Return the share of months in which a preset was defensive."""
    made = study.model(load_strategy(name)).allocations.values()
    history = study.model(load_strategy(name)).history
    kept = [each for each in made if start is None or history.day(each.row) >= start]
    return float(np.mean([not each.choice.offensive for each in kept]))


def monthly_figures(told):
    """Return growth, volatility and deepest fall by month ends, as papers print them."""
    months = np.append(told.sessions, told.history.executed[-1]).astype("datetime64[M]")
    ends = np.flatnonzero(months[1:] != months[:-1])
    nav = told.nav[ends]
    returns = nav[1:] / nav[:-1] - 1.0
    return (
        float((nav[-1] / nav[0]) ** (12.0 / len(returns)) - 1.0),
        float(returns.std(ddof=1) * np.sqrt(12.0)),
        metrics.max_drawdown(nav),
    )


def three(found):
    return f"{percent(found[0])} / {percent(found[1])} / {percent(found[2])}"


def published(study):
    gem = study.run(load_strategy("dual-momentum"))
    until = study.run(load_strategy("dual-momentum"), end=date(2013, 12, 31))
    vaa = study.run(load_strategy("vaa"))
    laa = study.run(load_strategy("laa"), start=date(2007, 1, 3))
    daily = summarise(laa)
    own = (daily.cagr, daily.volatility, daily.max_drawdown)
    share = {name: percent(defensive(study, name), 0) for name in MOMENTUM}
    return [
        [
            "GEM: return / volatility / fall, by month",
            "17.4 / 12.6 / \u221222.7 (1974\u20132013)",
            f"{three(monthly_figures(until))} (to 2013), {three(monthly_figures(gem))} (to 2024)",
            "Antonacci (2014), as printed at severianasset.com (2015-08-02)",
        ],
        ["GEM: months in bonds", "28 %", f"{share['dual-momentum']} %", "portfoliodb.co"],
        [
            "VAA-G4: the same, by month",
            "16.8 / 12.4 / \u221216.9 (from 1970)",
            f"{three(monthly_figures(vaa))} (2004\u20132024)",
            "portfoliodb.co",
        ],
        [
            "VAA-G4: last ten years, a year",
            "4.1 %",
            f"{percent(last_ten(study, 'vaa'))} %",
            "portfoliodb.co, read in a stored copy without a date",
        ],
        [
            "VAA-G4: months out of the market",
            "often more than 50 %",
            f"{share['vaa']} %",
            "Keller and Keuning (2017), summary",
        ],
        [
            "BAA-G4: months that are defensive",
            "about 60 %",
            f"{share['baa']} %",
            "quantist.co.kr/baa_pages",
        ],
        [
            "LAA: return / volatility / fall, by day, from 2007-01-03",
            "9.7 / 9.2 / \u221219.5 (to 2024-10-28)",
            f"{three(own)} (to 2024-06-28)",
            "quantreturns.com, with IWD",
        ],
        [
            "LAA: months that are defensive",
            "less than 15 %",
            f"{share['laa']} %",
            "Keller (2019), abstract",
        ],
    ]


def last_ten(study, name):
    found = study.run(load_strategy(name), start=date(2014, 6, 30))
    return summarise(found).cagr


def substitutes(study):
    """Return the presets with the lists of the papers, over the same span as with those shipped."""
    rows = []
    with tempfile.TemporaryDirectory() as place:
        text = (assets.root() / "data" / "universes" / "us-core.toml").read_text("utf-8")
        text = text.replace('name     = "us-core"', 'name     = "us-paper"', 1)
        text = text.replace('"cash_like"]', '"cash_like", "commodities"]', 1)
        text = text.replace("[instruments.SPY]", MEMBERS + "\n[instruments.SPY]", 1)
        (Path(place) / "us-paper.toml").write_text(text, "utf-8")
        for name, changes in LISTS.items():
            own = find_strategy(name).read_text("utf-8")
            own = own.replace('universe = "us-core"', 'universe = "us-paper.toml"')
            for old, new in changes.items():
                assert old in own, old
                own = own.replace(old, new)
            if name == "baa":
                own = own.replace("us_bond = 0.5,", "us_bond = 0.45, commodities = 0.05,")
            file = Path(place) / f"{name}.toml"
            file.write_text(own, "utf-8")
            there = study.run(load_strategy(str(file)))
            here = study.run(load_strategy(name), start=there.start)
            rows += [
                [f"{name}, lists of the paper", three(days(there)), str(there.start)],
                [f"{name}, as shipped", three(days(here)), str(here.start)],
            ]
    return rows


def days(told):
    found = summarise(told)
    return found.cagr, found.volatility, found.max_drawdown


def filled(page, parts):
    for name, text in parts.items():
        pattern = rf"(<!-- {name} -->\n\n).*?(\n\n<!-- end -->)"
        assert re.search(pattern, page, re.S), name
        page = re.sub(pattern, lambda m, text=text: m[1] + text + m[2], page, flags=re.S)
    return page


def main(folder):
    with tempfile.TemporaryDirectory() as place:
        ledger = TrialLedger(Path(place) / "trials.db")
        study = Study(folder, ledger)
        papers, lists, later = published(study), substitutes(study), since(study)
        for name in (*MOMENTUM, *WEATHER):  # counted before any of them is judged
            told = study.run(load_strategy(name))
            study.run(without_optimiser(load_strategy(name)), start=told.start)
        figures, apart = lines_of(study, (*MOMENTUM, *WEATHER))
        trials = f"{ledger.tried().trials} trials are counted in these tables."
    head = ["", "return", "vol.", "drawdown", "Sharpe", "turnover", "deflated Sharpe, %",
            "haircut Sharpe", "span"]  # fmt: skip
    plain = ["", "plain: return", "plain: drawdown", "return more", "90 % interval",
             "drawdown saved", "t", "verdict"]  # fmt: skip
    parts = {
        "figures": table(head, figures) + "\n\n" + trials,
        "plain": table(plain, apart),
        "since": table(
            ["", "rule: return / volatility / drawdown", "plain holding", "from"], later
        ),
        "published": table(["", "published", "here", "where"], papers),
        "lists": table(["", "return / volatility / drawdown", "from"], lists),
    }
    PAGE.write_text(filled(PAGE.read_text("utf-8"), parts), "utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1])
    keep()
