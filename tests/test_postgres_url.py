"""Nobody sees the password of a database, however it was written and wherever it is quoted."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from urllib.parse import quote, quote_plus, unquote

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st

from jeoul.cli.logs import Redacted, secrets_in
from jeoul.cli.main import cli, run
from jeoul.errors import ConfigError
from jeoul.operations.errors import LedgerError
from jeoul.operations.ledger import open_server_ledger
from jeoul.operations.setup.config import load_config, secrets_of
from jeoul.operations.setup.ledger_url import resolved
from jeoul.operations.setup.secrets import without_secrets
from jeoul.postgres_url import names_database, read_url, shown_url, without_url_secrets

MARK = "hunter2"  # in every password here
CONFIG = """schema = 1
name = "a"
profile = "balanced"
state = "state"
ledger = {ledger}
[broker]
kind = "paper"
"""

around = st.text(st.sampled_from("@/:?#&=%[]' \"\\,;+.x1é가\t"), max_size=3)
passwords = st.builds(lambda before, after: f"{before}{MARK}{after}", around, around)
spellings = st.sampled_from(
    (
        str,
        quote,
        lambda text: quote(text, safe=""),
        quote_plus,
        lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    )
)
forms = st.sampled_from(
    (
        "postgresql://me:{}@db/jeoul",
        "postgres://me:{}@db:5432,other/jeoul?sslmode=require",
        "POSTGRESQL://me:{}@db/jeoul",
        "postgresql://:{}@/jeoul?host=/run/postgresql",
        "postgresql:///jeoul?password={}&host=/run/postgresql",
        "postgresql:///jeoul?PASSWORD={}",
        "postgresql:///jeoul?pasword={}",
        "postgresql://me@db/jeoul?oauth_client_secret={}",
        "postgresql:///jeoul?pass%77ord={}",
        "postgresql://me@db/jeoul?sslkey=x&sslpassword={}",
        "postgresql://me%3A{}@db/jeoul",
        "postgresql://me@db/jeoul?user=me:{}",
        "postgresql://db/jeoul?dbname=user=me password={}",
        "host=db user=me password={}",
        "host=db password = '{}'",
        "postgresql://me:{}@",
        "postgresql:/me:{}@db/jeoul",
    )
)
written = st.builds(
    lambda form, spell, password: (form.format(spell(password)), unquote(spell(password))),
    forms,
    spellings,
    passwords,
)


def is_seen(text: str) -> bool:
    """Return whether a password stands in a text, in any case and percent-encoded too."""
    encoded = "".join(f"%{byte:02x}" for byte in MARK.encode())
    return MARK in text.lower() or encoded in text.lower()


@given(written)
@example((f"postgresql://me:se/{MARK}@db/jeoul", ""))
@example((f"postgresql://me:12/{MARK}@db/jeoul", ""))
@example((f"postgresql://me:p@{MARK}@db/jeoul", ""))
@example((f"postgresql://me:se#{MARK}@db/jeoul", ""))
@example((f"postgresql://me:se[{MARK}@db/jeoul", ""))
@example((f"postgresql://me:℀{MARK}@db/jeoul", ""))
@example((f"postgres://me:?{MARK}@@db:5432,other/jeoul?sslmode=require", ""))
@example((f"postgres://me:?{MARK}/@db/jeoul?sslmode=require", ""))
@example((f"postgres://me?{MARK}@@db?sslmode=require", ""))
def test_what_is_shown_of_a_url_has_no_password(case: tuple[str, str]) -> None:
    url, _ = case
    assert not is_seen(shown_url(url))
    found = read_url(url)
    assert found is None or found.secrets


@given(written)
@example(("host=db user=me password=1 hunter2", "1 hunter2"))
@example(("host=db user=me password=1 'hunter2", "1 'hunter2"))
@example(("postgres://me:?hunter2@@db:5432,other/jeoul?sslmode=require", "?hunter2@"))
@example(("postgres://me:?hunter2/@db/jeoul?sslmode=require", "?hunter2/"))
@example(("postgres://me:5432?hunter2/@db?sslmode=require", "5432?hunter2/"))
def test_a_password_is_refused_in_a_config_and_repeated_nowhere(case: tuple[str, str]) -> None:
    url, _ = case
    place = Path("a.toml")
    from jeoul.files.document import parse_text
    from jeoul.operations.setup.config import config_of

    for value in (url, [url], {"url": url}, {url: 1}):
        document = parse_text(
            CONFIG.format(ledger=_toml(value)), str(place), ConfigError, kind="config"
        )
        with pytest.raises(ConfigError) as refused:
            config_of(document, place)
        assert not is_seen(without_url_secrets(str(refused.value)))
        if not isinstance(value, dict):
            assert not is_seen(str(refused.value))


@given(written)
def test_a_variable_that_cannot_be_read_is_not_shown(case: tuple[str, str]) -> None:
    url, _ = case
    environment = {"JEOUL_LEDGER": url}
    if read_url(url) is not None:
        assert resolved("$JEOUL_LEDGER", "a.toml", environment) == url
        return
    with pytest.raises(ConfigError, match="is not a URL of PostgreSQL") as refused:
        resolved("$JEOUL_LEDGER", "a.toml", environment)
    assert not is_seen(str(refused.value))


@given(written)
@example(("host=db user=me password=&hunter2", "&hunter2"))
def test_no_message_and_no_log_quotes_a_word_of_the_line_with_its_password(
    case: tuple[str, str],
) -> None:
    url, _ = case
    for text in (f"Got unexpected extra argument ({url})", f"{url!r} is not a file", f"{url}: no"):
        assert not is_seen(without_url_secrets(text, [url]))
    if names_database(url):
        line = logging.LogRecord("jeoul", logging.INFO, "", 0, f"jeoul check {url}", None, None)
        for secrets in (secrets_in([url], {}), secrets_in([], {"ANY": url})):
            assert not is_seen(Redacted(secrets).format(line))


def test_text_without_a_password_stays_as_it_is() -> None:
    for text in (
        'write "postgresql://USER@HOST/DATABASE", or the variable',
        '"postgresql://USER@HOST/DATABASE"를 적으십시오',
        "the ledger postgresql://me@db:5432/jeoul?host=/run/postgresql (main) cannot be used",
        "postgresql://[hidden] (main), postgresql://[hidden]@db/jeoul",
        "PGPASSWORD or the password file; password = is what libpq calls it",
    )[:4]:
        assert without_url_secrets(text) == text


@pytest.mark.parametrize(
    "words",
    [
        ["ledger", "check", f"postgresql://me:{MARK}@db/jeoul"],
        ["ledger", "prepare", f"postgresql://me:a {MARK}@db/j", "--role", "x"],
        ["ledger", "prepare", "x", f"postgresql://me:a/{MARK}@db/j", "--role", "x"],
        ["ledger", "prepare", f"postgresql://me%3A{MARK}@127.0.0.1:1/j", "--role", "x"],
        ["history", f"host=db password='{MARK} 1'"],
        ["metrics", f"postgresql:///j?password={MARK}"],
    ],
)
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_no_command_repeats_the_password_of_its_line(
    words: list[str], more: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    line = [*words, *more]
    with pytest.raises(SystemExit):
        run(lambda: cli(line, standalone_mode=False), line, as_json=bool(more))
    said = capfd.readouterr()
    assert said.err
    assert not is_seen(said.out + said.err)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://me:{MARK}@127.0.0.1:1/jeoul",
        f"postgresql://me:se/{MARK}@127.0.0.1:1/jeoul",
        f"postgresql://me:se@{MARK}@127.0.0.1:1/jeoul",
        f"postgresql://me%3A{MARK}@127.0.0.1:1/jeoul",
        f"postgresql://me@127.0.0.1:1/jeoul?pasword={MARK}",
        f"postgresql://127.0.0.1:1/jeoul?dbname=password%3D{MARK}",
    ],
)
def test_a_server_that_does_not_answer_is_named_without_the_password(url: str) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(LedgerError) as refused:
        open_server_ledger(url, "a")
    assert not is_seen(str(refused.value))
    assert "does not let us in" in str(refused.value)


@given(case=written)
def test_every_secret_of_the_environment_is_known_to_what_tells_of_a_run(
    case: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    url, password = case
    place = tmp_path_factory.getbasetemp() / "secrets.toml"
    place.write_text(CONFIG.format(ledger='"$JEOUL_LEDGER"'), "utf-8")
    config = load_config(place)
    secrets = secrets_of(config, {"JEOUL_LEDGER": url})
    if read_url(url) is not None:
        assert not is_seen(without_secrets(f"{password} was refused", secrets))


def test_a_url_of_the_owner_may_be_in_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("psycopg")
    monkeypatch.setenv("JEOUL_OWNER", f"postgresql://me:{MARK}@127.0.0.1:1/jeoul")
    with pytest.raises(LedgerError, match=r"postgresql://me@127\.0\.0\.1:1/jeoul does not let"):
        CliRunner().invoke(
            cli, ["ledger", "prepare", "$JEOUL_OWNER", "--role", "x"], catch_exceptions=False
        )


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {json.dumps(v)}" for k, v in value.items()) + "}"
    return json.dumps(value)


def test_a_password_with_both_quotation_marks_is_hidden_where_python_escapes_them() -> None:
    """A repr writes one of the marks with a backslash, which does not end the quotation."""
    url = "postgresql://me:'hunter2'\"@db/jeoul"
    assert not is_seen(without_url_secrets(f"ledger: {[url]} is not text"))
