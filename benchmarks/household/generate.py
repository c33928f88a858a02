"""Draw the households of the benchmark and freeze them.

    python benchmarks/household/generate.py [--check]

The files are what counts: a later library may draw other numbers from the same seeds. ``--check``
draws them all again and says which differ from the frozen ones.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from edges import edges
from frozen import SETS, documents, path_of, write
from simulated import household

from jeoul.household.problem.document import from_document, to_document


def drawn(name: str) -> Iterator[dict[str, Any]]:
    if name == "edges":
        for label, found in edges():
            yield {"id": f"edges/{label}", "household": to_document(found)}
        return
    for seed in range(SETS[name]):
        yield {"id": f"{name}/{seed:03d}", "household": to_document(household(name, seed))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    for name in SETS:
        lines = list(drawn(name))
        for line in lines:
            from_document(line["household"], line["id"])
        if check:
            frozen = dict(documents(name))
            other = [line["id"] for line in lines if frozen.get(line["id"]) != line["household"]]
            print(f"{name}: {len(other)} of {len(lines)} are drawn differently", *other[:5])
        else:
            write(path_of(name), lines)
            print(f"{name}: {len(lines)} households, {path_of(name).stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
