"""The statement of a config's account, or of all accounts of a household, from what is on disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from jeoul.errors import DataError, UsageError

if TYPE_CHECKING:
    from jeoul.household.written.file import HouseholdAccount, HouseholdFile
    from jeoul.korea.rulebook import Rulebook
    from jeoul.market import Market
    from jeoul.model.instrument import Universe
    from jeoul.model.portfolio import Portfolio
    from jeoul.operations.course import AccountCourse
    from jeoul.operations.ledger import Ledger
    from jeoul.operations.setup.config import Config
    from jeoul.operations.statement import Stated, Whose
    from jeoul.operations.statement.decisions import Decisions
    from jeoul.operations.statement.taxes import Payer, Taxable
    from jeoul.reporting.statement.facts import AccountReview, StatementFacts
    from jeoul.reporting.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRequest:
    """What is asked of a statement: its days, prices, a yearly inflation, and further files.

    ``folder`` is a market folder in place of the one that the file names. ``holdings`` are dated
    holdings files by account, beside those that lie next to the one that the household names.
    """

    start: date | None = None
    end: date | None = None
    folder: Path | None = None
    inflation: float | None = None
    holdings: Mapping[str, Sequence[Path]] = field(default_factory=dict)


def statement_at(name: str, asked: StatementRequest) -> StatementFacts:
    """Return the statement of a config, of a household, or of its account ``FILE:ACCOUNT``.

    Raises :class:`DataError` where no account has a ledger or a file, and what reading raises.
    """
    return gathered_at(name, asked).facts


def gathered_at(name: str, asked: StatementRequest) -> GatheredStatement:
    """Return what a statement is made of: the accounts with their courses, and the market.

    Raises what :func:`statement_at` raises.
    """
    from jeoul.workspace.configs import config_at, household_in, split_address

    file, account = split_address(name)
    household = household_in(file)
    if household is not None:
        return _of_household(household, account, asked)
    if asked.holdings:
        raise UsageError("--holdings is for accounts of a household; name its file")
    return _of_config(config_at(name), asked)


def _of_config(config: Config, asked: StatementRequest) -> GatheredStatement:
    from jeoul.account.room_keys import facts_of
    from jeoul.operations.statement import Whose
    from jeoul.reporting.text import Text
    from jeoul.workspace.live import universe_of

    opened = OpenedStatement.of(asked, config.folder)
    kind, name = str(config.settings.account), config.settings.name
    account = StatementAccount(
        id=name,
        title=Text.of(f"report.account_{kind}"),
        kind=kind,
        owner="",
        config=config,
        universe=universe_of(config),
        opened=config.settings.opened,
        paid=facts_of(config.settings.opened, config.settings.paid).paid,
    )
    found = opened.from_ledger(account)
    if found is None:
        raise DataError(
            f"nothing is booked in {config.state} yet; `jeoul run --execute` makes a ledger"
        )
    whose = Whose(name=name, title=name, people={"": None})
    return GatheredStatement(opened, (found,), whose, (account,))


def _of_household(
    file: HouseholdFile, only: str | None, asked: StatementRequest
) -> GatheredStatement:
    from jeoul.operations.household.configs import account_configs, with_configs
    from jeoul.operations.statement import Whose

    configs = account_configs(file)
    known = with_configs(file, configs)
    _refuse_unknown([*asked.holdings, *([] if only is None else [only])], file)
    opened = OpenedStatement.of(asked, file.runs.data)
    wanted = configs if only is None else [only]
    accounts = [_account(known, known.accounts[name], configs[name]) for name in wanted]
    found, undated = [], []
    for account in accounts:
        each = opened.from_ledger(account)
        if each is None:
            each, dated = opened.from_files(account, known.accounts[account.id])
            undated += [] if dated else [account.id]
        if each is not None:
            found.append(each)
    if not found:
        raise DataError(
            f"no account of {file.path} has a ledger or a holdings file; `jeoul run --execute` "
            "makes a ledger, and accounts.NAME.holdings names a file"
        )
    stated = {each.id for each in found}
    whose = Whose(
        name=file.name if only is None else f"{file.name}-{only}",
        title=file.title,
        people=_people(file, {each.taxable.owner for each in found}, alone=only is not None),
        left_out=tuple(each.id for each in accounts if each.id not in stated),
        undated=tuple(undated),
    )
    return GatheredStatement(opened, tuple(found), whose, tuple(accounts))


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementAccount:
    """An account as its files name it, before anything of it was opened.

    ``config`` is None for a client of a firm, whose books are the firm's.
    """

    id: str
    title: Text
    kind: str
    owner: str
    config: Config | None
    universe: Universe
    opened: date | None
    paid: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class OpenedStatement:
    """What every account of a statement is seen with: the market, the law, what was asked."""

    market: Market
    book: Rulebook
    asked: StatementRequest
    reviews: dict[str, AccountReview] = field(default_factory=dict)

    @classmethod
    def of(cls, asked: StatementRequest, folder: Path | None) -> OpenedStatement:
        """Return the market of a folder with the law of the year that is asked about."""
        from jeoul import assets
        from jeoul.korea.tables import rules_for
        from jeoul.market.market import open_market
        from jeoul.workspace.kept import user_cache

        # Nothing here shows findings, so the multiples of the universes, which only they need,
        # are not loaded.
        place = asked.folder or folder or assets.data("sample")
        market = open_market(place, cache=user_cache())
        return cls(market, rules_for((asked.end or market.last).year), asked)

    def from_ledger(self, account: StatementAccount) -> Stated | None:
        """Return an account by its ledger, None where it has none, or nothing was booked yet."""
        from jeoul.market.calendars import load_calendar
        from jeoul.operations.course import course_of
        from jeoul.operations.ledger import has_ledger, in_words, ledger_of
        from jeoul.operations.statement.decisions import decisions_of

        config = account.config
        if config is None or not has_ledger(config):
            return None
        calendar = load_calendar(account.universe.calendar)
        with in_words(config), closing(ledger_of(config)) as ledger:
            if not ledger.rows("SELECT 1 FROM transactions LIMIT 1"):
                return None
            course = course_of(ledger, account=account.id, market=self.market, calendar=calendar)
            stated = self.stated_account(
                account, course, decisions_of(ledger, self.asked.end or course.last)
            )
            self.reviews[account.id] = self._review(ledger, stated, config.settings.name)
            return stated

    def _review(self, ledger: Ledger, stated: Stated, name: str) -> AccountReview:
        """Return an account's decisions held against not trading, and what its runs measured.

        ``name`` is what its runs call the account: a household puts its own name in front.
        """
        from jeoul.operations.retrospective import reason_kinds, retrospective_of
        from jeoul.operations.told.measured import measured_over, measured_span
        from jeoul.reporting.statement.facts import AccountReview

        course, kinds = stated.course, reason_kinds(ledger, name)
        start, end = self.asked.start or course.first, self.asked.end or course.last
        found = retrospective_of(
            course,
            kinds,
            stated.taxable,
            simulated=self.market.simulated,
            last=end,
            taxed=stated.taxed,
        )
        measured = measured_span(measured_over(ledger, name, start, end))
        return AccountReview(outcomes=found.between(start, end), measured=measured)

    def from_files(
        self, account: StatementAccount, written: HouseholdAccount
    ) -> tuple[Stated | None, bool]:
        """Return an account by its holdings files, None without one, and whether all have a day.

        A file without a day counts from the newest session on.
        """
        from jeoul.market.calendars import load_calendar
        from jeoul.operations.course import course_of_files

        files = list(self.asked.holdings.get(account.id, ()))
        if written.holdings is not None:
            files += _beside(written.holdings)
        if not files:
            return None, True
        newest = self.market.last_session(account.universe.calendar)
        held, undated = {}, False
        for file in files:
            day, portfolio = self._held(file, account)
            undated |= day is None
            held[day or newest] = portfolio
        calendar = load_calendar(account.universe.calendar)
        course = course_of_files(held, account=account.id, market=self.market, calendar=calendar)
        return self.stated_account(account, course, None), not undated

    def _held(self, file: Path, account: StatementAccount) -> tuple[date | None, Portfolio]:
        """Return what a file says that an account holds, and of which day: its own, or its name's.

        Securities outside the strategy count as well.
        """
        from jeoul.account.holdings.known import securities_of
        from jeoul.account.holdings.reading import read_holdings
        from jeoul.files.dated import name_and_day
        from jeoul.household.gathering.inputs import refuse_unknown_cash
        from jeoul.model.portfolio import Portfolio

        priced = [code for table in self.market.prices for code in table.tickers]
        securities = securities_of(account.universe, priced)
        found = refuse_unknown_cash(
            read_holdings(file, securities, currency=account.universe.currency)
        )
        outside = {code: n for code, n in found.outside.items() if isinstance(n, int)}
        shares = {**outside, **found.shares}
        portfolio = Portfolio(shares, found.cash or 0, found.currency, found.incoming)
        return name_and_day(file)[1] or found.as_of, portfolio

    def stated_account(
        self, account: StatementAccount, course: AccountCourse, decisions: Decisions | None
    ) -> Stated:
        """Return an account with its course and how it is taxed."""
        from jeoul.operations.statement import Stated
        from jeoul.operations.statement.taxes import results_of

        taxable = self._taxable(account, course, decisions)
        return Stated(
            id=account.id,
            title=account.title,
            kind=account.kind,
            source="files" if decisions is None else "ledger",
            exchange=account.universe.calendar,
            course=course,
            decisions=decisions,
            taxable=taxable,
            taxed=results_of(course, taxable),
        )

    def _taxable(
        self, account: StatementAccount, course: AccountCourse, decisions: Decisions | None
    ) -> Taxable:
        from jeoul.account.price_events import PriceEvents
        from jeoul.account.tax_rules import tax_rules
        from jeoul.model.money import UNITS
        from jeoul.operations.statement.taxes import Taxable
        from jeoul.operations.statement.worth import exchange_of

        listing = account.universe.calendar
        tables = tuple(table for table in self.market.prices if table.exchange == listing)
        return Taxable(
            owner=account.owner,
            kind=account.kind,
            rules=tax_rules(self.book, account.universe.instruments, account.kind),
            events=PriceEvents(tables, UNITS[course.currency]),
            exchange=exchange_of(course, self.market.series),
            paid=account.paid,
            deposits={} if decisions is None else decisions.deposits,
        )

    def stated(
        self, found: Sequence[Stated], whose: Whose, accounts: Iterable[StatementAccount]
    ) -> StatementFacts:
        """Return the statement of accounts."""
        from jeoul.operations.statement import StatementSpan, statement_of
        from jeoul.reporting.text import Text

        names = {
            code: Text(fund.name_ko, fund.name_en)
            for account in accounts
            for code, fund in account.universe.instruments.items()
        }
        facts = statement_of(
            found,
            whose,
            market=self.market,
            book=self.book,
            names=names,
            span=StatementSpan(start=self.asked.start, end=self.asked.end),
            inflation=self.asked.inflation,
        )
        reviewed = (replace(each, review=self.reviews.get(each.id)) for each in facts.accounts)
        return replace(facts, accounts=tuple(reviewed))


@dataclass(frozen=True, slots=True)
class GatheredStatement:
    """The accounts of a statement with their courses, whose they are, and what they were seen with.

    ``accounts`` are all of the file, ``stated`` those of which there is a course.
    """

    opened: OpenedStatement
    stated: tuple[Stated, ...]
    whose: Whose
    accounts: tuple[StatementAccount, ...]

    @property
    def facts(self) -> StatementFacts:
        """Return the statement."""
        return self.opened.stated(self.stated, self.whose, self.accounts)


def _account(file: HouseholdFile, account: HouseholdAccount, config: Config) -> StatementAccount:
    from jeoul.reporting.household.names import account_title
    from jeoul.workspace.live import universe_of

    return StatementAccount(
        id=account.id,
        title=account_title(account, alone=len(file.people) == 1),
        kind=str(account.kind),
        owner=account.owner,
        config=config,
        universe=universe_of(config, account.universe),
        opened=account.paid.opened,
        paid=account.paid.paid,
    )


def _beside(holdings: Path) -> list[Path]:
    """Return a holdings file and those beside it that have its name and a date."""
    from jeoul.files.dated import series_of

    there = holdings.parent.iterdir() if holdings.parent.is_dir() else ()
    return sorted({holdings, *series_of(holdings, there).values()})


def _people(
    file: HouseholdFile, owners: Iterable[str], *, alone: bool
) -> Mapping[str, Payer | None]:
    from jeoul.operations.statement.taxes import Payer

    if alone:
        return dict.fromkeys(owners)
    return {
        name: Payer(
            income=one.income,
            status=one.status,
            overseas_elsewhere=one.gains.overseas_realised,
        )
        for name, one in file.people.items()
        if name in owners
    }


def _refuse_unknown(names: Iterable[str], file: HouseholdFile) -> None:
    for name in names:
        if name not in file.accounts:
            listed = ", ".join(f"{file.path.name}:{each}" for each in file.accounts)
            raise UsageError(f"{file.path} has no account {name!r}; name one of these: {listed}")
