"""How the jobs of a plan are answered: by sources on this machine, or by processes apart."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from jeoul.market.fetching.plan import FetchPlan
from jeoul.market.fetching.pool import Ask, FetchJob, JobOutcome, RequestPool
from jeoul.market.sources.errors import SourceError
from jeoul.market.sources.port import Source, SourcePlace, connect, is_remote, key_names


@contextmanager
def asking(
    plan: FetchPlan, home: Path, base: Path, environment: Mapping[str, str], chance: random.Random
) -> Iterator[Ask]:
    """Give the way to ask the sources of a plan; its processes end with the ``with`` block.

    A source keeps what it needs in a folder of its own under ``home`` and reads files from
    ``base``. It is given the keys that it names, out of ``environment``, and no others; ``chance``
    spreads the requests.
    """
    names = plan.source_names()
    places = {}
    for name in names:
        keys = {key: environment[key] for key in key_names(name) if environment.get(key)}
        places[name] = SourcePlace(home / name, base, keys, plan.politeness(name).timeout)
    remote = [name for name in names if is_remote(name)]
    local = {name: connect(name, places[name]) for name in names if name not in remote}
    sources = {name: partial(connect, name, places[name]) for name in remote}
    manners = {name: plan.politeness(name).manners() for name in remote}
    with RequestPool(sources, manners, chance=chance) as pool:

        def ask(jobs: Sequence[FetchJob]) -> Iterator[JobOutcome]:
            yield from (_asked(local[j.source], j) for j in jobs if j.source in local)
            yield from pool.ask([job for job in jobs if job.source not in local])

        yield ask


def _asked(source: Source, job: FetchJob) -> JobOutcome:
    try:
        return JobOutcome(job, source.fetch(job.request), 1)
    except SourceError as error:
        return JobOutcome(job, error, 1)
