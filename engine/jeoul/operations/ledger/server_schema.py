"""The ledger's tables in PostgreSQL: the chains of many accounts, each seen by itself.

Every table has the columns of the file's, and in front of them the account to whose chain a row
belongs. A policy shows a session the rows of its own account alone, and lets it add no others. The
role of a run may read and add rows; a trigger refuses changes by the owner too. Text is compared
byte by byte, like in a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jeoul.operations.ledger.schema import COLUMNS

VERSION = 1
SCHEMA = "jeoul"
ACCOUNT = "jeoul.ledger"
"""The setting that names the account of a session."""

_FUNCTIONS = {  # by name with arguments: what stands around the body, and the body
    "json_extract(document text, place text)": (
        "RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE",
        "SELECT document::json #>> string_to_array(substr(place, 3), '.')",
    ),
    "json_type(document text, place text)": (
        "RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE",
        "SELECT json_typeof(document::json #> string_to_array(substr(place, 3), '.'))",
    ),
    "append_only()": (
        "RETURNS trigger LANGUAGE plpgsql",
        """BEGIN
    RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'integrity_constraint_violation';
END""",
    ),
}

_TABLES = """
CREATE SCHEMA jeoul;
SET LOCAL search_path = jeoul;

CREATE TABLE version (number bigint PRIMARY KEY);

FUNCTIONS

CREATE TABLE chain (
    ledger text COLLATE "C" NOT NULL DEFAULT current_setting('jeoul.ledger'),
    seq    bigint NOT NULL CHECK (seq > 0),
    at     bigint NOT NULL,
    kind   text COLLATE "C" NOT NULL,
    prev   text COLLATE "C" NOT NULL,
    hash   text COLLATE "C" NOT NULL,
    PRIMARY KEY (ledger, seq),
    UNIQUE (ledger, hash),
    UNIQUE (ledger, prev)
);

CREATE TABLE runs (
    ledger    text COLLATE "C" NOT NULL DEFAULT current_setting('jeoul.ledger'),
    seq       bigint NOT NULL,
    run_id    text COLLATE "C" NOT NULL,
    account   text COLLATE "C" NOT NULL,
    strategy  text COLLATE "C" NOT NULL,
    session   text COLLATE "C" NOT NULL,
    executed  text COLLATE "C" NOT NULL,
    inputs_id text COLLATE "C" NOT NULL,
    plan      text COLLATE "C" NOT NULL CHECK (plan::json IS NOT NULL),
    PRIMARY KEY (ledger, seq),
    FOREIGN KEY (ledger, seq) REFERENCES chain,
    UNIQUE (ledger, run_id)
);
CREATE INDEX runs_of ON runs (ledger, account, strategy, session);

CREATE TABLE intents (
    ledger   text COLLATE "C" NOT NULL DEFAULT current_setting('jeoul.ledger'),
    seq      bigint NOT NULL,
    intent   text COLLATE "C" NOT NULL,
    run_id   text COLLATE "C" NOT NULL,
    number   bigint NOT NULL,
    side     text COLLATE "C" NOT NULL CHECK (side IN ('BUY', 'SELL')),
    ticker   text COLLATE "C" NOT NULL,
    shares   bigint NOT NULL CHECK (shares > 0),
    price    bigint NOT NULL CHECK (price > 0),
    price_limit bigint CHECK (price_limit > 0),
    reason   text COLLATE "C" NOT NULL CHECK (reason::json IS NOT NULL),
    PRIMARY KEY (ledger, seq),
    FOREIGN KEY (ledger, seq) REFERENCES chain,
    FOREIGN KEY (ledger, run_id) REFERENCES runs (ledger, run_id),
    UNIQUE (ledger, intent),
    UNIQUE (ledger, run_id, number)
);

CREATE TABLE order_events (
    ledger    text COLLATE "C" NOT NULL DEFAULT current_setting('jeoul.ledger'),
    seq       bigint NOT NULL,
    intent    text COLLATE "C" NOT NULL,
    state     text COLLATE "C" NOT NULL CHECK (state IN
              ('sending', 'acknowledged', 'absent', 'refused', 'filled', 'closed', 'expired')),
    order_id  text COLLATE "C",
    detail    text COLLATE "C" NOT NULL CHECK (detail::json IS NOT NULL),
    PRIMARY KEY (ledger, seq),
    FOREIGN KEY (ledger, seq) REFERENCES chain,
    FOREIGN KEY (ledger, intent) REFERENCES intents (ledger, intent)
);
CREATE UNIQUE INDEX one_order_one_intent ON order_events (ledger, order_id)
    WHERE state = 'acknowledged';
CREATE INDEX order_events_of ON order_events (ledger, intent, seq);

CREATE TABLE transactions (
    ledger  text COLLATE "C" NOT NULL DEFAULT current_setting('jeoul.ledger'),
    seq     bigint NOT NULL,
    txn     text COLLATE "C" NOT NULL,
    kind    text COLLATE "C" NOT NULL,
    session text COLLATE "C" NOT NULL,
    note    text COLLATE "C" NOT NULL,
    PRIMARY KEY (ledger, seq),
    FOREIGN KEY (ledger, seq) REFERENCES chain,
    UNIQUE (ledger, txn)
);
CREATE INDEX transactions_of ON transactions (ledger, kind, seq);

CREATE TABLE fills (
    ledger  text COLLATE "C" NOT NULL DEFAULT current_setting('jeoul.ledger'),
    seq     bigint NOT NULL,
    intent  text COLLATE "C" NOT NULL,
    txn     text COLLATE "C" NOT NULL,
    filled  bigint NOT NULL CHECK (filled > 0),
    shares  bigint NOT NULL CHECK (shares > 0),
    amount  bigint NOT NULL CHECK (amount > 0),
    fee     bigint NOT NULL,
    session text COLLATE "C" NOT NULL,
    PRIMARY KEY (ledger, seq),
    FOREIGN KEY (ledger, seq) REFERENCES chain,
    FOREIGN KEY (ledger, intent) REFERENCES intents (ledger, intent),
    UNIQUE (ledger, txn),
    UNIQUE (ledger, intent, filled)
);
CREATE INDEX fills_on ON fills (ledger, session, amount);

CREATE TABLE postings (
    ledger    text COLLATE "C" NOT NULL DEFAULT current_setting('jeoul.ledger'),
    seq       bigint NOT NULL,
    txn       text COLLATE "C" NOT NULL,
    account   text COLLATE "C" NOT NULL,
    commodity text COLLATE "C" NOT NULL,
    amount    bigint NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (ledger, seq),
    FOREIGN KEY (ledger, seq) REFERENCES chain,
    FOREIGN KEY (ledger, txn) REFERENCES transactions (ledger, txn)
);
CREATE INDEX postings_of ON postings (ledger, account, commodity, amount);
CREATE INDEX postings_in ON postings (ledger, txn, commodity, amount);

CREATE TABLE run_events (
    ledger text COLLATE "C" NOT NULL DEFAULT current_setting('jeoul.ledger'),
    seq    bigint NOT NULL,
    run_id text COLLATE "C" NOT NULL,
    event  text COLLATE "C" NOT NULL,
    detail text COLLATE "C" NOT NULL CHECK (detail::json IS NOT NULL),
    PRIMARY KEY (ledger, seq),
    FOREIGN KEY (ledger, seq) REFERENCES chain
);
CREATE INDEX run_events_of ON run_events (ledger, run_id, event);

CREATE TABLE notes (
    ledger   text COLLATE "C" NOT NULL DEFAULT current_setting('jeoul.ledger'),
    seq      bigint NOT NULL,
    account  text COLLATE "C" NOT NULL,
    strategy text COLLATE "C" NOT NULL,
    session  text COLLATE "C" NOT NULL,
    kind     text COLLATE "C" NOT NULL,
    detail   text COLLATE "C" NOT NULL CHECK (detail::json IS NOT NULL),
    PRIMARY KEY (ledger, seq),
    FOREIGN KEY (ledger, seq) REFERENCES chain
);
CREATE INDEX notes_of ON notes (ledger, kind, account, strategy, session);
CREATE INDEX notes_newest ON notes (ledger, kind, seq);

CREATE TABLE resolutions (
    ledger  text COLLATE "C" NOT NULL DEFAULT current_setting('jeoul.ledger'),
    seq     bigint NOT NULL,
    intent  text COLLATE "C" NOT NULL,
    filled  bigint NOT NULL CHECK (filled >= 0),
    amount  bigint NOT NULL CHECK (amount >= 0),
    fee     bigint NOT NULL,
    detail  text COLLATE "C" NOT NULL CHECK (detail::json IS NOT NULL),
    PRIMARY KEY (ledger, seq),
    FOREIGN KEY (ledger, seq) REFERENCES chain,
    FOREIGN KEY (ledger, intent) REFERENCES intents (ledger, intent)
);
CREATE INDEX resolutions_of ON resolutions (ledger, intent);

CREATE TABLE checkpoints (
    ledger     text COLLATE "C" NOT NULL DEFAULT current_setting('jeoul.ledger'),
    seq        bigint NOT NULL,
    balances   text COLLATE "C" NOT NULL CHECK (balances::json IS NOT NULL),
    unfinished text COLLATE "C" NOT NULL CHECK (unfinished::json IS NOT NULL),
    PRIMARY KEY (ledger, seq),
    FOREIGN KEY (ledger, seq) REFERENCES chain
);

INSERT INTO version VALUES (1);
"""

TABLES = ("chain", *COLUMNS)

FOUND = f"""
SELECT relname AS place, tgname AS name,
    concat_ws(' ', 'trigger', tgtype, proname, CASE WHEN tgenabled = 'R' THEN 'off' ELSE 'on' END)
    AS text
FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid JOIN pg_namespace n ON n.oid = relnamespace
JOIN pg_proc p ON p.oid = tgfoid
WHERE nspname = '{SCHEMA}' AND NOT tgisinternal AND tgenabled <> 'D'
UNION ALL
SELECT relname, polname, concat_ws(' ', 'policy', polcmd, left(polpermissive::text, 1), polroles,
    pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
FROM pg_policy JOIN pg_class c ON c.oid = polrelid JOIN pg_namespace n ON n.oid = relnamespace
WHERE nspname = '{SCHEMA}' AND relrowsecurity
UNION ALL
SELECT 'functions', proname, btrim(regexp_replace(prosrc, '[[:space:]]+', ' ', 'g'))
FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = '{SCHEMA}'
    AND proname IN ('json_extract', 'json_type', 'append_only')
"""
"""The query that finds the policies, triggers and functions of the ledgers in a database."""


class ServerRule(NamedTuple):
    """A policy, trigger or function: the table that it is about, its name and its definition."""

    place: str
    name: str
    text: str


def creation() -> str:
    """Return the statements that make the tables, with their policies and triggers."""
    functions = "\n".join(
        f"CREATE FUNCTION {name} {around} AS $$ {body} $$;"
        for name, (around, body) in _FUNCTIONS.items()
    )
    return _TABLES.replace("FUNCTIONS", functions) + "".join(map(_kept, TABLES))


def grants(role: str) -> str:
    """Return the statements that give a role what a run needs, and take everything else from it.

    >>> "GRANT SELECT, INSERT ON jeoul.notes TO" in grants("jeoul_run")
    True
    """
    name = '"' + role.replace('"', '""') + '"'
    return "\n".join(
        (
            f"REVOKE ALL ON ALL TABLES IN SCHEMA {SCHEMA} FROM {name};",
            f"REVOKE ALL ON SCHEMA {SCHEMA} FROM {name};",
            f"GRANT USAGE ON SCHEMA {SCHEMA} TO {name};",
            f"GRANT SELECT ON {SCHEMA}.version TO {name};",
            *(f"GRANT SELECT, INSERT ON {SCHEMA}.{table} TO {name};" for table in TABLES),
        )
    )


def rules() -> Iterator[ServerRule]:
    """Yield each policy, trigger and function that a ledger needs.

    Their definitions are written as PostgreSQL writes them in :data:`FOUND`.
    """
    own = f"(ledger = current_setting('{ACCOUNT}'::text))"
    for table in TABLES:
        yield ServerRule(table, f"{table}_own", f"policy * t {{0}} {own} {own}")
        yield ServerRule(table, f"{table}_kept", "trigger 27 append_only on")
        yield ServerRule(table, f"{table}_whole", "trigger 34 append_only on")
    for name, (_, body) in _FUNCTIONS.items():
        yield ServerRule("functions", name.partition("(")[0], _in_line(body))


def _in_line(body: str) -> str:
    return " ".join(body.split())


def _kept(table: str) -> str:
    own = f"ledger = current_setting('{ACCOUNT}')"
    return f"""
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY {table}_own ON {table} USING ({own}) WITH CHECK ({own});
CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
"""
