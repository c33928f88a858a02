"""What every table of a config has in common: strict types, no unknown keys, frozen."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Variable = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]


class ConfigTable(BaseModel):
    """A table of a config file: strict types, no unknown keys, frozen."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
