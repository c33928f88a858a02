"""A household written into a folder: its file, and the holdings that it names."""

from __future__ import annotations

from pathlib import Path

from jeoul.household.written.file import HouseholdFile, read_household

HEAD = """\
schema = 1
name = "home"
state = "state"
"""

MINSU = """\
[people.minsu]
born = 1992-05-11
wages = 62_000_000
spending = 500_000
profile = "balanced"
health = "employee"
"""

HOLDINGS = {
    "general": "ticker,shares,cost,tax_base\n069500,30,33000,\n133690,10,50000,50000\n"
    "CASH,2000000,,\n",
    "us": "ticker,shares,cost\nQQQ,5,300\nCASH,150.25,\n",
    "isa": "ticker,shares,cost\n360750,100,7000\nCASH,1000000,\n",
    "pension": "ticker,shares,cost\n360750,50,7000\nCASH,300000,\n",
    "irp": "ticker,shares\n114260,10\nCASH,300000\n",
}

ACCOUNTS = {
    "general": 'kind = "general"',
    "us": 'kind = "overseas"',
    "isa": 'kind = "isa"\nopened = 2024-03-02\npaid = { 2024 = 5_000_000, 2026 = 1_000_000 }',
    "pension": 'kind = "pension_savings"\nopened = 2021-01-15\npaid = { 2026 = 3_000_000 }',
    "irp": 'kind = "irp"\nopened = 2021-01-15',
}


def account(name: str, body: str, owner: str = "minsu") -> str:
    return (
        f'[accounts.{name}]\nowner = "{owner}"\n{body}\n'
        f'holdings = "{name}.csv"\nbroker = {{ kind = "ticket" }}\n'
    )


def home(
    folder: Path, *accounts: str, more: str = "", people: str = MINSU, **holdings: str
) -> HouseholdFile:
    """Return the household with some of the accounts above, and what ``more`` adds to its file."""
    chosen = accounts or tuple(ACCOUNTS)
    text = HEAD + people + "".join(account(name, ACCOUNTS[name]) for name in chosen) + more
    for name, rows in {**HOLDINGS, **holdings}.items():
        (folder / f"{name}.csv").write_text(rows, "utf-8")
    place = folder / "household.toml"
    place.write_text(text, "utf-8")
    return read_household(place)
