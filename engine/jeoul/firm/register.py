"""The register of a firm's clients: one row an account, identifiers only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from jeoul.account.holdings.codes import code_of
from jeoul.account.restriction import Restriction, words_of
from jeoul.errors import ConfigError
from jeoul.firm.records import FirmClient, FirmGroup, SuitabilityEvidence, Unread
from jeoul.firm.rows import Misread, day_in, read_rows, unread_rows
from jeoul.model.instrument import AccountKind, kind_word
from jeoul.model.money import rate
from jeoul.profile import PROFILES, questionnaire
from jeoul.profile.suitability import months_later

COLUMNS = ("account", "profile", "type", "answers_id")
OTHERS = ("client", "kind", "strategy", "answered", "fee", "excluded", "caps", "status")
_ID = re.compile(r"[^\W_][\w.-]{0,63}")


class Register(NamedTuple):
    """The clients of a firm in the order of its register, and the rows that cannot be used."""

    clients: tuple[FirmClient, ...]
    unread: tuple[Unread, ...]


class RegisterDefaults(NamedTuple):
    """The firm's strategy and yearly fee rate, for rows that leave their own cell empty."""

    strategy: str
    fee: Decimal


def read_register(file: str, defaults: RegisterDefaults) -> Register:
    """Return the clients of a register.

    A row that cannot be used is reported with its line and affects no other client. An account that
    appears twice is not read at all, because nobody knows which row is right; this also counts rows
    whose number of cells does not fit the header. Raises :class:`~jeoul.errors.ConfigError` for a
    file that cannot be read.
    """
    table = read_rows(file, COLUMNS, OTHERS, ConfigError)
    unread = unread_rows(file, table)
    counts = Counter(row.cells["account"] for row in table.rows)
    counts.update(row.account for row in unread if row.account is not None)
    clients: list[FirmClient] = []
    for row in table.rows:
        name = row.cells["account"]
        try:
            if counts[name] > 1:
                raise Misread("twice", account=name)
            clients.append(_client(row.cells, defaults))
        except Misread as fault:
            unread.append(Unread(f"{file}:{row.line}", name or None, fault.what))
    return Register(tuple(clients), tuple(unread))


def _client(cells: Mapping[str, str], defaults: RegisterDefaults) -> FirmClient:
    account = _identifier(cells["account"])
    kind = cells.get("kind") or AccountKind.GENERAL
    if kind_word(kind) not in list(AccountKind):
        raise Misread("kind", value=kind)
    status = cells.get("status") or "active"
    if status not in ("active", "suspended"):
        raise Misread("status", value=status)
    suitability = _suitability(cells)
    strategy = cells.get("strategy") or defaults.strategy
    return FirmClient(
        account=account,
        client=cells.get("client") or account,
        group=FirmGroup(strategy, suitability.profile, kind_word(kind), suitability.type),
        suitability=suitability,
        fee=_rate("fee", cells["fee"], below="0.1") if cells.get("fee") else defaults.fee,
        restriction=Restriction(
            frozenset(map(code_of, words_of(cells.get("excluded", "")))),
            dict(_caps(cells.get("caps", ""))),
        ),
        suspended=status == "suspended",
    )


def _identifier(text: str) -> str:
    if not _ID.fullmatch(text):
        raise Misread("account", value=text[:60])
    return text


def _suitability(cells: Mapping[str, str]) -> SuitabilityEvidence:
    form = questionnaire()
    types = {each.code: each for each in form.types}
    if cells["type"] not in types:
        raise Misread("type", value=cells["type"], known=", ".join(types))
    profile = cells["profile"].lower()
    if profile not in PROFILES[1:]:
        raise Misread("profile", value=cells["profile"], known=", ".join(PROFILES[1:]))
    if PROFILES.index(profile) > PROFILES.index(types[cells["type"]].profile):
        raise Misread("unsuitable", profile=profile, type=cells["type"])
    answered = day_in(cells["answered"]) if cells.get("answered") else None
    if not cells["answers_id"]:
        raise Misread("answers")
    return SuitabilityEvidence(
        answers_id=cells["answers_id"],
        type=cells["type"],
        profile=profile,
        answered=answered,
        expires=None if answered is None else months_later(answered, form.validity_months),
        form=form.name,
        version=form.version,
    )


def _rate(key: str, text: str, below: str) -> Decimal:
    try:
        return rate(text, below=below)
    except ValueError:
        raise Misread(key, value=text) from None


def _caps(text: str) -> list[tuple[str, Decimal]]:
    found = []
    for pair in words_of(text):
        code, mark, share = pair.partition("=")
        try:
            most = Decimal(share)
        except InvalidOperation:
            most = Decimal("NaN")
        if not (mark and code and most.is_finite() and 0 <= most <= 1):
            raise Misread("caps", value=pair)
        found.append((code_of(code), most))
    if len({code for code, _ in found}) < len(found):
        raise Misread("caps", value=text)
    return found
