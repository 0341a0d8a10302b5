"""The values for Airflow's Helm chart, checked as far as they can be without a cluster."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
import yaml
from yiku.settings import load_settings

ROOT = load_settings({}).project_root
TEXT = (ROOT / "include/helm/values.yaml").read_text("utf-8")
VALUES = yaml.safe_load(TEXT)
# What the chart documents of what we set ("Parameters reference", values.schema.json).
DOCUMENTED = {
    "executor": str,
    "airflowVersion": str,
    "airflowHome": str,
    "uid": int,
    "gid": int,
    "images": dict,
    "postgresql": dict,
    "data": dict,
    "fernetKeySecretName": str,
    "apiSecretKeySecretName": str,
    "jwtSecretName": str,
    "redis": dict,
    "statsd": dict,
    "config": dict,
    "env": list,
    "extraEnvFrom": str,
    "volumes": list,
    "volumeMounts": list,
    "workers": dict,
    "scheduler": dict,
    "apiServer": dict,
    "dagProcessor": dict,
    "triggerer": dict,
    "logs": dict,
}
COMPONENTS = ("workers", "scheduler", "apiServer", "dagProcessor", "triggerer")
OF_COMPONENTS = {"enabled", "resources", "terminationGracePeriodSeconds"}
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
ENVIRONMENT = {entry["name"]: entry["value"] for entry in VALUES["env"]}


def test_every_value_is_one_that_the_chart_documents() -> None:
    assert {name: type(value) for name, value in VALUES.items()} == DOCUMENTED
    for component in COMPONENTS:
        assert set(VALUES[component]) <= OF_COMPONENTS
    for section in VALUES["config"].values():
        # airflow.cfg knows neither lists nor sections in sections
        assert {type(value) for value in section.values()} <= {str, int}


def test_airflow_is_the_version_of_the_lock() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    found = re.search(r"^apache-airflow==([\d.]+)", lock, re.M)
    assert found
    assert VALUES["airflowVersion"] == found[1]


def test_places_and_user_are_those_of_the_image() -> None:
    image = (ROOT / "Dockerfile").read_text("utf-8")
    user = re.search(r"ARG YIKU_UID=(\d+)", image)
    assert user
    assert VALUES["uid"] == int(user[1])
    for name in ("YIKU_HOME", "YIKU_PROJECT_ROOT"):
        assert f"{name}={ENVIRONMENT[name]}" in image
    root = ENVIRONMENT["YIKU_PROJECT_ROOT"]
    assert VALUES["config"]["core"]["dags_folder"] == f"{root}/dags"
    assert f"AIRFLOW_HOME={VALUES['airflowHome']}" in image


def test_every_mount_has_its_volume() -> None:
    volumes = {volume["name"] for volume in VALUES["volumes"]}
    mounts = {
        mount["name"]: mount["mountPath"] for mount in VALUES["volumeMounts"]
    }
    assert set(mounts) == volumes
    assert ENVIRONMENT["YIKU_HOME"] in mounts.values()
    assert ENVIRONMENT["YIKU_INBOX"] in mounts.values()
    for name in ("YIKU_RECIPIENTS", "YIKU_PARAMETERS"):
        assert str(Path(ENVIRONMENT[name]).parent) in mounts.values()


def test_airflow_is_set_up_as_in_the_other_shapes() -> None:
    compose = COMPOSE["services"]["scheduler"]["environment"]
    for section, settings in VALUES["config"].items():
        for name, value in settings.items():
            variable = f"AIRFLOW__{section.upper()}__{name.upper()}"
            if variable in compose:
                assert compose[variable] == str(value), variable


def test_no_secret_stands_in_the_file() -> None:
    for line in TEXT.splitlines():
        said = line.partition("#")[0]
        assert "://" not in said
        assert not re.search(r"(?i)(password|dsn|token)\s*:", said)
    secret = re.compile(r"PASSWORD|SECRET|_KEY$|_DSN|_URL$")
    assert [name for name in ENVIRONMENT if secret.search(name)] == []


@pytest.mark.skipif(
    "YIKU_HELM_SCHEMA" not in os.environ,
    reason="YIKU_HELM_SCHEMA names no values.schema.json of Airflow's chart",
)
def test_the_charts_own_schema_takes_the_values() -> None:
    import jsonschema

    schema = json.loads(
        Path(os.environ["YIKU_HELM_SCHEMA"]).read_text("utf-8")
    )
    jsonschema.validate(VALUES, schema)
