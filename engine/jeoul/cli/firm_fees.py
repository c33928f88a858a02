"""The advisory fees of a firm: as a table, as JSON and as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from jeoul.cli.firm_blocks import written
from jeoul.cli.firm_text import MOST
from jeoul.cli.tables import Grid, show
from jeoul.messages import say

if TYPE_CHECKING:
    from jeoul.firm.advisory import AdvisoryFee
    from jeoul.workspace.firm import FirmFile

_KEYS = ("account", "rate", "days", "base", "accrued", "charge", "carried")


def _rows(fees: Sequence[AdvisoryFee]) -> list[dict[str, Any]]:
    return [
        {
            "account": fee.account,
            "rate": str(fee.rate),
            "days": fee.days,
            "base": fee.base,
            "accrued": round(float(fee.accrued), 6),
            "charge": fee.charge,
            "carried": round(float(fee.carried), 6),
        }
        for fee in fees
    ]


def fee_document(firm: FirmFile, month: str, fees: Sequence[AdvisoryFee]) -> dict[str, Any]:
    """Return the fees of a month as JSON values, with their sum."""
    return {
        "firm": firm.keys.name,
        "month": month,
        "accrual": firm.keys.advisory.accrual,
        "total": sum(fee.charge for fee in fees),
        "fees": _rows(fees),
    }


def written_fees(fees: Sequence[AdvisoryFee]) -> str:
    """Return the fees of a month as CSV."""
    return written(_rows(fees), _KEYS)


def show_fees(fees: Sequence[AdvisoryFee], month: str, language: str) -> None:
    """Write the fees of a month as a table, the first clients of many, and their sum."""
    names = ("account", "rate", "days", "base", "charge")
    heads = [say(language, f"firm.fee_{name}") for name in names]
    rows = [
        (
            fee.account,
            f"{fee.rate:.3%}",
            *(f"{each:,}" for each in (fee.days, fee.base, fee.charge)),
        )
        for fee in fees[:MOST]
    ]
    show(Grid(heads, rows))
    if (more := len(fees) - MOST) > 0:
        click.echo(say(language, "firm.more", {"count": more}))
    total = {
        "month": month,
        "total": f"{sum(fee.charge for fee in fees):,}",
        "accounts": len(fees),
        "carried": f"{float(sum(fee.carried for fee in fees)):.2f}",
    }
    click.echo(say(language, "firm.fee_total", total))
