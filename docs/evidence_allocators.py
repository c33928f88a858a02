"""The tables of docs/evidence.md that say what the optimiser is worth."""

from markdown import figure, percent, table

KINDS = {
    "mean-variance": "optimised",
    "strategic": "strategic",
    "min-variance": "minimum variance",
    "risk-parity": "risk parity",
    "equal-weight": "equal weight",
}
MONEY = {"KRW": (100_000_000, "won"), "USD": (100_000, "dollars")}


def profiles(comparisons):
    """Yield each profile that has an optimiser: its name, its currency and what was found."""
    for comparison in comparisons:
        for profile in comparison["profiles"]:
            if profile["allocators"] is not None:
                name = f"{comparison['strategy']} {profile['profile']}"
                yield name, comparison["currency"], profile["allocators"]


def allocators_table(comparisons):
    """Return every way of weighing under the strategy's overlay, against the strategic weights."""
    rows = [
        [f"{name}, {KINDS[way['kind']]}", *cells(way, currency)]
        for name, currency, found in profiles(comparisons)
        for way in found["ways"]
    ]
    head = [
        "", "return", "vol.", "drawdown", "Sharpe", "trades a year", "costs a year",
        "return more", "90 % interval", "Sharpe more", "90 % interval", "t", "verdict",
    ]  # fmt: skip
    return table(head, rows)


def cells(way, currency):
    """Return the figures of one way, and what it is less the strategic weights."""
    own = [
        percent(way["cagr"], 2),
        percent(way["volatility"]),
        percent(way["max_drawdown"]),
        figure(way["sharpe"], 2),
        figure(way["trades"]),
        money(way["cost"], currency),
    ]
    gap = way["against_strategic"]
    if gap is None:
        return own + ["–"] * 6
    (low, high), (least, most) = gap["cagr_interval"], gap["sharpe_interval"]
    return [
        *own,
        percent(gap["cagr"], 2, sign=True),
        f"{percent(low, 2, sign=True)} … {percent(high, 2, sign=True)}",
        figure(gap["sharpe"], 2, sign=True),
        f"{figure(least, 2, sign=True)} … {figure(most, 2, sign=True)}",
        figure(gap["t"], sign=True),
        gap["verdict"],
    ]


def money(share, currency):
    """Return a share of the account that a table speaks of."""
    whole, unit = MONEY[currency]
    step = 1_000 if currency == "KRW" else 1
    return f"{round(whole * share / step) * step:,} {unit}".replace("-", "−")


def tracking_table(comparisons):
    """Return what it takes to follow the strategic weights, optimised and plain."""
    rows = []
    for name, currency, found in profiles(comparisons):
        own, plain = found["tracking"]["optimiser"], found["tracking"]["strategic"]
        row = [
            name,
            percent(own["tracking"], 2),
            figure(own["trades"]),
            money(own["cost"], currency),
        ]
        if plain is None:
            rows.append([*row, *["–"] * 6])
            continue
        rows.append(
            [
                *row,
                f"{plain['calendar']}, {percent(plain['band'], 0)} %",
                percent(plain["tracking"], 2),
                figure(plain["trades"]),
                money(plain["cost"], currency),
                figure(plain["trades"] - own["trades"], sign=True),
                money(plain["cost"] - own["cost"], currency),
            ]
        )
    head = [
        "", "optimised: tracking", "trades", "costs", "plain: calendar, band", "tracking",
        "trades", "costs", "trades saved by the optimiser", "money saved by the optimiser",
    ]  # fmt: skip
    return table(head, rows)


def placebos_table(comparisons):
    """Return how random weights did under the same overlay."""
    rows = []
    for name, _, found in profiles(comparisons):
        random, own = found["random_weights"], found["ways"][0]["sharpe"]
        if random["better"] is not None:
            better = f"{percent(random['better'], 0)} %"
            rows.append([name, figure(own, 2), figure(random["sharpe"], 2), better])
    head = ["", "optimised: Sharpe", "random weights: mean Sharpe", "as good or better"]
    return table(head, rows)
