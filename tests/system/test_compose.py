"""The files that describe an installation: they parse, agree with each other, and explain every setting.

There is no engine here: that containers start is for whoever has one (docs/operations.md says what was tried).
"""

import re
import shlex

import pytest
import yaml
from django.conf import settings

from scripts import setup
from scripts.processes import COMMANDS, SERVING
from tests.test_repository import APPS

pytestmark = pytest.mark.once

ROOT = settings.BASE_DIR
OURS = ("release", *SERVING)
READ = re.compile(r"""(?:env\.\w+|required|environ\.get)\(\s*"([A-Z_0-9]+)\"""")
EXPLAINED = re.compile(r"^(?:# )?([A-Z][A-Z0-9_]+)=", re.MULTILINE)
OF_COMPOSE_ALONE = {"SUSI_HOST", "POSTGRES_PASSWORD"}


@pytest.fixture(scope="module")
def compose() -> dict:
    return yaml.safe_load(text_of("docker-compose.yml"))


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def explained() -> list[str]:
    return EXPLAINED.findall(text_of(".env.example"))


def settings_read() -> set[str]:
    """The settings that the code reads, but for what Python and Celery read by themselves."""
    files = ("susi/settings.py", "deploy/gunicorn.py", "scripts/healthy.py")
    return {name for file in files for name in READ.findall(text_of(file))}


def test_the_services_are_those_of_an_installation(compose) -> None:
    assert set(compose["services"]) == {"release", "web", "worker", "beat", "proxy", "db", "redis"}


@pytest.mark.parametrize("name", [*OURS, "redis"])
def test_each_process_is_started_as_it_is_everywhere(compose, name: str) -> None:
    assert shlex.split(compose["services"][name]["command"]) == shlex.split(COMMANDS[name])


def test_the_image_serves_where_nothing_else_is_said() -> None:
    [command] = re.findall(r"^CMD (\[.*\])$", text_of("Dockerfile"), re.MULTILINE)
    assert yaml.safe_load(command) == shlex.split(COMMANDS["web"])


def test_what_goes_on_running_is_watched_and_started_again(compose) -> None:
    for name, service in compose["services"].items():
        if name != "release":
            assert service["restart"] == "unless-stopped", name
            assert {"test", "interval", "timeout", "retries"} <= set(service["healthcheck"]), name
    assert compose["services"]["release"]["restart"] == "no"


@pytest.mark.parametrize("name", OURS)
def test_our_containers_may_little(compose, name: str) -> None:
    service = compose["services"][name]
    assert (service["read_only"], service["cap_drop"], service["tmpfs"]) == (True, ["ALL"], ["/tmp"])  # noqa: S108
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "ports" not in service


def test_the_proxy_alone_is_reached_from_outside(compose) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["proxy"]


def test_nothing_starts_before_what_it_needs(compose) -> None:
    for name in SERVING:
        conditions = {on: how["condition"] for on, how in compose["services"][name]["depends_on"].items()}
        assert conditions == {
            "release": "service_completed_successfully",
            "db": "service_healthy",
            "redis": "service_healthy",
        }


def test_every_volume_is_declared_and_used(compose) -> None:
    mounted = {one.partition(":")[0] for service in compose["services"].values() for one in service.get("volumes", [])}
    assert {one for one in mounted if not one.startswith(".")} == set(compose["volumes"])
    assert [one for one in mounted if one.startswith(".") and not (ROOT / one).exists()] == []


def test_every_setting_is_explained_once_and_none_that_nobody_reads() -> None:
    names = explained()
    assert len(names) == len(set(names))
    assert len(settings_read()) > 20
    assert set(names) == settings_read() | OF_COMPOSE_ALONE


def test_every_variable_of_compose_is_a_setting(compose) -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)", text_of("docker-compose.yml") + text_of("deploy/Caddyfile")))
    used |= set(re.findall(r"\{\$([A-Z_]+)\}", text_of("deploy/Caddyfile")))
    for service in compose["services"].values():
        used |= {name for name in service.get("environment", {}) if name not in ("POSTGRES_USER", "POSTGRES_DB")}
    assert used <= set(explained())


def test_the_example_holds_no_secret() -> None:
    values = dict(re.findall(r"^([A-Z_]+)=(.*)$", text_of(".env.example"), re.MULTILINE))
    assert values == {"SECRET_KEY": "", "SUSI_HOST": "susi.example.dk", "POSTGRES_PASSWORD": ""}


def test_the_image_has_the_packages_of_a_set_up_machine_and_no_root() -> None:
    image = text_of("Dockerfile")
    assert f"pip install --no-cache-dir {setup.UV}" in image
    assert set(setup.NATIVE) <= set(re.findall(r"lib[\w.-]+", image))
    assert re.findall(r"^USER (\w+)$", image, re.MULTILINE) == ["susi"]
    assert image.count("\nFROM ") == 3
    assert f"compileall -q {' '.join(APPS)}" in image
    assert {".git", ".env", "var", "tests"} <= set(text_of(".dockerignore").split())
