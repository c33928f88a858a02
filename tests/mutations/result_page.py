"""The page that says how many faults the tests notice."""

from __future__ import annotations

from collections.abc import Mapping

PAGE = """# Faults that the tests notice

A suite that passes says little about the faults that it would miss. `tests/mutations/draw.py`
draws small faults by chance from the packages that decide about money, puts one at a time into a
copy of the engine, and runs the tests that call the changed function. A fault that no test notices
is a *survivor*.

The operators are fixed: a comparison changes (`<` to `<=`), a sign changes, a whole number moves
by one, a term of a sum, condition, minimum or maximum is left out, a call is left out. Annotations,
error texts, assertions and `__all__` are not changed.

## Result

Seed {seed}, {tried} faults, {day}, sources `{digest}`:

{table}

A fault is *equivalent* if the engine does the same with it and without it. Each one is listed in
`tests/mutations/equivalent.toml` with a reason that a test runs. Faults that end in a timeout
count as killed.

The last column is the share that was killed when the draw was tried first. Where it is below the
one before it, tests have been written since for what was missed, and another seed comes closer to
it.

## Draw again

```sh not-run
python tests/mutations/draw.py --seed {seed} --count {count} --report docs/mutations.md
```

The same seed draws the same faults from the same sources. The command keeps what it has found and
goes on from there when it is run again; `--again` repeats the faults that survived, and `--table`
tries the faults of `tests/mutations/faults.toml`, each of which once went unnoticed. `--near` asks
only the tests that import the changed module: so the slow tests ask about twenty faults of another
seed in some minutes. The command needs a system with `fork`. Tests on a real market folder and the
slow sweeps are not run; tests on a PostgreSQL server are run if `JEOUL_TEST_POSTGRES` names one.
"""


def page(
    seed: int, count: int, day: str, digest: str, table: Mapping[str, Mapping[str, int]]
) -> str:
    """Return the page of a result; the table has a row of counts a package."""
    total = {name: sum(row[name] for row in table.values()) for name in next(iter(table.values()))}
    head = (
        "| package | drawn | killed | by timeout | equivalent | survived | killed of effective "
        "| when tried first |"
    )
    lines = [head, "|---|--:|--:|--:|--:|--:|--:|--:|"]
    tried = [(package, row) for package, row in table.items() if row["drawn"]]
    for package, row in [*tried, ("**all**", total)]:
        dead, effective = row["killed"] + row["timeout"], row["drawn"] - row["equivalent"]
        share = f"{dead / effective:.1%}" if effective else "–"
        first = f"{1.0 - row['first'] / effective:.1%}" if effective else "–"
        cells = (row["drawn"], row["killed"], row["timeout"], row["equivalent"], row["survived"])
        lines.append(f"| {package} | {' | '.join(map(str, cells))} | {share} | {first} |")
    return PAGE.format(
        seed=seed,
        count=count,
        tried=f"{count}" if total["drawn"] == count else f"{total['drawn']} of {count}",
        day=day,
        digest=digest,
        table="\n".join(lines),
    )
