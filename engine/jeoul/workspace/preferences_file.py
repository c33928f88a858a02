"""The keys of the user config."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator

from jeoul.model.instrument import AccountKind, kind_word


class PreferencesFile(BaseModel):
    """The user config as a person writes it; every key may be left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: str | None = None
    lang: Literal["ko", "en"] | None = None
    account: AccountKind | None = None
    profile: Literal["conservative", "balanced", "growth"] | None = None

    @field_validator("account", mode="before")
    @classmethod
    def _in_any_form(cls, value: Any) -> Any:
        """Return the kind of an account as every command reads it."""
        return kind_word(value) if isinstance(value, str) else value
