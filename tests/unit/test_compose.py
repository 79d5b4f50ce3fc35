"""docker-compose.yml and the Dockerfile: their shape, since an engine is not everywhere where the tests run."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.fernet import Fernet

from config.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
ROLES = ("api", "worker", "scheduler")
SERVERS = ("kafka", "postgres", "redis", "mail")
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return loaded


def filled(value: Any, given: dict[str, str]) -> str:
    """A value as Compose fills it: ${NAME}, ${NAME:-otherwise} and ${NAME:?complaint}."""

    def fill(found: re.Match[str]) -> str:
        name, kind, text = found.groups()
        if given.get(name):
            return given[name]
        if kind == "?":
            raise KeyError(f"{name}: {text}")
        return text or ""

    return VARIABLE.sub(fill, str(value))


def test_every_server_and_every_role_is_there(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {*ROLES, *SERVERS}


@pytest.mark.parametrize("name", [*ROLES, *SERVERS])
def test_every_service_says_whether_it_is_healthy(compose: dict[str, Any], name: str) -> None:
    check = compose["services"][name]["healthcheck"]
    assert check["test"][0] in ("CMD", "CMD-SHELL")
    assert {"interval", "timeout", "retries"} <= set(check)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_starts_as_itself_when_all_servers_are_healthy(compose: dict[str, Any], role: str) -> None:
    service = compose["services"][role]
    assert service["command"] == ["zhengda", "up", "--role", role]
    assert service["depends_on"] == {server: {"condition": "service_healthy"} for server in SERVERS}
    assert "/healthz" in service["healthcheck"]["test"][-1]


def test_two_workers_share_the_shards(compose: dict[str, Any]) -> None:
    assert compose["services"]["worker"]["deploy"]["replicas"] == 2
    assert "ports" not in compose["services"]["worker"], "two replicas cannot publish one port"


def test_all_roles_speak_to_the_same_servers(compose: dict[str, Any]) -> None:
    one, *others = (compose["services"][role]["environment"] for role in ROLES)
    assert all(other == one for other in others)
    assert one["ZHENGDA_BROKER"] == "kafka://kafka:9092"
    assert one["ZHENGDA_REDIS"] == "redis://redis:6379/0"
    assert one["ZHENGDA_SMTP_URL"] == "smtp://mail:1025"
    assert filled(one["ZHENGDA_DATABASE"], {}) == "postgresql://zhengda:zhengda@postgres:5432/zhengda"


def test_the_database_and_the_roles_agree_on_the_password(compose: dict[str, Any]) -> None:
    given = {"ZHENGDA_POSTGRES_PASSWORD": "another"}
    server = compose["services"]["postgres"]["environment"]
    assert filled(server["POSTGRES_PASSWORD"], given) == "another"
    url = filled(compose["services"]["api"]["environment"]["ZHENGDA_DATABASE"], given)
    assert url == f"postgresql://{server['POSTGRES_USER']}:another@postgres:5432/{server['POSTGRES_DB']}"


def test_only_settings_that_exist_are_set(compose: dict[str, Any]) -> None:
    known = {f"ZHENGDA_{name.upper()}" for name in Settings.model_fields}
    in_image = set(re.findall(r"\b(ZHENGDA_\w+)=", (ROOT / "Dockerfile").read_text(encoding="utf-8")))
    assert set(compose["services"]["api"]["environment"]) | in_image <= known


def test_the_settings_of_a_role_are_accepted(
    compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"ZHENGDA_MASTER_KEYS": Fernet.generate_key().decode()}
    for name, value in compose["services"]["worker"]["environment"].items():
        monkeypatch.setenv(name, filled(value, given))
    settings = load_settings()
    assert settings.broker_url == "kafka://kafka:9092"
    assert not settings.embedded_redis
    assert not settings.demo


def test_without_master_keys_nothing_starts(compose: dict[str, Any]) -> None:
    with pytest.raises(KeyError, match="ZHENGDA_MASTER_KEYS"):
        filled(compose["services"]["api"]["environment"]["ZHENGDA_MASTER_KEYS"], {})


@pytest.mark.parametrize("name", SERVERS)
def test_every_image_is_pinned_to_a_version(compose: dict[str, Any], name: str) -> None:
    image, _, tag = compose["services"][name]["image"].partition(":")
    assert re.match(r"v?\d+\.\d+", tag), f"{image} has no exact version: {tag!r}"


def test_the_broker_is_the_one_that_the_tests_run_on(compose: dict[str, Any]) -> None:
    pom = (ROOT / "kafka" / "pom.xml").read_text(encoding="utf-8")
    version = re.search(r"<kafka.version>([\d.]+)</kafka.version>", pom)
    assert version is not None
    assert compose["services"]["kafka"]["image"] == f"apache/kafka:{version[1]}"


def test_what_must_outlive_a_container_is_on_a_volume(compose: dict[str, Any]) -> None:
    for server in ("kafka", "postgres", "redis"):
        volume = compose["services"][server]["volumes"][0].partition(":")[0]
        assert volume in compose["volumes"]
    kafka = compose["services"]["kafka"]
    assert kafka["volumes"][0].partition(":")[2] == kafka["environment"]["KAFKA_LOG_DIRS"]


def test_nothing_is_published_beyond_this_machine(compose: dict[str, Any]) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_image_runs_without_privileges_and_knows_its_health() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert lines[1].startswith("FROM python:3.11-slim")
    assert lines.index("USER zhengda") < lines.index('CMD ["zhengda", "up"]')
    assert any(line.startswith("HEALTHCHECK") for line in lines)
    assert "/healthz" in "\n".join(lines)


def test_the_image_gets_every_room_and_no_more() -> None:
    allowed = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    rooms = {"config", "channels", "subscribers", "streams", "service"}
    assert allowed == rooms | {"pyproject.toml", "constraints.txt", "README.md", "LICENSE"}
