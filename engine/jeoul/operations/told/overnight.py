"""Orders that lapsed at the close of an earlier session: the first run after it names them."""

from __future__ import annotations

from collections.abc import Sequence

from jeoul.messages import say
from jeoul.model.portfolio import Reason
from jeoul.operations.desk.intents import Intent, intents_of
from jeoul.operations.desk.lapsing import OVER, STOPPED
from jeoul.operations.setup.config import Config
from jeoul.operations.told.alarms import AlarmLog, hears_alarms
from jeoul.operations.told.session_records import SessionRecords
from jeoul.operations.told.unsent_buys import lapsed_texts, named_orders
from jeoul.pipeline.alarms import Alarm

_LAPSED = frozenset((OVER, *STOPPED.values()))


def overnight_reasons(records: SessionRecords, config: Config, *, keep: bool) -> list[Reason]:
    """Return what lapsed at the close of the account's run before this session, once.

    With ``keep`` the ledger keeps it as an alarm, so that no later run names it again. Only a
    broker that fills orders during the session leaves orders unsent.
    """
    if not records.desk.broker.sales_first:
        return []
    before = records.desk.ledger.row(
        # No index of the account is used: it would sort every run.
        "SELECT run_id FROM runs WHERE account || '' = ? AND session < ? ORDER BY seq DESC LIMIT 1",
        records.account,
        records.session.isoformat(),
    )
    if before is None or _is_named(records, before["run_id"]):
        return []
    alarm = lapsed_alarm(intents_of(records.desk.ledger, before["run_id"]))
    if alarm is None:
        return []
    if keep:
        AlarmLog(records.notes).add([alarm], tell=hears_alarms(config))
    return [alarm.reason]


def keep_named(records: SessionRecords, intents: Sequence[Intent]) -> None:
    """Keep that a report of their own session named the orders of a run that lapsed."""
    if records.desk.broker.sales_first:
        alarm = lapsed_alarm(intents)
        AlarmLog(records.notes).add([] if alarm is None else [alarm], tell=False)


def lapsed_alarm(intents: Sequence[Intent]) -> Alarm | None:
    """Return the alarm for the orders of a run that lapsed at the close, None without any."""
    lapsed = [i for i in intents if i.state == "expired" and i.detail.get("why") in _LAPSED]
    if not lapsed:
        return None
    run_id, executed = lapsed[0].run_id, lapsed[0].executed
    texts = {f"text_{language}": _text(lapsed, language) for language in ("en", "ko")}
    reason = Reason.of("alarm.lapsed", session=executed, **texts)
    return Alarm(_key(run_id), executed, reason)


def _text(lapsed: list[Intent], language: str) -> str:
    texts = list(lapsed_texts(lapsed, language))
    over = [intent for intent in lapsed if intent.detail["why"] == OVER]
    if over:
        orders = {"orders": named_orders(over, language)}
        texts.append(say(language, "operations.lapsed_over", orders))
    return " ".join(texts)


def _is_named(records: SessionRecords, run_id: str) -> bool:
    return AlarmLog(records.notes).has(_key(run_id))


def _key(run_id: str) -> str:
    return f"lapsed.{run_id}"
