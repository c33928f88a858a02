"""The second book-keeper: plain integers, and not a line of the engine's.

It reads the journal of the world and the ledger with SQL of its own, and says where the two
do not agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from simulator.market import SimulatedMarket
from simulator.world import Nature

Rows = Any
"""What answers SQL: a connection of SQLite, or what stands in for one."""
FEE = Fraction("0.000140527")
FEE_SLACK = 10  # won for each order that fees may be apart from what was told or estimated
LIVE = ("acknowledged", "sending")


class Oracle:
    """The account as it must be, and every rule that was broken on the way."""

    def __init__(self, market: SimulatedMarket, nature: Nature) -> None:
        self.market = market
        self.nature = nature
        self.excused = False  # whether something happened that nobody could explain to the engine
        self.fee_rows = 0
        self.cash = 0
        self.fees = 0
        self.unnamed = 0  # paid in and out since the last look, at a broker that does not name it
        self.mistaken = {0}  # what of it may stand in the books as fees
        self.owed: dict[int, int] = {}
        self.shares: dict[str, int] = {}
        self.orders: dict[tuple[int, int], list[Any]] = {}
        self.open: set[tuple[int, int]] = set()
        self.odd: set[str] = set()  # orders whose fills changed when they were over
        self.lost: set[tuple[int, int]] = set()  # orders of a ledger that is not there any more
        self.sent: dict[str, tuple[int, int]] = {}
        self.day = 0
        self.read = 0
        self.checked = 0
        self.pot = 0  # cash at the last look, less what purchases took of it since
        self.seen: dict[str, int] = {}  # shares at the last look
        self.handing = False
        self.faults: list[str] = []

    def follow(self, journal: Sequence[tuple[Any, ...]]) -> None:
        """Book what happened since the last time."""
        for entry in journal[self.read :]:
            getattr(self, f"_{entry[0]}")(*entry[1:])
        self.read = len(journal)

    def _deposit(self, day: int, amount: int) -> None:
        self.excused |= not self.nature.movements
        self.unnamed += 0 if self.nature.movements else amount
        self.cash += amount

    def _day(self, day: int) -> None:
        self.day = day
        for due in [d for d in self.owed if d <= day]:
            self.cash += self.owed.pop(due)

    def _actions(self, day: int) -> None:
        """A split first, its fraction of a share paid at the close; then the dividend."""
        self.excused |= not self.nature.movements
        splits, dividends = self.market.splits.get(day, {}), self.market.dividends.get(day, {})
        for code in list(self.shares):
            if code in splits:
                new, old = splits[code]
                whole, rest = divmod(self.shares[code] * new, old)
                self.cash += rest * self.market.closes[day][code] // old
                self._hold(code, whole - self.shares[code])
                self.seen[code] = self.seen.get(code, 0)
            if code in dividends:
                self.cash += self.shares.get(code, 0) * dividends[code]

    def _hold(self, code: str, more: int) -> None:
        self.shares[code] = self.shares.get(code, 0) + more
        if not self.shares[code]:
            del self.shares[code]

    def _handing(self, now: bool) -> None:
        """A process begins to hand orders over: what it looks at from here on are only traces."""
        self.handing = now

    def _look(self, cash: int, shares: Mapping[str, int]) -> None:
        self._unnamed_or_fees()
        if not self.handing:
            self.pot, self.seen = cash, dict(shares)
        if self.nature.reuses:  # a buy is sent on what was looked at just before
            self.pot = cash + sum(self.owed.values())
        if cash != self.cash or dict(shares) != self.shares:
            self.faults.append(f"the world says {cash} {shares}, not {self.cash} {self.shares}")

    def _unnamed_or_fees(self) -> None:
        """Two payments that are apart by no more than fees may be taken for fees.

        Where the broker tells its fees, no more than their rounding is open.
        """
        likely = FEE_SLACK * len(self.orders) + (0 if self.nature.fees else self.fees)
        if 0 < abs(self.unnamed) <= likely:
            self.mistaken |= {each - self.unnamed for each in self.mistaken}
        self.unnamed = 0

    def _submit(self, name: str, buys: bool, code: str, shares: int, price: int) -> None:
        waiting = [self.orders[key] for key in self.open]
        ours = [order for order in waiting if order[0] and order[1] is buys]
        if buys:
            promised = sum(_cost(o[3] - o[5], o[4]) for o in ours if o[0] != name)
            cost = _cost(shares, price)
            if cost + promised > self.pot:
                self.faults.append(
                    f"{name}: {shares} {code} for {cost} beside {promised} of {self.pot}"
                )
            return
        held = self.seen.get(code, 0) - sum(
            o[3] - o[5] for o in ours if o[2] == code and o[0] != name
        )
        if shares > held:
            self.faults.append(f"{name}: sells {shares} {code} of {held}")

    def _accepted(
        self, key: tuple[int, int], name: str, buys: bool, code: str, shares: int, price: int
    ) -> None:
        self.orders[key] = [name, buys, code, shares, price, 0, 0]
        self.open.add(key)
        if name and name in self.sent:
            self.faults.append(f"{name}: sent twice, as {self.sent[name]} and {key}")
        if name:
            self.sent[name] = key

    def _over(self, key: tuple[int, int]) -> None:
        self.open.discard(key)

    def _changed(self, key: tuple[int, int], shares: int) -> None:
        self.orders[key][3] = shares
        self.excused = True

    def forgotten(self, journal: Sequence[tuple[Any, ...]]) -> None:
        """A ledger is put back to before what a journal says, and the broker shows no names."""
        self.excused = True
        if not self.nature.names:
            self.lost |= {entry[1] for entry in journal if entry[0] == "accepted"}

    def adopting(self) -> None:
        """A person is asked to adopt what the books do not explain; somebody must have done it."""
        if not self.excused and not self.nature.resets:
            self.faults.append(f"day {self.day}: asks to adopt what nobody did")

    def _fill(self, key: tuple[int, int], shares: int, amount: int, fee: int) -> None:
        order = self.orders[key]
        buys, code = order[1], order[2]
        order[5] += shares
        order[6] += fee
        if key not in self.open:
            self.odd.add(order[0])
        self.excused |= key not in self.open or shares < 0 or not order[0] or key in self.lost
        self.fees += fee
        # A fill of another order, or of one that was over, surprises a process at work.
        expected = order[0] and key in self.open
        if buys:
            self._pay(amount + fee)
            self.pot -= amount + fee if expected else 0
            self._hold(code, shares)
            return
        self._hold(code, -shares)
        if expected:
            self.seen[code] = self.seen.get(code, 0) - shares
            self.pot += amount - fee if self.nature.reuses and shares > 0 else 0
        due = key[0] + 2
        if due > self.day and amount < 0 and self.nature.reuses:
            self._pay(fee - amount)
        elif due > self.day:
            self.owed[due] = self.owed.get(due, 0) + amount - fee
        else:
            self.cash += amount - fee

    def _pay(self, amount: int) -> None:
        """Take money where it is: what is to come last first, if it may be spent; then cash."""
        while self.nature.reuses and amount > 0 and any(v > 0 for v in self.owed.values()):
            last = max(day for day, value in self.owed.items() if value > 0)
            part = min(amount, self.owed[last])
            self.owed[last] -= part
            amount -= part
            if self.owed[last] == 0:
                del self.owed[last]
        self.cash -= amount

    def compare(self, ledger: Rows) -> None:
        """Hold the ledger's books against the account, where no order of ours is open."""
        self._released(ledger)
        self._charged(ledger)
        if not _at_rest(ledger):
            return
        sums: dict[str, dict[str, int]] = {}
        for account, commodity, amount in ledger.execute(
            "SELECT account, commodity, SUM(amount) FROM postings GROUP BY 1, 2"
        ):
            if amount:
                sums.setdefault(account, {})[commodity] = amount
        adopted = ledger.execute(
            "SELECT 1 FROM transactions WHERE kind IN ('adopted', 'resolution') LIMIT 1"
        ).fetchall()
        self._books(sums, plain=not adopted)
        self.excused = False

    def _books(self, sums: Mapping[str, Mapping[str, int]], *, plain: bool) -> None:
        money = sum(
            amounts.get("KRW", 0)
            for account, amounts in sums.items()
            if account == "assets:cash" or account.startswith("assets:unsettled:")
        )
        truth = self.cash + sum(self.owed.values())
        if money != truth:
            self.faults.append(f"day {self.day}: the books have {money}, the account {truth}")
        held = dict(sums.get("assets:shares", {}))
        if held != self.shares:
            self.faults.append(f"day {self.day}: the books hold {held}, the account {self.shares}")
        fees = sums.get("expenses:fees", {}).get("KRW", 0)
        if plain and fees - self.fees not in self.mistaken:
            self.faults.append(f"day {self.day}: fees of {fees} in the books, {self.fees} paid")
        for account, amounts in sums.items():
            if account.startswith("assets:") and min(amounts.values()) < 0:
                self.faults.append(f"day {self.day}: {account} is below zero: {amounts}")

    def _released(self, connection: Rows) -> None:
        """Every order that was sent belongs to the plan that was alive then."""
        rows = connection.execute(
            "SELECT e.seq, i.run_id, (SELECT r.run_id FROM runs r WHERE r.seq < e.seq "
            "ORDER BY r.seq DESC LIMIT 1), (SELECT MIN(v.seq) FROM run_events v "
            "WHERE v.run_id = i.run_id AND v.event IN ('lapsed', 'rejected')) "
            "FROM order_events e JOIN intents i USING (intent) "
            "WHERE e.seq > ? AND e.state = 'sending' ORDER BY e.seq",
            (self.checked,),
        ).fetchall()
        for seq, run, newest, ended in rows:
            self.checked = seq
            if run != newest:
                self.faults.append(f"row {seq}: sends of {run} after {newest} was made")
            if ended is not None and ended < seq:
                self.faults.append(f"row {seq}: sends of {run}, which had ended")

    def _charged(self, connection: Rows) -> None:
        """Each order's fees are booked once, however many fills it had."""
        rows = connection.execute(
            "SELECT intent, SUM(shares), SUM(fee), MAX(seq) FROM fills WHERE intent IN "
            "(SELECT intent FROM fills WHERE seq > ?) GROUP BY intent",
            (self.fee_rows,),
        ).fetchall()
        for name, filled, fee, seq in rows:
            self.fee_rows = max(self.fee_rows, seq)
            order = self.orders[self.sent[name]]
            whole = filled == order[5] and name not in self.odd
            if self.nature.fees and whole and fee != order[6]:
                self.faults.append(f"{name}: {fee} of fees are booked, {order[6]} were charged")


def _cost(shares: int, price: int) -> int:
    return shares * price + int(shares * price * FEE)


def _at_rest(connection: Rows) -> bool:
    return (
        connection.execute(
            "SELECT 1 FROM order_events e WHERE state IN (?, ?) AND NOT EXISTS (SELECT 1 "
            "FROM order_events later WHERE later.intent = e.intent AND later.seq > e.seq) LIMIT 1",
            LIVE,
        ).fetchone()
        is None
    )
