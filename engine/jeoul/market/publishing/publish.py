"""A market folder written from the raw store, and a snapshot of it written again.

The hash of a folder names it as a snapshot of the store; a snapshot of that name can be written
again at any time.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from jeoul.errors import DataError, Problem
from jeoul.market.cache.store import RawStore, StoreState
from jeoul.market.fetching.plan import FetchPlan
from jeoul.market.market import open_market
from jeoul.market.publishing.layout import Published, lay_out
from jeoul.market.publishing.swap import put
from jeoul.model.calendar import Calendar

STAMP = "snapshot.json"


def publish(
    store: RawStore, plan: FetchPlan, target: Path, at: int, calendars: Mapping[str, Calendar]
) -> tuple[Published, StoreState]:
    """Write the folder of a plan, keep it as a snapshot of the store, and return both.

    The folder is opened before it takes the place of the one at ``target``: what is there can be
    opened, whole, before and after (see :func:`put` for the moment between). Raises
    :class:`DataError` if the new folder cannot be opened, and the old one stays, or if something
    else than a written folder is there.
    """
    published = lay_out(store, plan, calendars)
    text = json.dumps(plan.model_dump(mode="json", by_alias=True), sort_keys=True)
    snapshot = StoreState(
        digest=published.digest, name=plan.name, at=at, fetch=store.last_fetch(), plan=text
    )
    with _written(published, snapshot, target, calendars) as fresh:
        store.name_snapshot(snapshot)
        put(fresh, target)
    return published, snapshot


def restore(
    store: RawStore, digest: str, target: Path, calendars: Mapping[str, Calendar]
) -> Published:
    """Write the folder of a snapshot again; ``digest`` may be the first characters of it.

    Raises :class:`DataError` if no snapshot or more than one begins so, and if the folder no
    longer comes out the same, as after another version has changed how it is written.
    """
    found = [s for s in store.snapshots() if s.digest.startswith(digest)]
    if len(found) != 1:
        reason = f"{len(found)} snapshots begin with {digest!r}"
        remedy = "give the whole digest of one of them"
        raise DataError([Problem(str(store.path), reason, remedy=remedy)])
    (snapshot,) = found
    plan = FetchPlan.model_validate_json(snapshot.plan)
    published = lay_out(store, plan, calendars, snapshot.fetch)
    if published.digest != snapshot.digest:
        reason = f"snapshot {snapshot.digest[:12]} comes out as {published.digest[:12]}"
        remedy = "restore it with the version of jeoul that wrote it"
        raise DataError([Problem(str(store.path), reason, remedy=remedy)])
    with _written(published, snapshot, target, calendars) as fresh:
        put(fresh, target)
    return published


@contextmanager
def _written(
    published: Published, snapshot: StoreState, target: Path, calendars: Mapping[str, Calendar]
) -> Iterator[Path]:
    """Write a folder beside its target and give it once it has been opened; clear up behind it."""
    target = target.resolve()
    taken = target.exists() and not (target / STAMP).is_file()
    if taken and (not target.is_dir() or any(target.iterdir())):
        reason = "is not a folder that was written by a fetch"
        raise DataError([Problem(str(target), reason, remedy="name another folder")])
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    stamp = {"digest": snapshot.digest, "name": snapshot.name, "fetch": snapshot.fetch}
    try:
        for name, content in {**published.files, STAMP: json.dumps(stamp).encode()}.items():
            (fresh / name).write_bytes(content)  # no fsync: the store can write it again
        fresh.chmod(0o755)
        _check_opens(fresh, target, calendars)
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _check_opens(fresh: Path, target: Path, calendars: Mapping[str, Calendar]) -> None:
    try:
        open_market(fresh, calendars=calendars)
    except DataError as error:
        reason = "what was fetched makes no folder that can be opened; nothing was replaced"
        remedy = "correct the plan or the file that the next lines name, and fetch again"
        raise DataError([Problem(str(target), reason, remedy=remedy), *error.problems]) from error
