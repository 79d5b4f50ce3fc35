"""The whole way of a text message over a cloud: claimed, sent, reported by callback or by asking, in a real record."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from channels.sms.channel import SmsChannel
from channels.sms.codes import load_codes
from channels.sms.gateways import aliyun_said, open_gateway, tencent_said
from channels.sms.gateways.gateway import GatewayBuilding
from channels.sms.links import SmsLinks
from channels.sms.templates import Registered, Variable
from channels.sms.way import Way
from config.database.schema import optouts, suppressions
from streams.far.queries import ask_gateways
from streams.far.reports import apply_parked
from streams.names import MATCH_TASKS
from streams.receipts.hearing import Hearing
from streams.steps.deliver import deliver
from tests.servers.cloud_sms import SIGN, CloudSms, cloud_sms
from tests.support.flow import Flow

KINDS = ["aliyun", "tencent"]
ARRIVED = {"aliyun": "DELIVERED", "tencent": "SUCCESS"}
TEMPLATES = {
    "aliyun": {"policy": Registered("SMS_1", (Variable("issuer", "issuer"), Variable("title", "title", 20)))},
    "tencent": {"policy": Registered("1001", (Variable("1", "issuer"), Variable("2", "title", 20)))},
}
on_sqlite = pytest.mark.parametrize("record_url", ["sqlite"], indirect=True)


@pytest.fixture
def cloud() -> Iterator[CloudSms]:
    with cloud_sms() as opened:
        yield opened


class Line:
    """Text messages over one cloud, as the service has them."""

    def __init__(self, flow: Flow, cloud: CloudSms, kind: str) -> None:
        self.flow, self.cloud, self.kind = flow, cloud, kind
        self.heard = Hearing(flow.record, flow.desk.vault, flow.desk.log, flow.clock)
        self.codes = load_codes()
        links = SmsLinks("https://policy.example.cn", b"key")
        building = GatewayBuilding(kind, SIGN, links, self.heard, self.codes, TEMPLATES[kind])
        url = {"aliyun": cloud.aliyun_url, "tencent": cloud.tencent_url}[kind]
        # What the cloud says of its own time is that of the record's clock.
        cloud.now = flow.clock.now
        gateway: Any = open_gateway(url, building)
        gateway._clock = flow.clock
        self.channel = SmsChannel([Way(gateway, templates=TEMPLATES[kind], asked=True)], SIGN)

    async def send(self) -> None:
        planned = [str(row["delivery_id"]) for row in await self.flow.rows() if row["state"] == "planned"]
        await deliver(self.flow.desk, self.channel, {"delivery_ids": planned})

    async def told(self) -> None:
        """The cloud calls about everything that it took."""
        if self.kind == "aliyun":
            said = [aliyun_said.heard(one, self.kind, self.codes) for one in self.cloud.aliyun_reports()]
        else:
            said = [tencent_said.heard(one, self.kind, self.codes) for one in self.cloud.tencent_reports()]
        await self.heard.reports(said)  # type: ignore[arg-type]

    async def asked(self) -> None:
        """The sweep that asks, after a day."""
        self.flow.clock.advance(timedelta(hours=1))
        await ask_gateways(self.flow.desk, [self.channel])

    async def states(self) -> dict[str, tuple[str, str | None]]:
        await apply_parked(self.flow.desk)
        return {row["subscriber_id"]: (row["state"], row["reason"]) for row in await self.flow.rows()}


@asynccontextmanager
async def line(flow: Flow, cloud: CloudSms, kind: str, *names: str) -> AsyncIterator[Line]:
    for name in names:
        await flow.subscriber(name, channels=("sms",))
    await flow.campaign()
    await flow.pump(MATCH_TASKS)
    opened = Line(flow, cloud, kind)
    try:
        yield opened
    finally:
        await opened.channel.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_sent_is_delivered_when_the_cloud_calls(flow: Flow, cloud: CloudSms, kind: str) -> None:
    async with line(flow, cloud, kind, "S-1", "S-2", "S-3") as over:
        await over.send()
        assert set((await over.states()).values()) == {("sent", None)}
        await over.told()
        assert set((await over.states()).values()) == {("delivered", None)}
        await over.told()
        assert set((await over.states()).values()) == {("delivered", None)}


@on_sqlite
@pytest.mark.parametrize("kind", KINDS)
async def test_of_many_that_share_an_id_each_has_its_own_fate(flow: Flow, cloud: CloudSms, kind: str) -> None:
    async with line(flow, cloud, kind, "S-1", "S-2", "S-3") as over:
        await over.send()
        dead = cloud.took[1].number
        cloud.became = {dead: {"aliyun": "MOBILE_NOT_ON_SERVICE", "tencent": "CB:0001"}[kind]}
        await over.told()
        assert sorted((await over.states()).values()) == [("delivered", None)] * 2 + [("failed", "gone")]
        async with flow.record.read() as conn:
            assert list(await conn.scalars(select(suppressions.c.reason))) == ["gone"]


@on_sqlite
@pytest.mark.parametrize("kind", KINDS)
async def test_where_no_call_comes_the_cloud_is_asked(flow: Flow, cloud: CloudSms, kind: str) -> None:
    async with line(flow, cloud, kind, "S-1", "S-2") as over:
        await over.send()
        cloud.became = {one.number: ARRIVED[kind] for one in cloud.took}
        await over.asked()
        assert set((await over.states()).values()) == {("delivered", None)}


@on_sqlite
@pytest.mark.parametrize("kind", KINDS)
async def test_a_lost_answer_is_settled_by_asking_and_nothing_goes_twice(
    flow: Flow, cloud: CloudSms, kind: str
) -> None:
    cloud.silent = 1
    async with line(flow, cloud, kind, "S-1", "S-2") as over:
        await over.send()
        assert {state for state, _ in (await over.states()).values()} == {"unknown"}
        cloud.became = {one.number: ARRIVED[kind] for one in cloud.took}
        await over.asked()
        assert {state for state, _ in (await over.states()).values()} == {"delivered"}
        await over.send()
    assert len(cloud.took) == 2


@on_sqlite
@pytest.mark.parametrize("kind", KINDS)
async def test_a_refused_signature_stops_the_campaign_and_suppresses_nobody(
    flow: Flow, cloud: CloudSms, kind: str
) -> None:
    cloud.errors = [{"aliyun": "isv.SMS_SIGN_ILLEGAL", "tencent": "FailedOperation.SignIdNotExist"}[kind]]
    async with line(flow, cloud, kind, "S-1", "S-2") as over:
        await over.send()
        assert set((await over.states()).values()) == {("held", "campaign_stopped")}
        async with flow.record.read() as conn:
            assert list(await conn.scalars(select(suppressions.c.reason))) == []


@on_sqlite
async def test_who_answers_td_at_tencent_is_left_alone_though_nobody_called(
    flow: Flow, cloud: CloudSms
) -> None:
    async with line(flow, cloud, "tencent", "S-1", "S-2") as over:
        await over.send()
        cloud.replied = {cloud.took[0].number: [(int(flow.clock.now().timestamp()), "TD")]}
        await over.asked()
        async with flow.record.read() as conn:
            assert len(list(await conn.scalars(select(optouts.c.subscriber_id)))) == 1
