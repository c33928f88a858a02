"""What the commands of a live account share: a config opened together with its market."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from jeoul.errors import ConfigError, DataError, Problem

if TYPE_CHECKING:
    from jeoul.household.written.file import HouseholdFile
    from jeoul.market import Market
    from jeoul.model.instrument import Universe
    from jeoul.operations.desk.intents import Run
    from jeoul.operations.household.planner import HouseholdPlanner
    from jeoul.operations.ledger import Ledger
    from jeoul.operations.setup.clock import Clock
    from jeoul.operations.setup.config import Config
    from jeoul.operations.setup.outcome import RunReport
    from jeoul.operations.setup.request import RunRequest
    from jeoul.pipeline import Mandate
    from jeoul.profile import Answers, Diagnosis
    from jeoul.strategy.schema import Strategy


def diagnosis_of(config: Config, day: date) -> Diagnosis | None:
    """Return the diagnosis of a config's answers on a day, None where it names a profile.

    Raises :class:`ConfigError` for answers that cannot be used, or that lack what a firm has to
    ask.
    """
    from jeoul.profile import diagnose, load_answers

    settings = config.settings
    if settings.answers is None:
        return None
    firm = settings.firm is not None
    return diagnose(load_answers(config.beside(settings.answers), firm=firm), day=day)


def today(config: Config, at: float | None = None) -> date:
    """Return the day of an instant, by default of now, where a config's account is."""
    zone = ZoneInfo(config.settings.schedule.timezone)
    return datetime.now(zone).date() if at is None else datetime.fromtimestamp(at, zone).date()  # noqa: TID251


def mandate_of(
    config: Config, diagnosis: Diagnosis | None = None, *, goal: date | None = None
) -> Mandate:
    """Return the mandate of a config: strategy, profile or answers, account kind, grades.

    ``diagnosis`` is that of its answers, by default as of today; ``goal`` that of the household for
    a config without one. Raises :class:`ConfigError` if the answers chose another insurance than
    the strategy has, and where a glide path has no goal, or a goal no glide path.
    """
    from jeoul import api

    settings = config.settings
    strategy = _towards_goal(config, goal)
    found = diagnosis or diagnosis_of(config, today(config))
    if found is None:
        assert settings.profile is not None
        limit = None
        if settings.suitability is not None:
            limit = api.suitable(settings.profile, **settings.suitability.model_dump())
        return api.mandate(strategy, settings.profile, settings.account, limit=limit)
    _check_choice(config, found.answers, strategy.name)
    rules = {} if settings.suitability is None else settings.suitability.model_dump()
    limit = api.suitable(found.profile.type, **rules)
    return api.mandate(strategy, found.profile, settings.account, limit=limit)


def _towards_goal(config: Config, goal: date | None) -> Strategy:
    from jeoul.strategy.load import load_strategy

    strategy, written = load_strategy(strategy_of(config)), config.settings.goal
    if strategy.glide is None and written is None:
        return strategy
    by = written or goal
    if strategy.glide is not None and by is not None:
        return strategy.towards(by)
    if by is None:
        fault = (
            f"strategy {strategy.name} needs a goal's date for its glide path, and none is given"
        )
        remedy = "set the day on which the money is needed, such as goal = 2045-12-31"
    else:
        fault = f"strategy {strategy.name} has no [glide] table, so a goal's date has no effect"
        remedy = "remove goal, or use a strategy such as target-date"
    raise ConfigError([Problem(str(config.path), fault, key="goal", remedy=remedy)])


def _check_choice(config: Config, answers: Answers, strategy: str) -> None:
    from jeoul.profile import other_insurance

    if other := other_insurance(answers, strategy):
        fault, remedy = other
        raise ConfigError([Problem(str(config.path), fault, key="strategy", remedy=remedy)])


def run_once(config: Config, request: RunRequest, clock: Clock) -> RunReport:
    """Return the result of one run; a market that cannot be opened stops it like any bad data."""
    from jeoul import api
    from jeoul.operations.run import Runner, run_without_market
    from jeoul.workspace.kept import user_cache

    diagnosis = diagnosis_of(config, today(config, clock.now()))
    mandate, calendars = mandate_of(config, diagnosis), api.calendars()
    try:
        market = api.open_market(config.folder, cache=user_cache())
    except DataError as error:
        calendar = calendars[mandate.strategy.calendar]
        return run_without_market(config, calendar, clock, request, error)
    runner = Runner(config, mandate, market, calendars=calendars, clock=clock, diagnosis=diagnosis)
    return runner.run(request)


def run_household(file: HouseholdFile, request: RunRequest, clock: Clock) -> RunReport:
    """Return the result of one run of a household: one plan for all accounts, carried out in each.

    Raises :class:`ConfigError` with everything that a run would refuse.
    """
    from jeoul import api
    from jeoul.operations.household.configs import account_configs, with_configs
    from jeoul.operations.household.planner import HouseholdPlanner
    from jeoul.operations.household.run import HouseholdRunner
    from jeoul.operations.run import Runner
    from jeoul.workspace.kept import user_cache

    configs = account_configs(file)
    known = with_configs(file, configs)
    market, calendars = api.open_market(file.runs.data, cache=user_cache()), api.calendars()
    runners = {}
    for name, config in configs.items():
        diagnosis = diagnosis_of(config, today(config, clock.now()))
        mandate = household_mandate(known, name, config, diagnosis)
        runners[name] = Runner(
            config, mandate, market, calendars=calendars, clock=clock, diagnosis=diagnosis
        )
    planner = HouseholdPlanner(
        file=known,
        market=market,
        configs=configs,
        mandates={name: runner.mandate for name, runner in runners.items()},
        today=today(configs[min(configs)], clock.now()),
    )
    return HouseholdRunner(known, runners, planner).run(request)


def household_planner(file: HouseholdFile, market: Market, on: date) -> HouseholdPlanner:
    """Return what plans a household as its file is now, with the answers as they were on a day.

    Raises :class:`ConfigError` with everything that a run would refuse.
    """
    from jeoul.operations.household.configs import account_configs, with_configs
    from jeoul.operations.household.planner import HouseholdPlanner

    configs = account_configs(file)
    known = with_configs(file, configs)
    mandates = {
        name: household_mandate(known, name, config, diagnosis_of(config, on))
        for name, config in configs.items()
    }
    return HouseholdPlanner(file=known, market=market, configs=configs, mandates=mandates, today=on)


def household_mandate(
    household: HouseholdFile, name: str, config: Config, diagnosis: Diagnosis | None
) -> Mandate:
    """Return the mandate of an account of a household, whose file has what its configs say.

    An account abroad holds its own universe; a strategy with a glide path leads to the household's
    first goal.
    """
    from dataclasses import replace

    from jeoul.strategy.universe import load_universe

    account = household.accounts[name]
    found = mandate_of(config, diagnosis, goal=household.goal_date(account.owner))
    if account.universe is None:
        return found
    universe = load_universe(account.universe)
    own = {"universe": universe.name, "calendar": universe.calendar}
    strategy = found.strategy.model_copy(update=own)
    return replace(found, strategy=strategy, universe=universe)


def mandate_at(name: str, diagnosis: Diagnosis | None = None) -> Mandate:
    """Return the mandate that a config, or an account of a household as FILE:ACCOUNT, names now.

    ``diagnosis`` is that of its answers, by default as of today. Raises what
    :func:`~jeoul.workspace.configs.config_at` and :func:`mandate_of` raise.
    """
    from jeoul.operations.household.configs import account_configs, with_configs
    from jeoul.workspace.configs import config_at, household_in, split_address

    file, account = split_address(name)
    household = household_in(file)
    config = config_at(name)
    if household is None or account is None:
        return mandate_of(config, diagnosis)
    known = with_configs(household, account_configs(household))
    return household_mandate(known, account, config, diagnosis)


def mandate_then(config: Config, run: Run) -> Mandate:
    """Return the mandate that a run of a config followed, by the rules that its plan keeps.

    A universe of one's own is taken as its file is today: a plan keeps its digest alone.
    """
    from dataclasses import replace

    from jeoul import api
    from jeoul.model.instrument import AccountKind
    from jeoul.operations.desk.accepted_rules import limit_then, strategy_then

    kept, strategy, limit = run.document, strategy_then(run), limit_then(run)
    if not strategy.own_universe:
        return api.mandate(strategy, kept["profile"], kept["kind"], limit=limit)
    own = mandate_of(config)
    there = strategy.model_copy(update={"universe": own.strategy.universe})
    account = AccountKind(kept["kind"])
    return replace(own, strategy=there, profile=kept["profile"], account=account, limit=limit)


def read_ledger(config: Config) -> Ledger:
    """Return the ledger of a config that has run before."""
    from jeoul.operations.ledger import existing_ledger, in_words

    with in_words(config):
        return existing_ledger(config)


def strategy_of(config: Config) -> str:
    """Return the strategy that a config names: a shipped name, or a path found from the config."""
    name = config.settings.strategy
    beside = config.beside(name)
    return str(beside) if name.endswith(".toml") and beside.is_file() else name


def universe_of(config: Config, own: str | None = None) -> Universe:
    """Return the universe of an account: its own where it has one, else its strategy's."""
    from jeoul.strategy.load import load_strategy
    from jeoul.strategy.universe import load_universe

    return load_universe(own or load_strategy(strategy_of(config)).universe)
