"""Replies that end nothing are noted, once each."""

from sqlalchemy import select

from channels.heard import Reply
from config.database.schema import audit
from tests.support.far_said import ear
from tests.support.flow import Flow


async def test_replies_over_two_gateways_under_one_id_are_two(flow: Flow) -> None:
    number = "+8613800000001"
    first, other = Reply("cmpp", number, "请问在哪里申报", "1001"), Reply("smpp", number, "谢谢", "1001")
    await ear(flow).replies([first, other, first])
    async with flow.record.read() as conn:
        noted = await conn.scalars(select(audit.c.details).where(audit.c.action == "sms.reply"))
        assert sorted(details["text"] for details in noted) == ["请问在哪里申报", "谢谢"]
