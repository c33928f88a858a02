"""The files of a firm with simulated clients, for a first look."""

from __future__ import annotations

from pathlib import Path

from jeoul.errors import UsageError

_FIRM = """\
schema   = 1
name     = "example"
strategy = "managed"
register = "register.csv"
holdings = "holdings.csv"
state    = "state"
lang     = "{lang}"

[advisory]
rate    = "0.005"    # a year, where the register names no other
accrual = "daily"    # or "month_end"

[review]
turnover = "0.5"     # above this share of its value, a person looks at the client's orders
"""
_PROFILES = {
    "conservative": "stability_seeking", "balanced": "neutral", "growth": "active",
}  # fmt: skip
_KINDS = ("general", "isa", "pension_savings", "irp")
_EXCLUDED, _CAPPED = "069500", "360750=0.10"


def write_firm(folder: Path, clients: int, language: str) -> list[str]:
    """Write a firm's file, register and holdings of simulated clients; return their paths.

    The same number of clients gives the same files. Raises :class:`UsageError` for a folder that is
    not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty; name a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "firm.toml": _FIRM.format(lang=language),
        "register.csv": _register(clients),
        "holdings.csv": _holdings(clients),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8", newline="\n")
    return [str(folder / name) for name in texts]


def _register(clients: int) -> str:
    lines = ["account,client,profile,kind,type,answers_id,answered,fee,excluded,caps,status"]
    for number in range(clients):
        profile = list(_PROFILES)[number % 3]
        excluded = _EXCLUDED if number % 7 == 3 else ""
        caps = _CAPPED if number % 11 == 5 else ""
        status = "suspended" if number % 50 == 11 else "active"
        answered = "2024-03-04" if number % 25 == 8 else "2026-02-02"
        fee = "0.0035" if number % 4 == 2 else ""
        kind = _KINDS[number // 3 % 4]
        lines.append(
            f"{_account(number)},C{number // 2 + 1:05d},{profile},{kind},{_PROFILES[profile]},"
            f"Q{number + 1:05d},{answered},{fee},{excluded},{caps},{status}"
        )
    return "\n".join(lines) + "\n"


def _holdings(clients: int) -> str:
    lines = ["account,ticker,shares,deposit,withdrawal"]
    for number in range(clients):
        # A linear congruence spreads amounts without a source of randomness.
        cash = 5_000_000 + (number * 7_919_113 + 1_234_567) % 95_000_000
        cash = cash // 20 if number % 3 == 1 else cash
        deposit = 1_000_000 if number % 6 == 4 else ""
        lines.append(f"{_account(number)},CASH,{cash},{deposit},")
        if number % 3 == 1:
            for code, base in (("273130", 60), ("114260", 70), ("360750", 250), ("411060", 90)):
                lines.append(f"{_account(number)},{code},{base + number * 13 % 40},,")
    return "\n".join(lines) + "\n"


def _account(number: int) -> str:
    return f"A{number + 1:05d}"
