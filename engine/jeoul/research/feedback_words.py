"""What feedback came to, in words: a terminal and a page say the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from jeoul.backtesting import Summary
from jeoul.messages import say
from jeoul.research.feedback import Feedback
from jeoul.research.judgement import Judgement

MIXES = ("learned", "equal")
"""The two that are mixes of rule sets, by their names among the figures."""


class Judged(NamedTuple):
    """One profile's feedback, and its trial among all that were."""

    found: Feedback
    verdict: Judgement


@dataclass(frozen=True)
class FeedbackWords:
    """What is said of one profile's feedback, in one language."""

    judged: Judged
    language: str

    def say(self, name: str, /, **detail: object) -> str:
        """Return a message of the table of feedback."""
        return say(self.language, f"feedback.{name}", detail)

    @property
    def title(self) -> str:
        """Return the profile, the span and the months of learning."""
        found = self.judged.found
        figures = found.figures["learned"]
        return self.say(
            "head",
            profile=say(self.language, f"profile.{found.profile}"),
            start=figures.start,
            end=figures.end,
            months=len(found.learning.months) - 1,
        )

    def name(self, name: str) -> str:
        """Return what a rule set or a mix is called."""
        if name in MIXES:
            return self.say(name)
        return say(self.language, f"evidence.way_{name.split(maxsplit=1)[0]}")

    @property
    def verdict(self) -> str:
        """Return whether learning helped, with the interval."""
        found, gap = self.judged.found, self.judged.found.gaps["equal"]
        return self.say(
            found.verdict.replace(" ", "_"),
            cagr=f"{gap.cagr:+z.2%}",
            low=f"{found.interval.low:+z.2%}",
            high=f"{found.interval.high:+z.2%}",
            t=f"{gap.t:+.1f}",
        )

    def cells(self, name: str, figures: Summary) -> dict[str, str]:
        """Return the figures of a rule set or a mix as text, by name."""
        learning = self.judged.found.learning
        weights = dict(zip(learning.experts, learning.weights[-1].tolist(), strict=True))
        return {
            "name": self.name(name),
            "cagr": f"{figures.cagr:z.2%}",
            "volatility": f"{figures.volatility:z.1%}",
            "fall": f"{figures.max_drawdown:z.1%}",
            "sharpe": f"{figures.sharpe:.2f}",
            "loss": f"{learning.losses[name]:.2f}" if name in weights else "–",
            "weight": f"{weights[name]:z.1%}" if name in weights else "–",
        }

    def rows(self) -> Iterator[str]:
        """Yield a line for each mix and each rule set."""
        for name, figures in self.judged.found.figures.items():
            kind = "mix" if name in MIXES else "expert"
            yield self.say(kind, **self.cells(name, figures))

    def sentences(self) -> Iterator[str]:
        """Yield the verdict, and what it rests on."""
        found, judgement = self.judged.found, self.judged.verdict
        yield self.verdict
        for name in ("default", "static"):
            gap = found.gaps[name]
            yield self.say(f"beside_{name}", cagr=f"{gap.cagr:+z.2%}", fall=f"{gap.drawdown:+z.1%}")
        learning = found.learning
        yield self.say(
            "regret",
            regret=f"{learning.regret:.2f}",
            bound=f"{learning.bound:.2f}",
            railed=f"{learning.railed_regret:.2f}",
            stopped=learning.stopped,
        )
        yield self.say(
            "trials",
            trials=judgement.trials,
            deflated=f"{judgement.deflated_sharpe:z.1%}",
            overfitting=f"{found.overfitting:z.0%}",
        )
        yield self.say("digest", digest=found.digest[:12])
