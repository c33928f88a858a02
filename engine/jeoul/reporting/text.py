"""A text in both languages."""

from __future__ import annotations

from typing import NamedTuple

from jeoul.messages import say


class Text(NamedTuple):
    """One text in both languages: an instrument's own names, a strategy's title."""

    ko: str
    en: str

    @staticmethod
    def of(message: str, **detail: object) -> Text:
        """Return a message of the catalogues in both languages.

        >>> Text.of("report.class_gold")
        Text(ko='금', en='Gold')
        """
        return Text(say("ko", message, detail), say("en", message, detail))

    def into(self, language: str) -> str:
        """Return the text in ``ko`` or ``en``."""
        return self.ko if language == "ko" else self.en
