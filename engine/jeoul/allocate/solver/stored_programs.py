"""Compiled programs as plain arrays: a process can take over what another compiled."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jeoul.allocate.solver.terms import Shape

Arrays = dict[str, NDArray[Any]]


@dataclass(slots=True)
class Programs:
    """Programs that another process compiled, by shape, and those that this one had to.

    A cache: what is in it changes how long an answer takes, never the answer.
    """

    kept: dict[Shape, Any] = field(default_factory=dict)
    made: list[Any] = field(default_factory=list)


PROGRAMS = Programs()


def packed(programs: Iterable[Any], label: str) -> Arrays:
    """Return compiled programs as arrays for a file; ``label`` says what they belong to."""
    found: Arrays = {}
    described = []
    for number, program in enumerate(programs):
        places = {name: [place.start, place.stop] for name, place in program.places.items()}
        described.append({"shape": program.shape, "size": program.size, "places": places})
        found[f"{number}.a"] = program.a
        for name in ("q", "lower", "upper"):
            found[f"{number}.{name}.take"] = getattr(program, name).take
            found[f"{number}.{name}.scale"] = getattr(program, name).scale
    text = json.dumps({"label": label, "programs": described})
    found["about"] = np.frombuffer(text.encode(), dtype=np.uint8)
    return found


def unpacked(arrays: Mapping[str, NDArray[Any]], label: str) -> list[Any]:
    """Return the compiled programs of :func:`packed`, none if they belong to something else."""
    from jeoul.allocate.solver.form import Affine, Compiled

    about = json.loads(arrays["about"].tobytes())
    if about["label"] != label:
        return []
    found = []
    for number, entry in enumerate(about["programs"]):
        n, groups, priced, capped, yielding = entry["shape"]
        maps = {
            name: Affine(arrays[f"{number}.{name}.take"], arrays[f"{number}.{name}.scale"])
            for name in ("q", "lower", "upper")
        }
        found.append(
            Compiled(
                shape=Shape(n, tuple(map(tuple, groups)), priced, capped, tuple(yielding)),
                size=entry["size"],
                places={name: slice(*ends) for name, ends in entry["places"].items()},
                a=arrays[f"{number}.a"],
                **maps,
            )
        )
    return found
