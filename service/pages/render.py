"""Templates become pages: one environment, the words and times that every page uses."""

from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.datastructures import FormData

from channels.message import Reason
from channels.reasons import by_quote
from config.clock import SHANGHAI
from service.api.problems import TITLES, Problem, wrong
from streams.campaigns.occurrences import title_of
from streams.events.explanation_data import FORMS
from streams.events.fields import MAX_REVISION

HERE = Path(__file__).parent
STATIC = HERE / "static"

STATES = {
    "received": "标签识别中",
    "waiting": "待审查",
    "released": "已发布",
    "refused": "审查未通过",
    "superseded": "已有新版",
    "repealed": "已废止",
}
ROLES = {
    "operator": "运维",
    "publisher": "发布人",
    "reviewer": "审查人",
    "association": "协会商会",
    "subscriber": "企业",
}
PROBLEMS = {
    401: "请先登录，或者检查密钥是否完整、是否已被停用。",
    403: "您的身份不能进行此操作。如果是从其他网站跳转而来，请在本站重新打开页面再试。",
    404: "这个地址不存在，或者内容尚未公开。",
    409: "内容的状态已经改变，请刷新页面后再试。",
    413: "提交的内容太大了。",
    422: "提交的内容有误，请检查后再试。",
    429: "尝试的次数太多了，请过一会儿再试。",
    503: "后台数据暂时不可用，什么都没有改变，请稍后再试。",
}


def local_time(moment: datetime | None) -> str:
    """``moment`` as people in China read it, to the minute."""
    return f"{moment.astimezone(SHANGHAI):%Y年%-m月%-d日 %H:%M}" if moment else ""


def local_day(moment: datetime) -> str:
    """The day of ``moment`` in China."""
    return chinese_day(moment.astimezone(SHANGHAI).date())


def chinese_day(day: date | str | None) -> str:
    """A day, also one written ``YYYY-MM-DD``, in Chinese."""
    if not day:
        return ""
    value = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{value.year}年{value.month}月{value.day}日"


def because(reason: Reason) -> str:
    """Why a message came, in a few words: what was subscribed, or what else made it fit."""
    if reason.stated:
        return reason.subscription
    if reason.subscription_id is None:
        return "与贵企业的登记信息相符"
    return f"订阅“{reason.subscription}”"


def few(count: int) -> str:
    """A count as strangers may see it: below five it could point at somebody (rule 6 of the product)."""
    return "少于 5" if 0 < count < 5 else f"{count:,}"


def shown_count(count: int | str) -> str:
    """A masked count (`streams.masking`) in words."""
    if isinstance(count, int):
        return f"{count:,}"
    return f"少于 {count[1:]}" if count.startswith("<") else f"至少 {count[1:]}"


def percent(rate: float | None) -> str:
    """A rate as a percentage; a dash while its base is 0."""
    return "-" if rate is None else f"{rate:.1%}"


def revision_of(form: FormData) -> int:
    """Return which revision a reviewer's form is about.

    Raises:
        Problem: 422, it names none.
    """
    given = form.get("revision")
    if not isinstance(given, str) or not given.isdecimal() or not 0 < int(given[:12]) <= MAX_REVISION:
        raise wrong("revision", "which revision was decided on?")
    return int(given)


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "local_time": local_time,
        "local_day": local_day,
        "chinese_day": chinese_day,
        "occasion": title_of,
        "by_quote": by_quote,
        "because": because,
        "few": few,
        "shown_count": shown_count,
        "percent": percent,
    }
    environment.globals |= {"STATES": STATES, "ROLES": ROLES, "FORMS": FORMS}
    return environment


templates = Jinja2Templates(env=_environment())


def page(
    request: Request,
    name: str,
    context: dict[str, Any] | None = None,
    *,
    actor: Any = None,
    status: int = 200,
) -> Response:
    """Return the page ``name``; ``actor`` is shown in its head."""
    return templates.TemplateResponse(request, name, {"actor": actor, **(context or {})}, status_code=status)


def problem_page(request: Request, problem: Problem) -> Response:
    """The page that says what went wrong in a person's words; who must log in first is led there."""
    if problem.status == 401 and request.method == "GET" and request.url.path.startswith("/my"):
        return RedirectResponse("/my/sign-in", status_code=303)
    if problem.status == 401 and request.method == "GET" and request.url.path != "/login":
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/login?next={quote(request.url.path + query, safe='')}", status_code=303)
    title = TITLES.get(problem.status, "请求未能完成")
    words = problem.said or PROBLEMS.get(problem.status, "发生了意外的错误，已经记录下来。")
    detail = problem.detail if problem.status in (403, 409, 422) and not problem.said else ""
    context = {"status": problem.status, "title": title, "words": words, "detail": detail}
    return page(request, "problem.html", context, status=problem.status)
