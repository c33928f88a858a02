"""Write ``data/strategy.schema.json``, by which editors check a strategy file while it is typed.

python docs/make_schema.py

The tests compare the committed file with the tables in ``jeoul.strategy.schema``.
"""

from __future__ import annotations

import json
from pathlib import Path

from jeoul.strategy.schema import Strategy

FILE = Path(__file__).parents[1] / "data" / "strategy.schema.json"


def text() -> str:
    """Return the whole file."""
    schema = Strategy.model_json_schema(by_alias=True)
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8", newline="\n")
