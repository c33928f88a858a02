"""The person beside the account, who does what an outcome asks, by the command that it names."""

from __future__ import annotations

import re
from typing import NamedTuple

from jeoul.operations.setup.outcome import Report

REST = "rest"
AGAIN = "run again"
ADOPT = "--adopt"
APPROVE = "--approve"
REJECT = "--reject"
ACCEPT = "--accept-strategy"
RESOLVE = "jeoul resolve"
CLOCK = "clock"
CANCEL = "cancel"

_ORDER = re.compile(r"\(?([a-z][a-z0-9_-]*\.[a-z0-9_-]+\.\d{4}-\d\d-\d\d(?:\.\d+)?\.\d\d)\)?")
_RUN = re.compile(r"--(?:approve|reject) ([a-z][\w.-]+\d)")
_DIGEST = re.compile(r"--accept-strategy ([0-9a-f]{8,64})")
_LATER = (  # nothing can be done before the next session, and the text says so
    "is over",
    "are not taken yet",
    "still open",
    "decides again",
    "will not be sent",
)


class Answer(NamedTuple):
    """What the person does: a verb, and the order, run or digest that it is about."""

    verb: str
    about: str = ""


def answer(report: Report) -> Answer:
    """Return what the person does about an outcome, :data:`REST` where nothing is asked."""
    if report.outcome in ("executed", "nothing_to_do"):
        return Answer(REST)
    text = " ".join((*report.reasons, *report.asked))
    digest, run, order = _DIGEST.search(text), _RUN.search(text), _ORDER.search(text)
    if digest:
        return Answer(ACCEPT, digest[1])
    if "jeoul resolve" in text:
        return Answer(RESOLVE, order[1] if order else "")
    if ADOPT in text:
        return Answer(ADOPT)
    if report.outcome == "planned" and run:
        return Answer(APPROVE, run[1])
    if "clock" in text.lower():
        return Answer(CLOCK)
    if "Cancel" in text:
        return Answer(CANCEL)
    if any(later in text for later in _LATER):
        return Answer(REST)
    return Answer(AGAIN)
