"""The answers of a person to a firm's plan: each client once, whatever happens in between."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from jeoul.database import IntegrityError
from jeoul.errors import UsageError, visible
from jeoul.firm.records import ClientState
from jeoul.operations.firm.books import FirmBooks
from jeoul.operations.firm.plans import FirmPlan, named_plan

FirmAnswer = Literal["approved", "rejected"]
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalsRecorded:
    """What an answer came to: accounts that it was recorded for, and those answered before."""

    answer: FirmAnswer
    recorded: tuple[str, ...]
    before: tuple[str, ...]


def answer_plan(
    books: FirmBooks,
    plan: FirmPlan,
    answer: FirmAnswer,
    accounts: Collection[str],
    *,
    who: str,
    why: str,
    at: int,
) -> ApprovalsRecorded:
    """Record a person's answer to accounts of the newest plan, for all of them or for none.

    ``accounts`` empty means every client whose orders wait and need nobody's look; those that need
    one have to be named. The same answer given again changes nothing. Raises
    :class:`~jeoul.errors.UsageError` for an account without orders, for one that has the other
    answer, for a plan that a newer one replaced and for a plan whose fills are shared already.
    """
    _refuse_words(who, why)
    try:
        with books.transaction():
            newest = books.newest()
            if newest is None or newest.plan != plan.digest:
                raise UsageError(
                    f"plan {plan.digest[:12]} was replaced by a newer one; look at it with "
                    "`jeoul firm show`, then answer that"
                )
            given = named_plan(books, plan.digest)
            wanted = _wanted(given, accounts, answer)
            _refuse_other_answers(given, wanted, answer)
            fresh = [account for account in wanted if given.answer(account) is None]
            if fresh and books.allotment(plan.digest) is not None:
                raise UsageError(
                    f"the fills of plan {plan.digest[:12]} are shared already; make a new plan"
                )
            for account in fresh:
                content = {"why": why, "orders": len(plan.clients[account]["orders"])}
                books.append(answer, at, plan.digest, content, account=account, who=who)
    except IntegrityError as error:
        raise UsageError(
            "somebody answered at the same time; look again and answer what is left"
        ) from error
    return ApprovalsRecorded(
        answer=answer,
        recorded=tuple(fresh),
        before=tuple(account for account in wanted if account not in fresh),
    )


def _refuse_words(who: str, why: str) -> None:
    if not who.strip() or len(who) > _LONGEST or visible(who) != who:
        raise UsageError("--by names nobody; give the identifier of who answers")
    if len(why) > 10 * _LONGEST:
        raise UsageError("--why has more than 2,000 characters; write less")


def _wanted(plan: FirmPlan, accounts: Collection[str], answer: FirmAnswer) -> list[str]:
    if not accounts:
        waiting = plan.with_state(ClientState.TRADES)
        return [each for each in waiting if plan.answer(each) in (None, answer)]
    unknown = [account for account in accounts if account not in plan.clients]
    if unknown:
        raise UsageError(f"the plan has no account {', '.join(unknown)}; check the name")
    idle = [account for account in accounts if not plan.clients[account]["orders"]]
    if idle:
        raise UsageError(f"{', '.join(idle)}: there are no orders to answer; leave them out")
    return list(dict.fromkeys(accounts))


def _refuse_other_answers(plan: FirmPlan, accounts: Iterable[str], answer: FirmAnswer) -> None:
    other = [each for each in accounts if plan.answer(each) not in (None, answer)]
    if other:
        given = "rejected" if answer == "approved" else "approved"
        raise UsageError(
            f"{', '.join(other)}: already {given}; that cannot be taken back, make a new plan"
        )
