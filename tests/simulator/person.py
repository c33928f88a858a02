"""The person beside the account, who does what an outcome asks, by the command that it names."""

from __future__ import annotations

import re
from typing import NamedTuple

from jeoul.operations.setup.outcome import RunReport

REST = "rest"
AGAIN = "run again"
ADOPT = "--adopt"
APPROVE = "--approve"
REJECT = "--reject"
ACCEPT = "--accept-strategy"
RESOLVE = "jeoul resolve"
CLOCK = "clock"
CANCEL = "cancel"

_NAMED = (  # the command that a text names, in the order in which a person tries them
    (ACCEPT, re.compile(r"--accept-strategy ([0-9a-f]+)")),
    (RESOLVE, re.compile(r"jeoul resolve CONFIG --order (\S+)")),
    (CLOCK, re.compile(r"jeoul resolve CONFIG --forget-clock")),
    (ADOPT, re.compile(r"jeoul run CONFIG --adopt|once with --adopt")),
    (APPROVE, re.compile(r"--approve ([a-z][\w.-]+\d)")),
    (CANCEL, re.compile(r"Cancel it, or .* --reject (\S+)`")),
    (CANCEL, re.compile(r"Cancel the ones")),
)
_LATER = (  # nothing can be done before the next session, and the text says so
    "is over",
    "cannot be placed yet",
    "still open",
    "before the exchange closes",  # purchases wait for sales, which time alone fills
    "decides again",
    "will not be sent",
    "the account is empty",  # its owner took everything out; a deposit is the owner's to make
)


class Answer(NamedTuple):
    """What the person does: a verb, and the order, run or digest that it is about."""

    verb: str
    about: str = ""


def answer(report: RunReport) -> Answer:
    """Return what the person does about an outcome, :data:`REST` where nothing is asked."""
    if report.outcome in ("executed", "nothing_to_do"):
        return Answer(REST)
    text = " ".join((*report.reasons, *report.asked))
    for verb, pattern in _NAMED:
        named = pattern.search(text)
        if named:
            return Answer(verb, named[1] if pattern.groups else "")
    return Answer(REST if any(later in text for later in _LATER) else AGAIN)
