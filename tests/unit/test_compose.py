"""docker-compose.yml and the Dockerfile: their shape, since an engine is not everywhere where the tests run."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from cryptography.fernet import Fernet

from config.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
ROLES = ("api", "worker", "scheduler")
SERVERS = ("kafka", "postgres", "redis", "mail")
VARIABLE = re.compile(r"\$\{(\w+)(?::([-?+])([^}]*))?\}")
# Settings that an operator of this file cannot choose, and why.
NOT_HERE = {
    "ZHENGDA_DATA": "the image's own volume",
    "ZHENGDA_INDEX_DIR": "each worker keeps its snapshots in that volume",
    "ZHENGDA_HOST": "the image listens on every address of its container",
    "ZHENGDA_PORT": "the port that the health checks ask and that is published",
    "ZHENGDA_KAFKA_REPLICATION": "there is one broker",
}
MADE_HERE = {
    "ZHENGDA_BROKER": "the service kafka",
    "ZHENGDA_DATABASE": "the service postgres",
    "ZHENGDA_REDIS": "the service redis",
    "ZHENGDA_BOUNCE_LISTEN": "the published port, where ZHENGDA_BOUNCE_DOMAIN is set",
}


FULL = {"ZHENGDA_MASTER_KEYS": Fernet.generate_key().decode()}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return loaded


def filled(value: Any, given: dict[str, str]) -> str:
    """A value as Compose fills it: ${NAME}, ${NAME:-otherwise}, ${NAME:+instead} and ${NAME:?complaint}."""

    def fill(found: re.Match[str]) -> str:
        name, kind, text = found.groups()
        if kind == "+":
            return text if given.get(name) else ""
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
    assert filled(one["ZHENGDA_SMTP_URL"], {}) == "smtp://mail:1025"
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


def test_every_setting_is_passed_through_or_named_as_one_that_makes_no_sense_here(
    compose: dict[str, Any],
) -> None:
    known = {f"ZHENGDA_{name.upper()}" for name in Settings.model_fields}
    environment = compose["services"]["api"]["environment"]
    assert set(environment) == known - set(NOT_HERE)
    assert set(NOT_HERE) <= known
    told = {name for name in environment if "mine" in filled(environment[name], {**FULL, name: "mine"})}
    assert told == set(environment) - set(MADE_HERE)


@pytest.fixture
def accepted(
    compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> Callable[[dict[str, str]], Settings]:
    def load(given: dict[str, str]) -> Settings:
        for name, value in compose["services"]["worker"]["environment"].items():
            monkeypatch.setenv(name, filled(value, FULL | given))
        return load_settings()

    return load


def test_what_nobody_sets_stays_as_the_service_has_it(accepted: Callable[[dict[str, str]], Settings]) -> None:
    settings = accepted({})
    assert settings.broker_url == "kafka://kafka:9092"
    assert not settings.embedded_redis
    assert not settings.demo
    chosen = {"broker", "database", "redis", "smtp_url", "public_url", "demo", "log_format", "master_keys"}
    assert settings.model_fields_set == chosen


def test_who_names_a_domain_for_bounces_has_them_taken_at_the_published_port(
    compose: dict[str, Any], accepted: Callable[[dict[str, str]], Settings]
) -> None:
    settings = accepted({"ZHENGDA_BOUNCE_DOMAIN": "bounce.example.gov.cn"})
    assert settings.bounce_listen is not None
    place = urlsplit(settings.bounce_listen)
    assert (place.scheme, place.hostname) == ("lmtp", "0.0.0.0")
    published = [filled(port, {}) for port in compose["services"]["api"]["ports"]]
    assert f"127.0.0.1:{place.port}:{place.port}" in published


def test_files_of_the_office_lie_where_every_role_can_read_and_none_can_write(
    compose: dict[str, Any],
) -> None:
    for role in ROLES:
        assert compose["services"][role]["volumes"] == ["./office:/etc/zhengda:ro"]
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "/office/" in ignored, "a private key may lie there"


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
