"""The register of the rules by name, with the check of their arguments: a new one is a line."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from jeoul.files.faults import Fault
from jeoul.files.refused import faults_of
from jeoul.korea import (
    accounts,
    deposit,
    etf,
    foreign_tax,
    gains,
    health,
    ima,
    income,
    isa,
    isa_entry,
    isa_reopen,
    managed,
    orders,
    overseas,
    overseas_realise,
    overseas_return,
    pension,
    pension_credit,
    pension_unavoidable,
    pension_withdraw,
    protection,
    scoring,
    suitability,
    transfer,
    wages,
)

Rule = Callable[..., Any]

RULES: Mapping[str, Rule] = {
    "account.may_hold": accounts.may_hold,
    "deposit.protection": deposit.deposit_protection,
    "dividend.high_separate": income.high_dividend,
    "etf.distribution": etf.etf_distribution,
    "etf.sale": etf.sell_etf,
    "fund.foreign_tax": foreign_tax.fund_foreign_tax,
    "general.settle": gains.settle_general,
    "health.crossing": health.health_crossing,
    "health.premium": health.health_premium,
    "ima.maturity": ima.ima_maturity,
    "income.financial": income.financial_income,
    "income.wages": wages.income_wages,
    "irp.advisor_room": managed.advisor_room,
    "irp.buy": accounts.irp_buy,
    "irp.class": accounts.irp_class,
    "irp.look_through": accounts.look_through,
    "isa.discretionary": managed.discretionary_isa,
    "isa.eligible": isa_entry.isa_eligible,
    "isa.fee": managed.isa_fee,
    "isa.kind": isa.isa_kind,
    "isa.matures": isa_entry.isa_matures,
    "isa.reopen": isa_reopen.isa_reopen,
    "isa.room": isa.isa_room,
    "isa.settle": isa.settle_isa,
    "isa.transfer": transfer.isa_transfer,
    "isa.withdraw": isa.isa_withdraw,
    "order.limits": orders.order_limits,
    "order.settlement": orders.order_settlement,
    "order.shares": orders.order_shares,
    "order.tick": orders.order_tick,
    "pension.close": pension.close_pension,
    "pension.credit": pension_credit.pension_credit,
    "pension.receipt_limit": pension.receipt_limit,
    "pension.receive": pension.receive_pension,
    "pension.severance": pension.severance_tax,
    "pension.unavoidable": pension_unavoidable.unavoidable_withdrawal,
    "pension.withdraw": pension_withdraw.withdraw_pension,
    "suitability.allowed": suitability.grade_allowed,
    "suitability.portfolio": suitability.portfolio_allowed,
    "suitability.protection": protection.protection,
    "suitability.score": scoring.suitability_score,
    "transaction.tax": etf.transaction_tax,
    "us.dividend": overseas.us_dividend,
    "us.realise": overseas_realise.realise_gains,
    "us.return_ratio": overseas_return.return_ratio,
    "us.settle": overseas.settle_overseas,
}
"""Every rule takes a Rulebook and keyword arguments, and gives a record that carries its steps."""


@cache
def arguments(rule: str) -> type[BaseModel]:
    """Return the model that checks a rule's arguments, made from its own signature.

    >>> sorted(arguments("etf.distribution").model_fields)
    ['amount', 'foreign_tax', 'kind']
    """
    function = RULES[rule]
    hints = get_type_hints(function, include_extras=True)
    shape: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            empty = parameter.default is inspect.Parameter.empty
            shape[name] = (hints[name], ... if empty else parameter.default)
    return create_model(rule, __config__=ConfigDict(extra="forbid"), **shape)


@cache
def results(rule: str) -> frozenset[str]:
    """Return the names of a rule's results, its steps left out.

    >>> sorted(results("isa.kind"))
    ['kind', 'tax_free']
    """
    record = get_type_hints(RULES[rule])["return"]
    return frozenset(field.name for field in fields(record)) - {"steps"}


def check(rule: str, given: Mapping[str, object]) -> tuple[dict[str, Any], list[Fault]]:
    """Return the arguments as the rule takes them, and everything wrong with them.

    >>> print(*check("etf.distribution", {"kind": "krx_other_etf", "amount": "many"})[1])
    amount: 'many' is not a whole number; write digits without quotes, such as 20_000_000
    """
    try:
        model = arguments(rule).model_validate(given)
    except ValidationError as error:
        return {}, faults_of(error, arguments(rule))
    return {name: getattr(model, name) for name in type(model).model_fields}, []
