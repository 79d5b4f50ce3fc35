"""The door of a flow: sign-ups, links and codes, and what notices said."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from channels.message import Message
from config.database.schema import notices
from streams.delivery.notices import send_notices
from subscribers.by_number import close_number
from subscribers.confirming import Redeemed, redeem_code, redeem_link
from subscribers.joining import JoinIn, join
from subscribers.model import Change
from subscribers.notices import CONFIRM, Kind
from tests.support.flow import SHARDS, Flow

MAIL, MOBILE = "chen@firm.example.cn", "13812340000"
DAY = timedelta(days=1)


class Door:
    """What comes to the door of a flow: sign-ups, and what its notices said."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.record, self.vault, self.tokens = flow.record, flow.desk.vault, flow.desk.tokens

    @property
    def now(self) -> datetime:
        return self.flow.clock.now()

    async def join(self, *addresses: tuple[str, str], **changes: Any) -> None:
        given = {
            "name": "示范软件有限公司",
            "contacts": [{"channel": channel, "address": address} for channel, address in addresses],
            **changes,
        }
        async with self.record.write() as conn:
            await join(
                conn,
                self.vault,
                JoinIn.model_validate(given),
                shards=SHARDS,
                now=self.now,
                now_real=self.now,
            )

    async def send(self) -> list[Message]:
        """What goes out now."""
        before = {name: len(channel.sent) for name, channel in self.flow.channels.items()}
        await send_notices(self.flow.desk, self.flow.clock)
        return [
            message
            for name, channel in sorted(self.flow.channels.items())
            for message in channel.sent[before[name] :]
        ]

    async def follow(self, message: Message, kind: Kind = CONFIRM) -> Redeemed:
        notice_id = self.tokens.read_notice(message.secret.rpartition("/")[2])
        async with self.record.write() as conn:
            return await redeem_link(conn, notice_id, kind, now=self.now, now_real=self.now)

    async def type_in(self, code: str, address: str = MOBILE) -> Redeemed | None:
        async with self.record.write() as conn:
            return await redeem_code(
                conn, self.vault, self.tokens, "sms", address, code, now=self.now, now_real=self.now
            )

    async def says_no(self, number: str = MOBILE) -> list[Change]:
        """TD comes from a number."""
        async with self.record.write() as conn:
            return await close_number(conn, self.vault, number, now=self.now)

    async def count(self, table: Any) -> int:
        async with self.record.read() as conn:
            return int(await conn.scalar(select(func.count()).select_from(table)) or 0)

    async def states(self) -> list[str]:
        async with self.record.read() as conn:
            return list(await conn.scalars(select(notices.c.state).order_by(notices.c.created_at)))
