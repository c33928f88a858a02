"""What the commands of a live account share: a config opened together with its market."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from jeoul.errors import ConfigError, DataError, Problem

if TYPE_CHECKING:
    from jeoul.operations.ledger import Ledger
    from jeoul.operations.setup.clock import Clock
    from jeoul.operations.setup.config import Config
    from jeoul.operations.setup.outcome import Report
    from jeoul.operations.stages import Request
    from jeoul.pipeline import Mandate
    from jeoul.profile import Answers


def mandate_of(config: Config) -> Mandate:
    """Return the mandate of a config: strategy, profile or answers, kind of account.

    Raises :class:`ConfigError` if the answers chose another insurance than the strategy has.
    """
    from jeoul import api
    from jeoul.profile import classify, load_answers
    from jeoul.strategy.load import load_strategy

    settings = config.settings
    strategy = load_strategy(_strategy(config))
    if settings.answers is None:
        assert settings.profile is not None
        return api.mandate(strategy, settings.profile, settings.account)
    today = datetime.now(ZoneInfo(settings.schedule.timezone)).date()  # noqa: TID251
    answers = load_answers(config.beside(settings.answers))
    _check_choice(config, answers, strategy.name)
    profile = classify(answers, as_of=today)
    return api.mandate(strategy, profile, settings.account)


def _check_choice(config: Config, answers: Answers, strategy: str) -> None:
    from jeoul.profile import STRATEGIES

    chosen = answers.overlay
    named = [choice for choice, names in STRATEGIES.items() if strategy in names]
    if chosen is None or not named or chosen.choice in named:
        return
    names = " or ".join(f'"{name}"' for name in STRATEGIES[chosen.choice])
    problem = Problem(
        str(config.path),
        f'"{strategy}" is not what was chosen on {chosen.chosen} ({chosen.choice} insurance, '
        f"{answers.origin})",
        key="strategy",
        remedy=f"write {names}, or choose again with `jeoul profile --ask`",
    )
    raise ConfigError([problem])


def run_once(config: Config, request: Request, clock: Clock) -> Report:
    """Return the result of one run; a market that cannot be opened stops it like any bad data."""
    from jeoul import api
    from jeoul.cli.kept import user_cache
    from jeoul.operations.run import Runner, run_without_market

    mandate, calendars = mandate_of(config), api.calendars()
    try:
        market = api.open_market(config.folder, cache=user_cache())
    except DataError as error:
        calendar = calendars[mandate.strategy.calendar]
        return run_without_market(config, calendar, clock, request, error)
    return Runner(config, mandate, market, calendars, clock).run(request)


def read_ledger(config: Config) -> Ledger:
    """Return the ledger of a config that has run before."""
    from jeoul.operations.ledger import NAME, in_words, ledger_of

    place = config.state / NAME
    if not place.exists():
        raise DataError(f"there is no ledger {place} yet; `jeoul run --execute` makes it")
    with in_words(config):
        return ledger_of(config)


def _strategy(config: Config) -> str:
    name = config.settings.strategy
    beside = config.beside(name)
    return str(beside) if name.endswith(".toml") and beside.is_file() else name
