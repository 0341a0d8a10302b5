"""The production shape, checked as far as it can be without an engine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from yiku.notices.recipients import parse_recipients
from yiku.settings import Settings, load_settings

ROOT = load_settings({}).project_root
TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
PLACE = re.compile(r"(?<!\$)\$\{([A-Z_]+)(:?[?-])?([^}]*)\}")
SECRET = re.compile(r"PASSWORD|SECRET|_KEY|_CONN|_DSN|BACKEND$|BROKER")
AIRFLOW = (
    "api-server",
    "scheduler",
    "dag-processor",
    "triggerer",
    "worker",
    "prepare",
)
KNOWN = {
    "image",
    "build",
    "restart",
    "init",
    "environment",
    "volumes",
    "depends_on",
    "logging",
    "command",
    "ports",
}
KNOWN |= {"healthcheck", "stop_grace_period", "deploy", "profiles"}


def example() -> tuple[dict[str, str], dict[str, str]]:
    """The variables of .env.example that must be set, and those that may."""
    must, may = (
        (ROOT / ".env.example").read_text("utf-8").split("# --- may be set", 1)
    )
    return tuple(
        dict(re.findall(r"^([A-Z_]+)=(.*)$", part, re.M))
        for part in (must, may)
    )


def test_every_variable_stands_in_the_example_and_the_other_way_round():
    must, may = example()
    used = {m[0]: m[1] for m in PLACE.findall(TEXT)}
    assert set(used) == set(must) | set(may)
    assert {m[0] for m in PLACE.findall(TEXT) if m[1] == ":?"} == set(must)


def test_secrets_have_no_value_in_the_example():
    must, may = example()
    assert set(must.values()) == {""}
    assert all(
        v == ""
        for k, v in may.items()
        if SECRET.search(k) or (k.endswith("_URL") and "BASE" not in k)
    )


def test_no_secret_stands_in_the_compose_file():
    for service in SERVICES.values():
        for key, value in service.get("environment", {}).items():
            if SECRET.search(key):
                assert "${" in value, key


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_unknown_key_and_one_source(name):
    service = SERVICES[name]
    assert set(service) <= KNOWN
    assert "image" in service


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_waits_for_can_come_true(name):
    for other, wanted in SERVICES[name].get("depends_on", {}).items():
        condition = wanted["condition"]
        assert other in SERVICES
        if condition == "service_healthy":
            assert "healthcheck" in SERVICES[other]
        else:
            assert condition == "service_completed_successfully"
            assert SERVICES[other]["restart"] == "no"


def test_named_volumes_are_declared():
    used = {
        v.split(":")[0]
        for s in SERVICES.values()
        for v in s.get("volumes", [])
        if not v.startswith(("$", "/", "."))
    }
    assert used == set(COMPOSE["volumes"])


def test_components_share_their_secrets_and_state():
    shared = (
        "AIRFLOW__API_AUTH__JWT_SECRET",
        "AIRFLOW__CORE__FERNET_KEY",
        "YIKU_WAREHOUSE_DSN",
    )
    for key in shared:
        assert (
            len({SERVICES[name]["environment"][key] for name in AIRFLOW}) == 1
        )
    assert all(
        "state:/var/lib/yiku" in SERVICES[name]["volumes"] for name in AIRFLOW
    )


def test_the_inbox_is_mounted_read_only():
    assert all(
        v.endswith(":ro")
        for n in AIRFLOW
        for v in SERVICES[n]["volumes"]
        if ":/inbox" in v
    )


def test_nothing_but_the_web_page_is_open_and_that_to_this_machine_by_default():
    ports = {n: s["ports"] for n, s in SERVICES.items() if "ports" in s}
    assert set(ports) == {"api-server", "mail", "superset"}
    assert ports["api-server"] == [
        "${AIRFLOW_BIND:-127.0.0.1}:${AIRFLOW_PORT:-8080}:8080"
    ]
    assert SERVICES["mail"]["profiles"] == ["mail"]
    assert SERVICES["superset"]["profiles"] == ["bi"]
    assert ports["superset"] == [
        "${SUPERSET_BIND:-127.0.0.1}:${SUPERSET_PORT:-8088}:8088"
    ]


def test_every_component_of_airflow_is_there():
    commands = {
        " ".join(SERVICES[n]["command"][:3]) for n in AIRFLOW if n != "prepare"
    }
    wanted = {
        "api-server",
        "scheduler",
        "dag-processor",
        "triggerer",
        "celery worker",
    }
    assert commands == {f"airflow {c}" for c in wanted}


def test_the_settings_and_the_recipients_read_what_compose_sets():
    given = {
        k: "smtp://example"
        for k in SERVICES["worker"]["environment"]
        if k.startswith("YIKU_")
    }
    example = (ROOT / "recipients.example.yml").read_text("utf-8")
    sources = (ROOT / "sources.example.yml").read_text("utf-8")
    book = parse_recipients(
        example, Settings(Path("/"), ROOT, variables=given).expand
    )
    assert {c.kind for r in book.recipients for c in r.channels} >= {
        "mail",
        "dingtalk",
        "wecom",
        "feishu",
        "outbox",
    }
    named = set(re.findall(r"\$\{(YIKU_[A-Z0-9_]+)\}", example + sources))
    read = set(
        re.findall(
            r'"(YIKU_[A-Z_]+)"',
            (ROOT / "include/yiku/settings.py").read_text("utf-8"),
        )
    )
    assert set(given) <= read | named
    assert named <= set(given)


def test_the_image_copies_what_exists_and_runs_as_nobody_special():
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    for line in (x for x in lines if x.startswith("COPY ")):
        assert all((ROOT / Path(p)).exists() for p in line.split()[1:-1]), line
    assert [x for x in lines if x.startswith("USER ")] == ["USER yiku"]
    assert not any(
        SECRET.search(x) for x in lines if x.startswith(("ENV ", "ARG "))
    )
    assert any("--require-hashes" in x for x in lines)


def test_no_password_is_an_argument_of_a_program():
    said = {
        name: " ".join(service.get("command", []))
        for name, service in SERVICES.items()
    }
    assert not [
        n
        for n, words in said.items()
        if re.search(r"(?<!\$)\$\{[A-Z_]*(PASSWORD|SECRET|KEY)", words)
    ]
    # a shell's own printf is no program
    handed = [
        w
        for words in said.values()
        for w in re.findall(r"^.*\$\$[A-Z_]*(?:PASSWORD|AUTH).*$", words, re.M)
    ]
    assert all("printf" in w.split("$$")[0] for w in handed)


def test_redis_reads_its_password_from_what_the_shell_prints(tmp_path):
    """What the command prints is a configuration, byte by byte as redis reads it."""
    entry = tmp_path / "docker-entrypoint.sh"
    entry.write_text('#!/bin/sh\ntest "$*" = "redis-server -" && cat\n')
    entry.chmod(0o700)
    command = [w.replace("$$", "$") for w in SERVICES["redis"]["command"]]
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "REDISCLI_AUTH": "w0rd-_"}
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == 'requirepass w0rd-_\nsave ""\n'
