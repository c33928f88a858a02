"""Codes of the shares and funds that the Korea Exchange lists."""

from __future__ import annotations

import tomllib
from functools import cache

from jeoul import assets


@cache
def exchange_codes() -> frozenset[str]:
    """Return the codes of ``data/catalogue/krx-listed.toml``, each list as of its day.

    >>> [code in exchange_codes() for code in ("005930", "0043Y0", "123450")]
    [True, True, False]
    """
    lists = tomllib.loads(assets.data("catalogue", "krx-listed.toml").read_text("utf-8"))
    return frozenset(code for each in ("shares", "funds") for code in lists[each]["codes"].split())
