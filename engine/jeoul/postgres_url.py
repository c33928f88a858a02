"""The URL of a PostgreSQL database: what of it may be shown, and what in it is secret.

It is read as libpq reads it, not as a web address: what stands before an ``@`` in front of the
first ``/`` is a user and password, the password ends at the first ``@``, and ``#`` and ``?`` may be
in it. What cannot be read so is shown to nobody, because nobody can tell which part of it was meant
as a password.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

SCHEMES = ("postgresql://", "postgres://")
_HIDDEN = "[hidden]"

_SIGN = r"(?:[\w.~!$'()*+;-]|%[0-9A-Fa-f]{2})"
_HOST = rf"(?:\[[0-9A-Fa-f:.%\w]+\]|{_SIGN}*)(?::[0-9]*)?"
_URL = re.compile(
    r"(?P<scheme>postgres(?:ql)?)://"
    rf"(?:(?P<user>{_SIGN}*)(?P<password>:[^@/]*)?@|(?![^@/]*@))"
    rf"(?P<hosts>{_HOST}(?:,{_HOST})*)(?:/(?P<database>{_SIGN}*))?(?:\?(?P<query>.*))?",
    re.DOTALL,
)
# The keys of libpq whose values are no secret (its documentation of version 18, 32.1.2). The value
# of any other key is one: a misspelt password is a password.
_KNOWN = re.compile(
    "host|hostaddr|port|dbname|user|passfile|require_auth|channel_binding|"
    "connect_timeout|client_encoding|options|application_name|"
    "fallback_application_name|keepalives|keepalives_idle|keepalives_interval|"
    "keepalives_count|tcp_user_timeout|replication|gssencmode|sslmode|requiressl|"
    "ssl|sslnegotiation|sslcompression|sslcert|sslkey|sslkeylogfile|sslcertmode|"
    "sslrootcert|sslcrl|sslcrldir|sslsni|requirepeer|ssl_min_protocol_version|"
    "ssl_max_protocol_version|min_protocol_version|max_protocol_version|krbsrvname|"
    "gsslib|gssdelegation|service|servicefile|target_session_attrs|"
    "load_balance_hosts|oauth_issuer|oauth_client_id|oauth_scope"
)
_SHOWN = frozenset(
    ("host", "hostaddr", "port", "dbname", "user", "sslmode", "target_session_attrs")
)
_KEY = re.compile("[A-Za-z_]+")
_VALUE = re.compile(r"@?[\w./:,~%+-]*")
_NAMED = frozenset(("user", "dbname"))
_SEPARATORS = frozenset(":@=/ ")  # in a name they say that more than a name was written there
_BEGINS = r"postgres(?:ql)?(?::|%3A)(?:/|%2F)"
_IN_TEXT = re.compile(  # to the end of a quotation, or of the word
    rf"(?<=')(?:{_BEGINS})(?:[^'\\]|\\.)*(?:'[^\s']*@\S*)?"
    rf"|(?<=\")(?:{_BEGINS})(?:[^\"\\]|\\.)*(?:\"[^\s\"]*@\S*)?"
    rf"|(?:{_BEGINS})\S*",
    re.IGNORECASE,
)
_MENTIONED = re.compile("postgres|password", re.IGNORECASE)
# A sign & ends a password in a URL; where it is the first one, it can only be the password's.
_IN_WORDS = re.compile(r"(password\s*=\s*)('(?:[^'\\]|\\.)*'|&\S*|[^\s&]+)", re.IGNORECASE)
# A password that was not quoted may hold blanks and quotation marks: where a text quotes it, only
# the last mark of the line is surely no part of it.
_IN_QUOTED_WORDS = re.compile(r"(password\s*=\s*)(?:.*(?=['\"])|&\S*|[^\s&]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ServerUrl:
    """A URL as libpq reads it.

    ``shown`` names the server, user and database without any secret. ``secrets`` are what it holds
    that nobody may see. ``is_plain`` is false where a name in it may hold a password by mistake:
    PostgreSQL repeats names in its messages.
    """

    shown: str
    secrets: tuple[str, ...]
    is_plain: bool


def read_url(url: str) -> ServerUrl | None:
    """Return a URL of PostgreSQL as it is read, None for a text that is not one.

    >>> read_url("postgresql://me:secret@db/jeoul?sslmode=require")
    ServerUrl(shown='postgresql://me@db/jeoul?sslmode=require', secrets=('secret',), is_plain=True)
    >>> read_url("postgresql:///jeoul?host=/run/postgresql&password=a%20b").secrets
    ('a b',)
    >>> read_url("postgresql://me:sec@ret@db/jeoul") is None
    True
    """
    found = _URL.fullmatch(url)
    asked = None if found is None else _asked(found["query"])
    if found is None or asked is None:
        return None
    secrets = [unquote(found["password"] or "")[1:]]
    secrets += [value for key, _, value in asked if not _KNOWN.fullmatch(key)]
    names = [unquote(found["user"] or ""), unquote(found["database"] or "")]
    names += [value for key, _, value in asked if key in _NAMED]
    unsure = [name for name in names if _SEPARATORS & set(name)]
    secrets += [part for name in unsure for part in (name, name.partition(":")[2], *_said(name))]
    user = _name(found["user"])
    before = f"{user}@" if user is not None else ""
    path = "" if found["database"] is None else f"/{_name(found['database'])}"
    query = "&".join(
        f"{key}={_HIDDEN if key in _NAMED and value in unsure else written}"
        for key, written, value in asked
        if key in _SHOWN and _VALUE.fullmatch(written)
    )
    return ServerUrl(
        f"{found['scheme']}://{before}{found['hosts']}{path}{query and f'?{query}'}",
        tuple(dict.fromkeys(secret for secret in secrets if secret)),
        not unsure,
    )


def shown_url(url: str) -> str:
    """Return what a message may show of a URL, whatever it is.

    >>> shown_url("postgresql://me:secret@db/jeoul"), shown_url("postgresql://me:se/cret@db/jeoul")
    ('postgresql://me@db/jeoul', 'postgresql://[hidden]')
    """
    found = read_url(url)
    return f"postgresql://{_HIDDEN}" if found is None else found.shown


def secrets_of_url(text: str) -> tuple[str, ...]:
    """Return what nobody may see of a text that was meant to name a database.

    Of one that cannot be read it is everything that may be a password.

    >>> secrets_of_url("postgresql://me:sec@ret@db/jeoul")
    ('sec@ret',)
    >>> secrets_of_url("host=db password='a b'")
    ('a b',)
    """
    found = read_url(text)
    if found is not None:
        return found.secrets
    return tuple(dict.fromkeys(secret for secret in _perhaps(text) if secret))


def without_url_secrets(text: str, words: Sequence[str] = ()) -> str:
    """Return a text in which every URL of PostgreSQL is shown without its secrets.

    A password in the form of libpq's own words, ``password=…``, is hidden too. ``words`` are those
    of a command line: one that names a database is hidden as it was typed, also where a sign in it
    ends a URL in running text.

    >>> without_url_secrets("postgresql://me:secret@db/jeoul: no such file")
    'postgresql://me@db/jeoul: no such file'
    """
    for word in words:
        if names_database(word):
            for form in (word, repr(word)[1:-1]):
                text = text.replace(form, shown_url(word))
    if not _MENTIONED.search(text):
        return text
    text = _IN_TEXT.sub(_shown_in_text, text)
    return _IN_QUOTED_WORDS.sub(lambda found: found[1] + _HIDDEN, text)


def names_database(word: str) -> bool:
    """Return whether a word of a command line was meant to name a database."""
    return bool(_IN_TEXT.match(word) or _IN_WORDS.search(word))


def _asked(query: str | None) -> list[tuple[str, str, str]] | None:
    """Return the keys of a query with their values as written and as read, None for another text.

    libpq refuses a second ``=`` in a part: it may be in a password that was not encoded. It knows
    no key with another sign than letters and ``_`` either: such a key begins before the query.
    """
    found = []
    for part in query.split("&") if query else ():
        key, _, value = part.partition("=")
        if part.count("=") != 1 or not _KEY.fullmatch(unquote(key)):
            return None
        found.append((unquote(key), value, unquote(value)))
    return found


def _name(written: str | None) -> str | None:
    if written is None:
        return None
    return _HIDDEN if _SEPARATORS & set(unquote(written)) else written


def _shown_in_text(found: re.Match[str]) -> str:
    """Return a URL in running text without its secrets, with the marks that follow it."""
    url = found[0]
    if url.startswith(f"postgresql://{_HIDDEN}"):  # an earlier reader of the text hid it
        return url
    bare = url.rstrip("'\"`:;,.)]}>")
    return shown_url(bare) + url[len(bare) :]


def _said(text: str) -> Iterator[str]:
    """Yield what a text gives as a password in the words of libpq."""
    for found in _IN_WORDS.finditer(text):
        yield found[2].strip("'")
        if not found[2].startswith("'"):  # a blank in it may not have been quoted
            yield text[found.start(2) :]


def _perhaps(text: str) -> Iterator[str]:
    yield from _said(text)
    for form in (text, unquote(text)):
        _, _, behind = form.partition(":")
        _, colon, behind = behind.partition(":")
        secret, at, _ = behind.rpartition("@")
        if colon and at:
            yield from (secret, unquote(secret))
