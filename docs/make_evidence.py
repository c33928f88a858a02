"""Write what `jeoul evidence --json` found into its page, both READMEs and data/insurances.toml.

    jeoul evidence --data DIR --json | python docs/make_evidence.py
    jeoul evidence managed-us --data DIR --from 2008-01-01 --to 2023-12-31 --json |
        python docs/make_evidence.py us-2008-2023

With names, only those tables are written, and nothing else.
"""

import json
import re
import sys
from pathlib import Path

from evidence_allocators import allocators_table, placebos_table, tracking_table
from evidence_proxies import proxies_table, proxy_sums_table
from figures import keep
from markdown import figure, percent, table

DOCUMENT = Path(__file__).parent / "evidence.md"
ROOT = Path(__file__).parents[1]
DATA = ROOT / "data" / "insurances.toml"
CHOICES = {"strong": "default", "light": "light"}
KEPT = ("largest", "2008", "2020")
HEAD = (
    "way", "return", "vol.", "drawdown", "Sharpe", "turnover", "exposure", "whipsaw",
    "return at same exposure", "90 % interval", "drawdown saved at same exposure",
    "P(smaller fall)", "t", "verdict", "saved per point",
)  # fmt: skip
FREE = 100.0


def ways_table(ways):
    return table(HEAD, [way_row(way) for way in ways])


def way_row(way):
    row = [
        way["way"],
        percent(way["cagr"]),
        percent(way["volatility"]),
        percent(way["max_drawdown"]),
        figure(way["sharpe"], 2),
        figure(way["turnover"], 2),
        figure(way["exposure"], 2),
    ]
    less = way["less_risk"]
    if less is None:
        return row + ["–"] * 8
    low, high = less["cagr_interval"]
    return [
        *row,
        f"{way['whipsaws']}/{way['episodes']}",
        percent(less["cagr"], 2, sign=True),
        f"{percent(low, sign=True)} … {percent(high, sign=True)}",
        percent(less["max_drawdown"], sign=True),
        figure(less["smaller_fall"], 2),
        figure(less["t"], sign=True),
        less["verdict"],
        price(way["price"], free=way["free"]),
    ]


def price(value, *, free=False):
    if free or (value or 0.0) > FREE:
        return "free"
    return "–" if value is None else figure(value)


def profile_tables(comparison):
    parts = []
    for profile in comparison["profiles"]:
        first = profile["ways"][0]
        parts.append(f"**{profile['profile']}**, {first['from']} to {first['to']}")
        parts.append(ways_table(profile["ways"]))
    return "\n\n".join(parts)


def crises_table(comparison):
    ways = comparison["profiles"][-1]["ways"]
    rows = [
        [way["way"]]
        + [
            f"{percent(c['return'], sign=True)} / {percent(c['max_drawdown'])}"
            for c in way["crises"].values()
        ]
        for way in ways
    ]
    return table(["way", *ways[0]["crises"]], rows)


def step_table(comparisons):
    rows = []
    for comparison in comparisons:
        for profile in comparison["profiles"]:
            if profile["step_down"] is None:
                continue
            by_name = {way["way"]: way for way in profile["ways"]}
            rows.append(
                [
                    f"{comparison['strategy']} {profile['profile']}",
                    price(profile["step_down"]),
                    price(by_name["literal"]["price"], free=by_name["literal"]["free"]),
                    price(by_name["default"]["price"], free=by_name["default"]["free"]),
                ]
            )
    return table(["", "one profile lower", "literal rule", "default"], rows)


def optimiser_table(comparisons):
    rows = []
    for comparison in comparisons:
        for profile in comparison["profiles"]:
            gap = profile["optimiser"]
            low, high = gap["cagr_interval"]
            rows.append(
                [
                    f"{comparison['strategy']} {profile['profile']}",
                    percent(gap["cagr"], 2, sign=True),
                    f"{percent(low, 2, sign=True)} … {percent(high, 2, sign=True)}",
                    percent(gap["volatility"], sign=True),
                    percent(gap["max_drawdown"], sign=True),
                    figure(gap["t"], sign=True),
                    gap["verdict"],
                ]
            )
    head = ["", "return", "90 % interval", "volatility", "drawdown saved", "t", "verdict"]
    return table(head, rows)


def fall_table(comparison):
    rows = []
    for profile in comparison["profiles"]:
        static, default = (
            next(way for way in profile["ways"] if way["way"] == name)
            for name in ("static", "default")
        )
        rows.append(
            [
                profile["profile"],
                f"{percent(static['cagr'], 2)} / {percent(static['max_drawdown'])}",
                f"{percent(default['cagr'], 2)} / {percent(default['max_drawdown'])}",
                figure(default["max_drawdown"] / static["max_drawdown"], 2),
                percent(default["cagr"] - static["cagr"], 2, sign=True),
            ]
        )
    head = ["profile", "static: return / drawdown", "default", "drawdown ratio", "return less"]
    return table(head, rows)


PARTS = ("funds", "shares", "cash", "costs")


def points(value):
    """Return a difference in points, without the sign of a zero."""
    return percent(round(value, 3) + 0.0, sign=True).replace("+0.0", "0.0")


def accounts_table(comparisons):
    """Return the model beside the account that could be had, and what each part comes to."""
    rows = []
    for comparison in comparisons:
        for profile in comparison["profiles"]:
            for way, found in profile["accounts"].items():
                if found is None:
                    continue
                model, account = found["model"], found["account"]
                parts = {part["part"]: part for part in found["parts"]}
                rows.append(
                    [
                        f"{comparison['strategy']} {profile['profile']}, {way}",
                        found["from"],
                        f"{percent(model['cagr'])} / {percent(model['max_drawdown'])}",
                        f"{percent(account['cagr'])} / {percent(account['max_drawdown'])}",
                        f"{percent(found['proxy_share'], 0)} %",
                        *(
                            f"{points(parts[part]['cagr'])} / {points(parts[part]['max_drawdown'])}"
                            for part in PARTS
                        ),
                    ]
                )
    head = [
        "", "from", "model: return / drawdown", "account", "model on proxies",
        "funds not listed", "whole shares", "cash", "costs",
    ]  # fmt: skip
    return table(head, rows)


def insurances_table(rows):
    head = [
        "way", "given up, points a year", "of the default's",
        "saving kept: largest fall", *KEPT[1:], "six quick recoveries",
    ]  # fmt: skip
    lines = [
        [
            row["way"],
            percent(row["given_up"], 2),
            f"{percent(row['share'], 0)} %",
            *(percent(row["kept"][fall], 0) for fall in KEPT),
            percent(row["recoveries"], 2, sign=True),
        ]
        for row in rows
    ]
    return table(head, lines)


def choices(profile):
    """Return what each choice gave up and saved, as fractions with their intervals."""
    by_name = {way["way"]: way for way in profile["ways"]}
    found = {}
    for choice, name in CHOICES.items():
        way = by_name[name]
        less, (low, high) = way["static"], way["static"]["cagr_interval"]
        found[choice] = {
            "gave_up": [-less["cagr"], -high, -low],
            "saved": [less["max_drawdown"], *way["saved_interval"]],
        }
    return found


def choice_table(comparisons):
    def money(figures):
        value, low, high = (f"{round(share / 1e-4):,}".replace("-", "−") for share in figures)
        return f"{value} ({low} … {high})"

    rows = []
    for comparison in comparisons:
        for profile in comparison["profiles"]:
            fall = -profile["ways"][0]["max_drawdown"]
            cells = [
                money(figures) for way in choices(profile).values() for figures in way.values()
            ]
            rows.append(
                [f"{comparison['strategy']} {profile['profile']}", f"{fall / 1e-4:,.0f}", *cells]
            )
    head = [
        "", "holding: deepest fall", "strong: gave up a year", "strong: saved at the deepest fall",
        "light: gave up a year", "light: saved at the deepest fall",
    ]  # fmt: skip
    return table(head, rows)


def readme_table(comparison, lang):
    """Return what holding 100 million won in the balanced profile would have come to, and both."""
    profile = next(p for p in comparison["profiles"] if p["profile"] == "balanced")
    names = {"strong": "`managed`", "light": "`managed-light`"}
    step, unit = (1, "만 원") if lang == "ko" else (10_000, " won")

    def money(value, *ends):
        first, *rest = (f"{round(v * 10_000) * step:,}".replace("-", "−") for v in (value, *ends))
        return f"{first}{unit}" + (f" ({rest[0]} … {rest[1]})" if rest else "")

    rows = [
        [names[choice], money(*figures["gave_up"]), money(*figures["saved"])]
        for choice, figures in choices(profile).items()
    ]
    holding = profile["ways"][0]
    fall = money(-holding["max_drawdown"])
    span = f"{holding['from']} ~ {holding['to']}"
    if lang == "ko":
        rows.append(["`static`", "–", f"가장 큰 하락 때 {fall} 줄어듦"])
        return table([span, "연 덜 번 금액", "가장 큰 하락에서 덜 잃은 금액"], rows)
    rows.append(["`static`", "–", f"the deepest fall was {fall}"])
    return table([span, "gave up a year", "saved at the deepest fall"], rows)


def data_text(comparisons):
    lines = [
        "# What the two insurances gave up a year and saved at the deepest fall, against simply",
        "# holding the same allocation: shares of the money, with the ends of the 90 % interval.",
        "# `jeoul evidence --data DIR --json | python docs/make_evidence.py` writes this file;",
        "# docs/evidence.md explains the figures.",
    ]
    for comparison in comparisons:
        for profile in comparison["profiles"]:
            holding = profile["ways"][0]
            lines += [
                "",
                f"[{comparison['currency']}.{profile['profile']}]",
                f"from = {holding['from']}",
                f"to   = {holding['to']}",
                f"fall = {-holding['max_drawdown']:.4f}",
            ]
            for choice, figures in choices(profile).items():
                inner = ", ".join(
                    f"{key} = [{', '.join(f'{round(value, 4) + 0.0:.4f}' for value in values)}]"
                    for key, values in figures.items()
                )
                lines.append(f"{choice} = {{ {inner} }}")
    return "\n".join(lines) + "\n"


def tables(found):
    comparisons = found["tables"]
    made = {}
    for comparison in comparisons:
        made[comparison["strategy"]] = profile_tables(comparison)
        made[f"{comparison['strategy']}-crises"] = crises_table(comparison)
        made[f"{comparison['currency'].lower()[:2]}-2008-2023"] = fall_table(comparison)
    made["step-down"] = step_table(comparisons)
    made["optimiser"] = optimiser_table(comparisons)
    made["allocators"] = allocators_table(comparisons)
    made["tracking"] = tracking_table(comparisons)
    made["proxies"] = proxies_table(comparisons)
    made["proxy-sums"] = proxy_sums_table(comparisons)
    made["placebos"] = placebos_table(comparisons)
    made["insurances"] = insurances_table(found["insurances"])
    made["accounts"] = accounts_table(comparisons)
    made["choice"] = choice_table(comparisons)
    if found["korea"] is not None:
        made["korea"] = ways_table(found["korea"])
    if found["korea_bonds"] is not None:
        made["korea-bonds"] = ways_table(found["korea_bonds"])
    if found["korea_volatility"]["ways"] is not None:
        made["korea-volatility"] = ways_table(found["korea_volatility"]["ways"])
    return made


def write(made, names):
    fill(DOCUMENT, {n: made[n] for n in names or made if names or not n.endswith("-2008-2023")})


def fill(document, made):
    text = document.read_text("utf-8")
    for name in made:
        pattern = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
        text, count = re.subn(
            pattern, lambda m, n=name: f"{m[1]}\n{made[n]}\n\n{m[2]}", text, flags=re.S
        )
        if count != 1:
            sys.exit(f"{document.name} has no place for table {name}")
    document.write_text(text, "utf-8")


if __name__ == "__main__":
    report = json.load(sys.stdin)
    if report["simulated"]:
        sys.exit("these figures are of simulated data: give a real market folder")
    write(tables(report), sys.argv[1:])
    if not sys.argv[1:]:
        DATA.write_text(data_text(report["tables"]), "utf-8")
        won = next(t for t in report["tables"] if t["currency"] == "KRW")
        for readme, lang in (("README.md", "en"), ("README.ko.md", "ko")):
            fill(ROOT / readme, {"insurances": readme_table(won, lang)})
    keep()
