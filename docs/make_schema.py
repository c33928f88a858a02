"""Write the schemas by which editors check a strategy or a household while it is typed.

python docs/make_schema.py

The tests compare the committed files with the tables that the readers use.
"""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel

from jeoul.household.written.keys import HouseholdKeys
from jeoul.strategy.schema import Strategy

DATA = Path(__file__).parents[1] / "data"
SCHEMAS: dict[str, type[BaseModel]] = {
    "strategy.schema.json": Strategy,
    "household.schema.json": HouseholdKeys,
}


def text(model: type[BaseModel]) -> str:
    """Return a whole file."""
    schema = model.model_json_schema(by_alias=True)
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    for name, model in SCHEMAS.items():
        (DATA / name).write_text(text(model), "utf-8", newline="\n")
