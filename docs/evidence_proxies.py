"""The tables of docs/evidence.md that say what the proxies flatter."""

from markdown import percent, table


def proxies_table(comparisons):
    """Return how much more each member's proxies earned than its funds, and what is left."""
    rows = [
        [
            f"{comparison['strategy']}, {gap['member']}",
            gap["start"],
            str(gap["months"]),
            percent(gap["before"], 2, sign=True),
            percent(-gap["taken"], 2, sign=True),
            percent(gap["more"], 2, sign=True),
            percent(gap["error"], 2),
            percent(comparison["proxies"]["profiles"]["balanced"]["weights"].get(gap["member"], 0)),
        ]
        for comparison in comparisons
        for gap in comparison["proxies"]["members"]
    ]
    head = [
        "", "both known from", "months", "proxy more, points a year", "taken off",
        "left", "standard error", "in proxies, balanced, %",
    ]  # fmt: skip
    return table(head, rows)


def proxy_sums_table(comparisons):
    """Return what was taken off the proxies of each profile's model, and what they still add."""
    rows = [
        [
            f"{comparison['strategy']} {profile}",
            percent(sum(found["weights"].values())),
            percent(found["unknown"]),
            percent(-found["taken"], 2, sign=True),
            percent(found["more"], 2, sign=True),
            percent(found["error"], 2),
        ]
        for comparison in comparisons
        for profile, found in comparison["proxies"]["profiles"].items()
    ]
    head = [
        "", "in proxies, %", "of it without an overlap", "taken off, points a year",
        "left, points a year", "standard error",
    ]  # fmt: skip
    return table(head, rows)
