"""From a household file, holdings, prices and the law to the problem that a plan solves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from jeoul.account.collar import COLLAR
from jeoul.account.holdings.record import Holdings
from jeoul.household.gathering.accounts import account_of, value_of, withdrawable
from jeoul.household.gathering.aims import (
    Before,
    aims_of,
    facts_of_aims,
    members_held,
    risk_target,
    weights_of,
)
from jeoul.household.gathering.beside import sorted_out
from jeoul.household.gathering.faults import MoneyRequest, refuse_impossible
from jeoul.household.gathering.gathered import AimFacts, Gathered
from jeoul.household.gathering.grades import product_limits, too_risky
from jeoul.household.gathering.inputs import HouseholdInputs, read_inputs
from jeoul.household.gathering.needs import (
    GoalPlan,
    MoneyOutlook,
    cautious_path,
    needs_of,
    plan_goals,
)
from jeoul.household.gathering.notes import notes_of
from jeoul.household.gathering.people import (
    PersonOnDay,
    lock_years,
    member_of,
    room_of,
    standing_of,
)
from jeoul.household.gathering.pieces import PENSIONS, receipt_margin
from jeoul.household.gathering.positions import Held, buyable_in, exposure_of, positions_of
from jeoul.household.gathering.priced import Priced
from jeoul.household.gathering.targets import mixed
from jeoul.household.problem.records import Account, Fund, Household, MoneyPool, Need, Policy
from jeoul.household.written.file import HouseholdAccount, HouseholdFile
from jeoul.korea.rulebook import Rulebook
from jeoul.market import Market
from jeoul.market.calendars import load_calendar
from jeoul.market.kept_market import KeptMarket
from jeoul.model.portfolio import CASH

_NOTHING = Before()
_SMALL = 0.01  # of the household's money: no order needs to be larger than this


def gather(  # noqa: PLR0913  each is asked apart of the one who plans
    file: HouseholdFile,
    *,
    market: Market | KeptMarket,
    as_of: date,
    book: Rulebook,
    inputs: HouseholdInputs | None = None,
    deposit: int | Mapping[str, int] = 0,
    withdrawal: int | Mapping[str, int] = 0,
    deposit_rate: Decimal | None = None,
    before: Before = _NOTHING,
) -> Gathered:
    """Return a household on a session as the problem that a plan solves.

    ``inputs`` is what the file names, read by default. ``deposit`` is new money and ``withdrawal``
    money to take out, in won: by person, or of the first person. ``deposit_rate`` is what a bank
    pays the person a year, which caps what goals count on. ``before`` is what the last plan knew.
    Amounts are won of today; the law is that of ``as_of``, or of ``book`` in years before it.

    Raises :class:`~jeoul.errors.ConfigError` with everything that makes the household impossible to
    plan, and what :func:`~jeoul.pipeline.proposing.propose` raises.
    """
    given = read_inputs(file, on=as_of) if inputs is None else inputs
    snapshot = market.as_of(as_of)
    calendars = {name: load_calendar(name) for name in ("XKRX", "XNYS")}
    sorted_, prices = sorted_out(book, file, given, snapshot)
    inputs = sorted_.inputs
    asked = MoneyRequest(
        deposits=_by_person(file, deposit), withdrawals=_by_person(file, withdrawal)
    )
    refuse_impossible(book, file, inputs, prices, asked, as_of)
    case = _Case(
        file=file,
        inputs=inputs,
        prices=prices,
        asked=asked,
        book=book,
        on=as_of,
        counted=sorted_.counted,
    )
    facts = facts_of_aims(
        file, inputs, snapshot, calendars, money=case.money_by_person(), before=before
    )
    held = case.held(facts)
    path = _path(facts, deposit_rate)
    goals = plan_goals(file.goals, file.flows, path, as_of)
    household = case.household(facts, held, goals, before)
    return Gathered(
        file=file,
        inputs=inputs,
        as_of=as_of,
        law_of=case.law_of,
        household=household,
        aims=facts,
        prices={fund.code: prices[fund.code] for fund in household.funds},
        basis={each.position.key: each.basis for each in held},
        goals=goals,
        path=path,
        notes=tuple(
            notes_of(
                file,
                sorted_,
                held,
                goals,
                product_limits(inputs, facts),
                {fund.code: prices[fund.code] for fund in household.funds},
                on=as_of,
                simulated=snapshot.simulated,
            )
        ),
        findings=tuple(
            dict.fromkeys(
                finding
                for each in facts.values()
                for wanted in each.wanted.values()
                for finding in wanted.proposal.findings
            )
        ),
    )


def _by_person(file: HouseholdFile, given: int | Mapping[str, int]) -> Mapping[str, int]:
    if isinstance(given, int):
        return {next(iter(file.people)): given} if given else {}
    return {name: amount for name, amount in given.items() if amount}


def _path(facts: Mapping[str, AimFacts], deposit_rate: Decimal | None) -> MoneyOutlook:
    """Return the cautious path of the household: that of its profiles, mixed by money."""
    parts = [
        (
            {
                "expected": wanted.expected,
                "equilibrium": wanted.equilibrium,
                "volatility": wanted.volatility,
            },
            each.shares[name],
        )
        for each in facts.values()
        for name, wanted in each.wanted.items()
    ]
    found = mixed(parts)
    return cautious_path(
        **found, deposit_rate=None if deposit_rate is None else float(deposit_rate)
    )


@dataclass(frozen=True)
class _Case:
    """What every part of a household is made from."""

    file: HouseholdFile
    inputs: HouseholdInputs
    prices: Mapping[str, Priced]
    asked: MoneyRequest
    book: Rulebook
    on: date
    counted: frozenset[tuple[str, str]]

    @property
    def law_of(self) -> date:
        """Return the day whose law holds: a table says nothing of the years before its own."""
        return self.on if self.on.year >= self.book.year else self.book.as_of

    def value(self, account: HouseholdAccount) -> float:
        return value_of(self.inputs.holdings[account.id], self.prices)

    def money_by_person(self) -> Mapping[str, float]:
        """Return what each person has, new money in it."""
        return {
            name: sum(self.value(each) for each in self.file.accounts_of(name))
            + self.asked.deposits.get(name, 0)
            for name in self.file.people
        }

    def receipts(self, person: str) -> float:
        """Return the tax of a further won that a person's pensions pay."""
        owned = self.file.accounts_of(person)
        worth = sum(self.value(each) for each in owned if each.kind in PENSIONS)
        return receipt_margin(self.book, int(worth), self.file.people[person].age_on(self.on))

    def standings(self) -> Mapping[str, PersonOnDay]:
        return {name: standing_of(self.book, self.file, name, self.on) for name in self.file.people}

    def held(self, facts: Mapping[str, AimFacts]) -> tuple[Held, ...]:
        """Return every position: what accounts hold, and what a target lets them buy."""
        members, classes = set(members_held(facts)), self.classes(facts)
        limits = product_limits(self.inputs, facts)
        found: list[Held] = []
        for account in self.file.accounts.values():
            universe = self.inputs.universes[account.id]
            limit = limits.get(account.owner)
            buyable = buyable_in(
                self.book,
                account.kind or "",
                universe,
                classes=classes,
                members=None if account.kind == "overseas" else members,
                priced=self.prices.keys() - too_risky(universe, limit) - self.dear(),
            )
            if self.inputs.investors[account.owner].stops is not None:
                buyable = ()
            found += positions_of(
                self.book,
                account,
                self.inputs.holdings[account.id],
                universe,
                self.prices,
                buyable=buyable,
                on=self.law_of,
                receipts=self.receipts(account.owner),
            )
        return tuple(map(self._left_alone, found))

    def dear(self) -> frozenset[str]:
        """Return the funds that nobody buys at today's price: too far above net asset value."""
        return frozenset(code for code, priced in self.prices.items() if priced.too_dear)

    def _left_alone(self, held: Held) -> Held:
        """Return a position that no plan sells where the strategy does not know the fund."""
        if self.file.policy.sell_outside or held.position.key not in self.counted:
            return held
        return replace(held, position=replace(held.position, sellable=False))

    def classes(self, facts: Mapping[str, AimFacts]) -> tuple[str, ...]:
        """Return the classes of the targets, in the order of their universe."""
        wanted = {
            name
            for each in facts.values()
            for name, weight in weights_of(each).items()
            if name != CASH and weight > 0.0
        }
        order = dict.fromkeys(
            name for universe in self.inputs.universes.values() for name in universe.classes
        )
        return tuple(name for name in order if name in wanted)

    def household(
        self,
        facts: Mapping[str, AimFacts],
        held: tuple[Held, ...],
        goals: tuple[GoalPlan, ...],
        before: Before,
    ) -> Household:
        """Return the problem."""
        standings = self.standings()
        pools = {f"new:{name}": name for name, amount in self.asked.deposits.items() if amount}
        funds = tuple(self._funds(facts, held))
        used = {name for fund in funds for name in fund.exposure if name != CASH}
        classes = tuple(dict.fromkeys((*self.classes(facts), *sorted(used))))
        accounts = tuple(
            self._account(each, standings[each.owner], held) for each in self.file.accounts.values()
        )
        open_accounts = [each.id for each in accounts if not each.lock_years]
        needs = needs_of(self.file, goals, open_accounts=open_accounts, pools=pools)
        return Household(
            classes=classes,
            funds=funds,
            accounts=accounts,
            positions=tuple(each.position for each in held),
            members=tuple(
                member_of(
                    self.book,
                    name,
                    standings[name],
                    kinds=frozenset(each.kind or "" for each in self.file.accounts_of(name)),
                    money=self._payable(name),
                )
                for name in self.file.people
            ),
            aims=aims_of(
                self.file,
                facts,
                classes,
                pools=pools,
                withdrawals=self.asked.withdrawals,
                before=before,
            ),
            pools=tuple(
                MoneyPool(
                    id=pool,
                    amount=float(self.asked.deposits[name]),
                    accounts=tuple(
                        each.id
                        for each in self.file.accounts.values()
                        if self.file.policy.gifts or each.owner == name
                    ),
                )
                for pool, name in pools.items()
            ),
            needs=needs,
            policy=self._policy(open_accounts, self._needed(needs, open_accounts)),
        )

    def _payable(self, name: str) -> int:
        """Return the new money that may reach a person's accounts."""
        if self.file.policy.gifts:
            return sum(self.asked.deposits.values())
        return self.asked.deposits.get(name, 0)

    def _gives(self, name: str) -> float:
        """Return what of a withdrawal may leave a person's accounts: another's part is a gift."""
        asked = self.asked.withdrawals
        mine = asked.get(name, 0) if asked and not self.file.policy.gifts else None
        return float("inf") if mine is None else float(mine)

    def _funds(self, facts: Mapping[str, AimFacts], held: Iterable[Held]) -> Iterator[Fund]:
        """Yield each fund once, with what it is exposed to."""
        risky = frozenset[str]().union(
            *(w.risk_classes for each in facts.values() for w in each.wanted.values())
        )
        funds = {each.fund.code: each.fund for each in held}
        for code, fund in funds.items():
            exposure = exposure_of(fund, self.inputs.mixed)
            yield Fund(
                code=code,
                price=self.prices[code].won,
                exposure=exposure,
                risk=sum(share for name, share in exposure.items() if name in risky),
                capped=fund.irp == "risk",
            )

    def _account(
        self, account: HouseholdAccount, standing: PersonOnDay, held: tuple[Held, ...]
    ) -> Account:
        own = [each for each in held if each.position.account == account.id]
        holdings: Holdings = self.inputs.holdings[account.id]
        born, there = (
            self.file.people[account.owner].born,
            withdrawable(account, holdings, self.prices),
        )
        room = room_of(self.book, account, standing, on=self.on, money=self._payable(account.owner))
        return account_of(
            self.book,
            account,
            holdings,
            own,
            self.prices,
            isa_kind=standing.isa_kind,
            room=float(room),
            withdrawable=min(there, self._gives(account.owner)),
            lock_years=lock_years(self.book, account, born, self.on),
            collar=float(account.broker.get("collar", COLLAR)),
            horizon=self.file.policy.horizon,
            on=self.on,
        )

    def _needed(self, needs: Iterable[Need], open_accounts: Collection[str]) -> float:
        """Return the open money that needs take: the rest is there in accounts that lock.

        A goal for which only pensions are named takes none: money for it may be locked.
        """
        found = 0.0
        for need in needs:
            locked = [each for each in need.accounts if each not in open_accounts]
            if need.accounts and len(locked) == len(need.accounts):
                continue
            there = sum(self.value(self.file.accounts[each]) for each in locked)
            found += max(0.0, need.amount - there)
        return found

    def _policy(self, open_accounts: Iterable[str], needed: float) -> Policy:
        """Return the prices and limits of the file.

        At most ``max_lock`` of the open money that neither reserve nor goals need may be locked.
        """
        asked = self.file.policy
        free = sum(self.value(self.file.accounts[name]) for name in open_accounts)
        free += sum(self.asked.deposits.values()) - sum(self.asked.withdrawals.values())
        whole = sum(self.money_by_person().values())
        least = min(s.rebalance.min_trade for s in self.inputs.strategies.values())
        return Policy(
            drift_price=asked.drift_price,
            horizon=asked.horizon,
            realise=asked.realise,
            lock_price=asked.lock_price,
            max_trades=asked.max_trades,
            min_trade=min(float(least), _SMALL * whole),
            min_gain=float(asked.min_gain),
            lock_most=asked.max_lock * max(0.0, free - needed),
        )


__all__ = ["Before", "gather", "risk_target"]
