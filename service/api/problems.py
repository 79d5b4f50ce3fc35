"""Errors as the HTTP face says them: application/problem+json (RFC 9457), a page where a person is looking."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from config.database.record import is_outage
from config.logging import get_logger
from service.backup_format import BackupError
from streams.access import KeyRequestError
from streams.events import EventError
from streams.gate.rules import Refusal
from streams.log import LogUnavailable
from streams.preview import PreviewTimeout
from subscribers.errors import (
    SubscriberError,
    SubscriberLeftError,
    SuppressedContactError,
    TooManySubscriptionsError,
    UnknownSubscriberError,
)
from subscribers.vouching import NoMemberError, OtherCodeError
from subscribers.words.plainly import Location, plainly

log = get_logger(__name__)

RETRY_AFTER_S = 5
# PostgreSQL's SQLSTATEs character_not_in_repertoire and untranslatable_character; SQLite stores any character.
NOT_STORABLE = ("22021", "22P05")
# What pydantic says of a body that was not read as JSON, and FastAPI of one that is not there.
NO_OBJECT = ("model_attributes_type", "model_type", "dict_type", "list_type")
TITLES = {
    400: "请求无法读取",
    401: "需要有效的密钥",
    403: "无权进行此操作",
    404: "没有找到",
    410: "已经失效",
    405: "不支持这种请求方法",
    409: "与当前状态冲突",
    413: "内容过大",
    422: "内容有误",
    429: "操作过于频繁",
    500: "服务内部错误",
    503: "服务暂时不可用",
}
STATUS_OF_REFUSAL = {
    "forbidden": 403,
    "not_found": 404,
    "stale": 409,
    "conflict": 409,
    "not_ready": 409,
    "invalid": 422,
}


class Problem(Exception):
    """A request that cannot be answered as wished; the detail tells the caller what to do about it.

    ``said`` says it to a person, in Chinese, in the place of the words that its status has.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        said: str = "",
    ) -> None:
        super().__init__(detail)
        self.said = said
        self.status = status
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})


def not_found(what: str) -> Problem:
    """The 404 for ``what``; the same whether it does not exist or is not the caller's to see."""
    return Problem(404, f"{what} does not exist, or you may not see it")


def wrong(field: str, message: str) -> Problem:
    """The 422 for one wrong field."""
    return Problem(422, f"{field}: {message}", errors=[{"field": field, "message": message}])


def away(what: str) -> Problem:
    """The 503 for infrastructure that is away for now."""
    return Problem(
        503, f"{what}; nothing was taken, send it again later", headers={"Retry-After": str(RETRY_AFTER_S)}
    )


def problem_of(exc: Exception) -> Problem:
    """Translate whatever was raised; what nobody foresaw becomes a 500 that says nothing about the inside."""
    match exc:
        case Problem():
            return exc
        case Refusal():
            return Problem(STATUS_OF_REFUSAL[exc.code], exc.message)
        case EventError():
            return Problem(422, str(exc), errors=[_named(line) for line in exc.wrong])
        case RequestValidationError():
            errors = _fields(exc)
            return Problem(422, "; ".join(f"{e['field']}: {e['message']}" for e in errors), errors=errors)
        case TooManySubscriptionsError():
            return Problem(422, str(exc), said="数量已到上限，请先移除或结束一些。")
        case KeyRequestError() | SuppressedContactError():
            return Problem(422, str(exc))
        case UnknownSubscriberError() | NoMemberError():
            return Problem(404, str(exc))
        case SubscriberLeftError() | OtherCodeError():
            return Problem(409, str(exc))
        case BackupError():
            return Problem(503, str(exc))
        case HTTPException():
            # Starlette says 400 for a body that cannot be decoded; docs/faces.md knows only 422 for wrong content.
            status = 422 if exc.status_code == 400 else exc.status_code
            return Problem(status, exc.detail, headers=exc.headers)
        case LogUnavailable():
            return away("the log is away")
        case PreviewTimeout():
            return Problem(
                503, "the shards did not all answer in time; ask again", headers={"Retry-After": "5"}
            )
        case DBAPIError() if getattr(exc.orig, "sqlstate", None) in NOT_STORABLE:
            return Problem(422, "a text holds the character U+0000, which cannot be stored; remove it")
        case PoolTimeout():
            return away("the record is busy")
        case _ if is_outage(exc):
            return away("the record is away")
    return Problem(500, "an unexpected error; the operator finds it in the service's log")


def install_handlers(app: FastAPI) -> None:
    """Give every expected error its answer; the unexpected ones are met in ``guard``."""
    expected = (
        Problem,
        Refusal,
        EventError,
        KeyRequestError,
        SubscriberError,
        RequestValidationError,
        HTTPException,
        BackupError,
        LogUnavailable,
        PreviewTimeout,
        SQLAlchemyError,
        OSError,
    )
    for kind in expected:
        app.add_exception_handler(kind, _answer)


async def _answer(request: Request, exc: Exception) -> Response:
    return respond(request, exc)


def respond(request: Request, exc: Exception) -> Response:
    """The response for ``exc``: a page for a browser outside the API, problem+json for everybody else."""
    problem = _not_as_json(request, exc) or problem_of(exc)
    if problem.status >= 500:
        log.error("request_failed", method=request.method, status=problem.status, exc_info=exc)
    renderer = getattr(request.app.state, "problem_page", None)
    machine = request.url.path.startswith("/api/") or "text/html" not in request.headers.get("accept", "")
    if machine or renderer is None:
        return problem_json(problem)
    page: Response = renderer(request, problem)
    page.headers.update(problem.headers)
    return page


def _not_as_json(request: Request, exc: Exception) -> Problem | None:
    """The 422 for JSON that does not say that it is JSON: its fields are then not even looked for."""
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not isinstance(exc, RequestValidationError) or sent.endswith(("/json", "+json")):
        return None
    if not any(tuple(error["loc"]) == ("body",) and error["type"] in NO_OBJECT for error in exc.errors()):
        return None
    said = f"yours says {sent}" if sent else "yours says nothing"
    return wrong("body", f"send JSON with the header Content-Type: application/json; {said}")


def problem_json(problem: Problem) -> Response:
    """``problem`` as RFC 9457 has it."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(problem.status, "请求未能完成"),
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.errors:
        body["errors"] = problem.errors
    return Response(
        orjson.dumps(body),
        status_code=problem.status,
        headers=problem.headers,
        media_type="application/problem+json",
    )


def _named(line: str) -> dict[str, str]:
    field, _, message = line.partition(": ")
    # A field's name has no blanks; what has is about the event as a whole.
    return (
        {"field": field, "message": message}
        if message and " " not in field
        else {"field": "event", "message": line}
    )


def _fields(exc: RequestValidationError) -> list[dict[str, str]]:
    broken = [error for error in exc.errors() if error["type"] == "json_invalid"]
    if broken:
        return [{"field": "body", "message": f"not valid JSON: {error['ctx']['error']}"} for error in broken]
    return [{"field": _field(location), "message": words} for location, words in plainly(exc.errors())]


def _field(location: Location) -> str:
    where = [str(part) for part in location]
    if where and where[0] in ("body", "query", "path", "header"):
        where = where[1:] or [where[0]]
    return ".".join(where)
