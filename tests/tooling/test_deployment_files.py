"""The deployment files say the same as the settings and as dev.py."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from devtools.supervisor import commands

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = re.compile(r"""(?:env(?:\.\w+)?|needed)\(\s*"([A-Z_]+)\"""")


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text()))


def example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_every_variable_of_the_settings_is_in_the_example() -> None:
    read = set(VARIABLE.findall((ROOT / "msl_crm" / "settings.py").read_text()))
    assert len(read) > 10
    assert read <= set(example())


def test_every_variable_of_compose_is_in_the_example() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert asked
    assert asked <= set(example())


def test_the_example_is_safe() -> None:
    values = example()
    assert values["DEBUG"] == "off"
    assert values["ALLOWED_HOSTS"] != "*"
    secrets = [value for name, value in values.items() if name.endswith(("PASSWORD", "SECRET_KEY"))]
    assert all(value.startswith("replace-me") for value in secrets)
    assert values["CRM_WEB_PASSWORD"] in values["DATABASE_URL"]
    assert values["CRM_OWNER_PASSWORD"] in values["OWNER_DATABASE_URL"]


@pytest.mark.parametrize("service", ["web", "worker", "beat"])
def test_compose_runs_what_dev_py_runs(service: str) -> None:
    ours = " ".join(str(word) for word in commands(8000, Path("/var/lib/crm"))[service][2:])
    theirs = compose()["services"][service]["command"].replace('""', "")
    theirs = theirs.replace("--bind 0.0.0.0:", "--bind 127.0.0.1:")
    assert sorted(theirs.split()) == sorted(ours.split())


def test_the_image_starts_web_as_compose_does() -> None:
    started = re.findall(r'"([^"]*)"', (ROOT / "Dockerfile").read_text().rpartition("CMD")[2])
    assert " ".join(started) == compose()["services"]["web"]["command"]


@pytest.mark.parametrize("service", ["web", "worker"])
def test_web_and_worker_scale(service: str) -> None:
    told = compose()["services"][service]
    assert not {"container_name", "ports", "hostname"} & set(told)
    # A named volume is shared by all of them; a folder of the machine would tie them to it.
    assert all(not volume.startswith((".", "/", "~")) for volume in told.get("volumes", []))
    assert "deploy" not in told


def test_the_database_survives_a_new_container() -> None:
    postgres = compose()["services"]["postgres"]
    assert postgres["image"] == "postgres:18"
    assert "postgres:/var/lib/postgresql" in postgres["volumes"], "18 keeps its data in a versioned folder"
    assert "postgres" in compose()["volumes"]


def test_only_migrate_is_the_owner() -> None:
    services = compose()["services"]
    owners = [name for name, told in services.items() if "OWNER_DATABASE_URL" in str(told.get("environment"))]
    assert owners == ["migrate"]
    for name in ("web", "worker", "beat"):
        assert services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_the_pooler_gives_out_a_connection_per_transaction() -> None:
    told = (ROOT / "deploy" / "pgbouncer.ini").read_text()
    assert re.search(r"^pool_mode = transaction$", told, re.MULTILINE)
    assert "postgres://crm_web:" in example()["DATABASE_URL"]
    assert "@pgbouncer:6432/" in example()["DATABASE_URL"]


@pytest.mark.parametrize("name", ["requirements", "requirements-local", "requirements-dev"])
def test_every_package_is_pinned_by_hash(name: str) -> None:
    text = (ROOT / f"{name}.txt").read_text()
    pins = re.findall(r"^([a-z0-9][\w.-]*)(?:\[[^\]]+\])?==", text, re.MULTILINE)
    blocks = re.findall(r"^[a-z0-9][^\n]*\\\n(?:    --hash=sha256:[0-9a-f]{64}[^\n]*\n)+", text, re.MULTILINE)
    assert pins
    assert len(pins) == len(blocks)
    assert "://" not in text
    names = {re.sub(r"[-_.]+", "-", pin.lower()) for pin in pins}
    wanted = re.findall(r"^([a-z][\w.-]*)", (ROOT / f"{name}.in").read_text(), re.IGNORECASE | re.MULTILINE)
    assert {re.sub(r"[-_.]+", "-", package.lower()) for package in wanted} <= names


def test_make_knows_every_word_of_dev_py() -> None:
    from devtools.words import WORDS

    told = re.search(r"^WORDS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert told
    assert set(told[1].split()) == set(WORDS)


def test_ci_calls_dev_py_test_and_nothing_else() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    does = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]
    assert does == ["exec python3 dev.py test"]
