"""The HTTP face, put together."""

from collections.abc import Callable, Mapping
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from service.api import (
    alerts,
    associations,
    bounces,
    docs,
    events,
    explanations,
    feeds,
    figures,
    health,
    importing,
    joining,
    kits,
    ledger,
    memberships,
    operations,
    own,
    plans,
    policies,
    previews,
    relays,
    render,
    sms,
    sms_cloud,
    sms_gateways,
    space,
    space_live,
    subscribers,
    suppressions,
    trying,
    unsubscribe,
    vouching,
    webhooks,
)
from service.api.guard import Guard
from service.api.limits import BodyLimit
from service.api.problems import install_handlers
from service.api.throttle import Throttle
from service.house import House
from service.pages import alerts as alerts_page
from service.pages import audience, browse, corrections, explaining, my, outbox, session, sheet
from service.pages import feeds as feeds_page
from service.pages import joining as joining_pages
from service.pages import memberships as memberships_page
from service.pages import relay as relay_page
from service.pages import space as space_page
from service.pages import wishes as wishes_page
from service.pages.figures import Figures
from service.pages.rates import Rates
from service.pages.render import STATIC, problem_page
from streams.latecomers.recent import Recent

ROUTERS = (
    events.router,
    ledger.router,
    policies.router,
    previews.router,
    plans.router,
    explanations.router,
    feeds.router,
    figures.router,
    importing.router,
    subscribers.router,
    own.router,
    joining.router,
    trying.router,
    space.router,
    space_live.router,
    associations.router,
    memberships.router,
    vouching.codes,
    vouching.members,
    kits.router,
    relays.router,
    render.router,
    operations.router,
    alerts.router,
    bounces.router,
    suppressions.router,
    unsubscribe.router,
    webhooks.router,
    sms.router,
    sms_cloud.router,
    sms_gateways.router,
    health.router,
    docs.router,
    session.router,
    joining_pages.router,
    my.router,
    wishes_page.router,
    browse.router,
    feeds_page.router,
    audience.router,
    corrections.router,
    explaining.router,
    space_page.router,
    memberships_page.router,
    relay_page.router,
    sheet.router,
    outbox.router,
    alerts_page.router,
)


def create_app(
    house: House,
    health: Callable[[], Mapping[str, str]] | None = None,
) -> FastAPI:
    """Return the app that answers for ``house``; nothing is opened.

    Args:
        house: what the routes work with.
        health: says of each part ``ok`` or what is wrong with it; the record is asked anyway.
    """
    app = FastAPI(
        title="政达 Zhengda",
        summary="Policies, pushed to exactly the enterprises they concern.",
        version=version("zhengda"),
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,
    )
    app.state.house = house
    app.state.health = health
    app.state.figures = Figures(house.record)
    app.state.throttle = Throttle(house.live.redis)
    app.state.recent = Recent()
    app.state.rates = Rates(house.record)
    app.state.problem_page = problem_page
    install_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    # The last one added is the outermost.
    app.add_middleware(BodyLimit)
    app.add_middleware(Guard)
    return app
