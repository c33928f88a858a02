"""The image and the compose file: what they name exists, and the entry point does what it says."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from jeoul.cli.main import cli
from jeoul.operations.setup.ledger_url import without_secret

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "configs" / "docker"
ENTRY = DOCKER / "entrypoint.sh"
POSTGRES = "compose.postgres.yaml"


def instructions() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile in order, each on one line."""
    text = re.sub(r"\\\n\s*", " ", (DOCKER / "Dockerfile").read_text("utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def compose(name: str = "compose.yaml") -> Any:
    return yaml.safe_load((DOCKER / name).read_text("utf-8"))


def jeoul_of(words: list[str]) -> list[str]:
    """Return the part of a command line that jeoul is given."""
    return words[words.index("jeoul") + 1 :]


def commands() -> list[list[str]]:
    """Return what jeoul is given anywhere in the image and the compose file."""
    found = [json.loads(rest) for word, rest in instructions() if word == "CMD"]
    for service in compose()["services"].values():
        found.append(service["command"])
        test = service["healthcheck"]["test"]
        found += [shlex.split(test[1].partition("||")[0])] if test[0] == "CMD-SHELL" else []
    found.append(compose(POSTGRES)["services"]["prepare"]["command"])
    return [jeoul_of(words) for words in found]


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_is_one_of_jeoul_with_its_options(words: list[str]) -> None:
    command = cli.get_command(click.Context(cli), words[0])
    assert command is not None, words[0]
    with click.Context(command) as context:
        command.make_parser(context).parse_args(words[1:])


def test_everything_that_is_copied_exists_and_the_wheel_needs_no_more() -> None:
    copied = [rest.split()[:-1] for word, rest in instructions() if word == "COPY"]
    names = {each for words in copied for each in words if not each.startswith("--")}
    own = {name for name in names if not name.startswith("/")}
    assert [name for name in own if not (ROOT / name).exists()] == []
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert {*included, "engine", project["project"]["readme"], "LICENSE"} <= own


def test_nobody_runs_as_root_and_nothing_but_the_volume_is_written() -> None:
    found = dict(instructions())  # the last of each
    assert found["USER"] == "10001"
    assert json.loads(found["VOLUME"]) == ["/accounts"]
    for service in compose()["services"].values():
        assert (service["user"], service["read_only"]) == ("10001", True)
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["volumes"] == ["accounts:/accounts"]
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:")


def test_with_postgresql_runs_wait_for_the_tables_and_no_password_is_written_down() -> None:
    services, secrets = compose(POSTGRES)["services"], compose(POSTGRES)["secrets"]
    assert "ports" not in services["database"]
    for name in ("web", "run"):
        assert name in compose()["services"]
        waits = services[name]["depends_on"]["prepare"]["condition"]
        assert (waits, services[name]["secrets"]) == (
            "service_completed_successfully",
            ["PGPASSWORD"],
        )
    assert services["prepare"]["secrets"] == [{"source": "OWNER_PASSWORD", "target": "PGPASSWORD"}]
    assert all(each["file"].startswith("./") for each in secrets.values())
    assert without_secret(services["prepare"]["command"][3]).startswith("postgresql://")
    ignored = (ROOT / ".gitignore").read_text("utf-8").split()
    assert {"configs/docker/owner-password", "configs/docker/run-password"} <= {*ignored}
    assert services["database"]["volumes"][1].startswith("./role.sh:")
    assert (DOCKER / "role.sh").is_file()


@pytest.mark.server
def test_the_script_of_the_container_makes_the_role_with_its_password(tmp_path: Path) -> None:
    from servers import ask, folder

    secret = tmp_path / "password"
    secret.write_text("it's a secret\n", "utf-8")
    ask("DROP ROLE IF EXISTS jeoul_run")
    done = subprocess.run(
        ["sh", DOCKER / "role.sh"],
        env={
            **os.environ,
            "PGHOST": folder(),
            "POSTGRES_USER": "postgres",
            "POSTGRES_DB": "postgres",
            "RUN_PASSWORD_FILE": str(secret),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "secret" not in done.stdout + done.stderr
    (row,) = ask("SELECT rolcanlogin, rolsuper FROM pg_roles WHERE rolname = 'jeoul_run'")
    assert row == (True, False)
    ask("DROP ROLE jeoul_run")


@pytest.mark.posix
def test_secrets_are_files_that_only_the_command_sees(tmp_path: Path) -> None:
    secret = tmp_path / "JEOUL_PASSPHRASE"
    secret.write_text("correct horse\n", "utf-8")
    secret.chmod(0o400)
    done = entered(tmp_path, "sh", "-c", 'printf %s "$JEOUL_PASSPHRASE"')
    assert (done.returncode, done.stdout) == (0, "correct horse")
    assert entered(tmp_path / "none", "sh", "-c", "exit 5").returncode == 5


@pytest.mark.posix
def test_a_scheduled_command_runs_again_and_again_whatever_it_ends_with(tmp_path: Path) -> None:
    """Its clock is a `date` that says Wednesday, 10 ms before the time, then Sunday once."""
    date = tmp_path / "date"
    date.write_text(
        '#!/bin/sh\ncase "$*" in *%u*) cat day;; *09:10*) echo 100;; *) echo 100;; esac\n', "utf-8"
    )
    sleep = tmp_path / "sleep"
    sleep.write_text("#!/bin/sh\nexit 0\n", "utf-8")
    for each in (date, sleep):
        each.chmod(0o755)
    (tmp_path / "day").write_text("3", "utf-8")
    ran = tmp_path / "ran"
    count = f"echo . >> {ran}; [ $(wc -l < {ran}) -lt 3 ] || kill $PPID; exit 4"
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = entered(tmp_path / "none", "scheduled", "09:10", "sh", "-c", count, cwd=tmp_path, **path)
    assert done.returncode == 0
    assert ran.read_text("utf-8").count(".") == 3
    assert done.stderr.count("ended with code 4") >= 2


@pytest.mark.posix
def test_a_scheduled_command_starts_at_the_next_of_its_times(tmp_path: Path) -> None:
    """Its clock is a `date` that says 13:00: 50,000 s of the day; tomorrow is 86,400 s later."""
    date, sleep, slept = tmp_path / "date", tmp_path / "sleep", tmp_path / "slept"
    date.write_text(
        '#!/bin/sh\ncase "$*" in *%u*) echo 3;; *today*09:10*) echo 33000;; '
        "*tomorrow*09:10*) echo 119400;; *14:50*) echo 53400;; *) echo 50000;; esac\n",
        "utf-8",
    )
    sleep.write_text(f"#!/bin/sh\necho $1 > {slept}\n", "utf-8")
    for each in (date, sleep):
        each.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    for times, seconds in (("09:10 14:50", "3400"), ("14:50 09:10", "3400"), ("09:10", "69400")):
        entered(tmp_path / "none", "scheduled", times, "sh", "-c", "kill $PPID", PATH=path)
        assert slept.read_text("utf-8").strip() == seconds


def entered(
    secrets: Path, *words: str, cwd: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", str(ENTRY), *words], capture_output=True, text=True, timeout=30, check=False,
        cwd=cwd, env={**os.environ, "SECRETS": str(secrets), **variables},
    )  # fmt: skip
