"""What is served: a household or configs, read again whenever one of their files has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from jeoul.household.written.file import HouseholdFile, read_household
from jeoul.operations.household.configs import account_configs
from jeoul.operations.ledger import NAME, ledger_of
from jeoul.operations.setup.clock import Clock
from jeoul.operations.setup.config import Config, load_config
from jeoul.operations.setup.outcome import RunReport
from jeoul.operations.setup.request import RunRequest
from jeoul.workspace.configs import household_in
from jeoul.workspace.live import run_household, run_once


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedFiles:
    """The files of what is served.

    ``household`` is the file of a household, which may not exist yet; None where ``configs`` are
    served. ``data`` is the market folder that stands in for the one of the file.
    """

    household: Path | None
    configs: tuple[Path, ...]
    data: Path | None
    clock: Clock

    @property
    def begun(self) -> bool:
        """Return whether there is something to serve: a first visit writes the household."""
        return self.household is None or self.household.exists()

    def read(self) -> HouseholdFile | None:
        """Return the household, None where configs are served.

        Raises :class:`~jeoul.errors.ConfigError` with everything wrong in its file.
        """
        if self.household is None:
            return None
        return _household(self.household, _stamp(self.household))

    def accounts(self) -> Mapping[str, Config]:
        """Return the config of every account, by its name."""
        home = self.read()
        if home is not None:
            named = (each.config for each in home.accounts.values() if each.config is not None)
            return _account_configs(home.path, tuple(_stamp(each) for each in (home.path, *named)))
        found = [_config(path, _stamp(path)) for path in self.configs]
        return {config.settings.name: config for config in found}

    def run(self, request: RunRequest, language: str, account: str | None = None) -> RunReport:
        """Return what one run comes to: of the household, or of an account with its own config.

        It speaks the language of who asks for it. Raises :class:`~jeoul.errors.AlreadyRunning`
        while another run is at work.
        """
        home = self.read()
        if home is not None:
            data = self.data or home.runs.data  # the page planned from the same folder
            spoken = replace(home, runs=replace(home.runs, lang=language, data=data))
            return run_household(spoken, request, self.clock)
        config = self.accounts()[account or ""]
        settings = config.settings.model_copy(update={"lang": language})
        spoken_config = replace(config, settings=settings, folder=self.data or config.folder)
        return run_once(spoken_config, request, self.clock)

    def state(self) -> str:
        """Return a digest that changes when a file changes on which a decision rests."""
        stamps = [f"{path} {_stamp(path)}" for path in self._files()]
        stamps += map(_newest_row, self.accounts().values())
        return sha256("\n".join(stamps).encode()).hexdigest()

    def _files(self) -> Iterator[Path]:
        if self.household is not None:
            yield self.household
        yield from self.configs
        home = self.read()
        if home is not None:
            named: Iterable[Path | None] = (
                *(person.answers for person in home.people.values()),
                *(account.holdings for account in home.accounts.values()),
            )
            yield from (path for path in named if path is not None)
        for config in self.accounts().values():
            yield config.path
            if config.settings.ledger is None:
                yield config.state / NAME
                yield config.state / f"{NAME}-wal"
            folder = self.data or config.folder
            if folder is not None:
                yield folder / "manifest.toml"


def _newest_row(config: Config) -> str:
    """Return the newest row of a ledger on a server; a file shows by itself that it changed."""
    if config.settings.ledger is None:
        return ""
    with closing(ledger_of(config)) as ledger:
        return ledger.head().hash


def served(names: Iterable[str], data: Path | None, clock: Clock) -> ServedFiles:
    """Return what the words of a command serve: a household, configs, or the household to be.

    Raises :class:`~jeoul.errors.UsageError` for a household beside other files.
    """
    from jeoul.errors import UsageError

    files = tuple(names)
    if not files:
        return ServedFiles(household=Path("household.toml"), configs=(), data=data, clock=clock)
    homes = [name for name in files if household_in(name) is not None]
    if homes and len(files) > 1:
        raise UsageError("give one household, or configs; a household names its own configs")
    paths = tuple(map(Path, files))
    if homes:
        return ServedFiles(household=paths[0], configs=(), data=data, clock=clock)
    return ServedFiles(household=None, configs=paths, data=data, clock=clock)


# A page reads its files several times; what they say is read again when their stamps change.


@lru_cache(maxsize=2)
def _household(path: Path, stamp: str) -> HouseholdFile:  # noqa: ARG001  a key
    return read_household(path)


@lru_cache(maxsize=2)
def _account_configs(path: Path, stamps: tuple[str, ...]) -> Mapping[str, Config]:
    return account_configs(_household(path, stamps[0]))


@lru_cache(maxsize=64)
def _config(path: Path, stamp: str) -> Config:  # noqa: ARG001  a key
    return load_config(str(path))


def _stamp(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return "-"
    if not found.st_size:  # opening a ledger leaves an empty file beside it
        return "-"
    return f"{found.st_mtime_ns} {found.st_size}"
