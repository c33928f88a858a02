"""The keys of ``firm.toml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from jeoul.account.file import AccountFileTable, FeeRate, FeeSettings
from jeoul.account.suitability_keys import SuitabilitySettings
from jeoul.household.written.keys import Name, Text
from jeoul.model.money import rate

Accrual = Literal["daily", "month_end"]


def _share(text: str) -> str:
    rate(text, below="2.000001")
    return text


class AdvisorySettings(AccountFileTable):
    """What the firm charges its clients a year, where the register names no rate of their own.

    ``accrual`` says which values count: those of every calendar day, or of each month's end.
    """

    rate: FeeRate = "0"
    accrual: Accrual = "daily"


class ReviewSettings(AccountFileTable):
    """What a person looks at before it is approved, as shares of a client's value.

    ``turnover`` is all that is bought and sold; a first investment is not counted. ``order`` is one
    order.
    """

    turnover: Annotated[str, AfterValidator(_share)] = "0.5"
    order: Annotated[str, AfterValidator(_share)] = "2"


class FirmKeys(AccountFileTable):
    """A firm's file. Paths are relative to it.

    ``register`` lists the clients, ``holdings`` what they hold this morning. ``answers`` is a
    folder of questionnaires named after their ids; with it every row of the register is compared
    with what its answers say. Purchases are paid from settled cash: a block of sales that is filled
    in part must not leave a client's purchases unpaid.
    """

    schema_: Literal[1] = Field(alias="schema")
    name: Name
    register_: Text = Field(alias="register")
    holdings: Text
    state: Text
    strategy: Text = "managed"
    lang: Literal["ko", "en"] = "ko"
    data: Text | None = None
    answers: Text | None = None
    collar: Annotated[float, Field(ge=0.0, le=0.3)] = 0.02
    costs: FeeSettings = FeeSettings()
    advisory: AdvisorySettings = AdvisorySettings()
    suitability: SuitabilitySettings = SuitabilitySettings()
    review: ReviewSettings = ReviewSettings()
