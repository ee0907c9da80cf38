"""What is shipped beside the code: the Makefile, CI, the scripts and the container files."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ["help", "demo", "test", "nightly", "lint", "format", "bench", "clean"]
SERVICES = ["cmdb", "neo4j"]
SHELL_SCRIPTS = [ROOT / ".ci" / "run", *sorted((ROOT / "scripts").glob("*.sh"))]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(text("docker-compose.yml"))
    return loaded


def recipe(target: str) -> str:
    """What make would run for `target`, nothing of which is run."""
    command = ["make", "--dry-run", "--no-print-directory", target]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, check=True)
    return done.stdout


# --- Makefile, CI and scripts


@pytest.mark.parametrize("target", TARGETS)
def test_make_has_the_target_and_lists_it(target: str) -> None:
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert recipe(target)
    assert re.search(rf"^{target} +\w", listed.stdout, re.MULTILINE)


def test_make_test_runs_every_check_with_the_cheap_ones_first() -> None:
    steps = [
        "system_packages.sh",
        "make_venv.sh dev",
        "ruff check .",
        "ruff format --check .",
        "lint-imports",
        "mypy --strict",
        "install_neo4j.sh",
        "--cov-branch",
    ]
    commands = recipe("test")

    places = [commands.find(step) for step in steps]

    assert -1 not in places
    assert places == sorted(places)
    assert "--cov-fail-under=90" in commands


def test_make_demo_needs_neither_a_server_nor_the_developers_tools() -> None:
    commands = recipe("demo")

    assert "neo4j" not in commands
    assert "make_venv.sh dev" not in commands
    assert "system_packages" not in commands


def test_nightly_takes_the_long_tests_with_their_own_profile() -> None:
    assert re.search(r"HYPOTHESIS_PROFILE=nightly .*pytest .*-m nightly", recipe("nightly"))


def test_ci_runs_make_test_and_nothing_else() -> None:
    script = ROOT / ".ci" / "run"
    lines = [line for line in text(".ci/run").splitlines() if line and not line.startswith("#")]

    assert os.access(script, os.X_OK)
    assert text(".ci/run").startswith("#!/usr/bin/env bash\n")
    assert lines[0] == "set -euo pipefail"
    assert lines[1].startswith("cd ")
    assert lines[2:] == ["make test </dev/null"]


@pytest.mark.parametrize("script", SHELL_SCRIPTS, ids=lambda path: path.name)
def test_shell_scripts_parse(script: Path) -> None:
    done = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^set -eu", script.read_text(), re.MULTILINE)


def test_an_unusable_python_is_named_in_one_line() -> None:
    script = str(ROOT / "scripts" / "find_python.sh")
    env = {**os.environ, "PYTHON": "/no/such/python"}

    done = subprocess.run(["sh", script], env=env, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "Python 3.11" in done.stderr
    assert "/no/such/python" in done.stderr


# --- the image


def test_the_image_runs_the_service_as_an_ordinary_user() -> None:
    final = text("Dockerfile").split("\nFROM ")[-1]

    assert text("Dockerfile").count("FROM python:3.13-slim") == 2
    assert re.search(r"^USER 10001$", final, re.MULTILINE)
    assert final.index("\nUSER ") < final.index("\nCMD ")
    assert 'CMD ["cmdb", "serve", "--host", "0.0.0.0"' in final
    assert re.search(r"^HEALTHCHECK .*\\\n +CMD .*\\\n.*/readyz", final, re.MULTILINE)


def test_the_image_has_no_nmap() -> None:
    orders = [line for line in text("Dockerfile").splitlines() if not line.startswith("#")]

    assert not [line for line in orders if "nmap" in line or "apt-get" in line]


def test_the_builder_gets_all_that_the_image_copies_and_no_more() -> None:
    sent = {line[1:] for line in text(".dockerignore").splitlines() if line.startswith("!")}
    copies = re.findall(r"^COPY (?!--from)(.+) \S+$", text("Dockerfile"), re.MULTILINE)

    assert "*" in text(".dockerignore").splitlines()
    assert sent == {name for names in copies for name in names.split()}
    assert all((ROOT / name).exists() for name in sent)


# --- docker-compose.yml


def test_compose_starts_the_service_after_its_store(compose: dict[str, Any]) -> None:
    assert sorted(compose["services"]) == SERVICES
    assert compose["services"]["cmdb"]["depends_on"] == {"neo4j": {"condition": "service_healthy"}}


@pytest.mark.parametrize("name", SERVICES)
def test_compose_services_have_health_checks_tags_and_data(
    compose: dict[str, Any], name: str
) -> None:
    service = compose["services"][name]
    named = {volume.split(":")[0] for volume in service["volumes"]}

    assert service["healthcheck"]["test"][0] == "CMD"
    assert re.fullmatch(r"[a-z0-9-]+:\d[\d.]*", service["image"])
    assert named <= set(compose["volumes"])


def test_compose_keeps_the_databases_of_neo4j(compose: dict[str, Any]) -> None:
    assert compose["services"]["neo4j"]["image"] == "neo4j:5.26"
    assert "neo4j-data:/data" in compose["services"]["neo4j"]["volumes"]


def test_compose_publishes_ports_to_this_machine_only(compose: dict[str, Any]) -> None:
    ports = [port for name in SERVICES for port in compose["services"][name].get("ports", [])]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_compose_has_no_password_and_does_not_start_without_one(compose: dict[str, Any]) -> None:
    service, store = (compose["services"][name] for name in SERVICES)

    assert re.fullmatch(r"neo4j/\$\{NEO4J_PASSWORD:\?[^}]+\}", store["environment"]["NEO4J_AUTH"])
    assert compose["secrets"] == {"neo4j_password": {"environment": "NEO4J_PASSWORD"}}
    assert service["secrets"] == ["neo4j_password"]
    assert service["environment"] == {
        "CMDB_STORE": "neo4j://neo4j@neo4j:7687/neo4j",
        "CMDB_STORE_PASSWORD_FILE": "/run/secrets/neo4j_password",
    }


def test_compose_reports_nothing_to_anyone(compose: dict[str, Any]) -> None:
    assert (
        compose["services"]["neo4j"]["environment"]["NEO4J_dbms_usage__report_enabled"] == "false"
    )
