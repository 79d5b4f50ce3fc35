"""Signing up by oneself, and confirming; the same steps serve the pages.

Every answer is the same whether an address is known, suppressed or new: only what is sent there differs.
"""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field, model_validator

from service.api.changes import tell
from service.api.problems import Problem, wrong
from service.api.security import HouseOf
from service.api.shapes import Body
from service.api.throttle import GUESSES, OF_ADDRESS, SIGN_INS, SIGN_UPS, Throttle, insist
from service.house import House
from subscribers import joining
from subscribers.confirming import NoticeOverError, Redeemed, good_for, redeem_code, redeem_link
from subscribers.joining import AddressIn, JoinIn
from subscribers.notices import CONFIRM, SIGN_IN, Kind
from subscribers.tokens import TokenError

router = APIRouter(prefix="/api/v1/join", tags=["joining"])

Code = Annotated[str, Field(pattern=r"^\d{6}$")]


class ConfirmIn(Body):
    """The token of a link, or a code with the address that got it."""

    token: Annotated[str | None, Field(max_length=400)] = None
    channel: Literal["sms"] | None = None
    address: Annotated[str | None, Field(max_length=40, repr=False)] = None
    code: Code | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "ConfirmIn":
        by_code = (self.channel, self.address, self.code)
        if (self.token is None) == (None in by_code) or (self.token and any(by_code)):
            raise ValueError("give either token, or channel, address and code")
        return self


@router.post("", status_code=202)
async def post_join(request: Request, house: HouseOf, given: JoinIn) -> dict[str, Any]:
    """Sign up. Each address gets a message to confirm it by; until then nothing is pushed anywhere."""
    await sign_up(request, house, given)
    return _sent(given.contacts)


@router.post("/sign-in", status_code=202)
async def post_sign_in(request: Request, house: HouseOf, given: AddressIn) -> dict[str, Any]:
    """Send a sign-in link (e-mail) or code (SMS) for the page /my to a confirmed address."""
    await send_sign_in(request, house, given)
    return _sent([given])


@router.post("/confirm")
async def post_confirm(request: Request, house: HouseOf, given: ConfirmIn) -> dict[str, Any]:
    """Confirm an address; used once."""
    if given.token is not None:
        try:
            done = await follow(house, given.token, CONFIRM)
        except Problem as exc:
            raise wrong("token", "this link was used before, its time is over or it is damaged") from exc
    else:
        by_code = await try_code(request, house, str(given.address), str(given.code))
        if by_code is None:
            raise wrong("code", "wrong, used before or over; after five wrong guesses ask for a new one")
        done = by_code
    status = "signed_in" if done.kind == SIGN_IN else "confirmed"
    return {"subscriber_id": done.subscriber_id, "status": status}


async def sign_up(request: Request, house: House, given: JoinIn) -> None:
    """Take a sign-up; see `subscribers.joining.join`.

    Raises:
        Problem: 429, too many from this client.
    """
    now_real = house.real_clock.now()
    await insist(request, SIGN_UPS, now_real)
    if not await _address_allows(request, house, list(given.contacts)):
        return
    async with house.record.write() as conn:
        await joining.join(
            conn,
            house.vault,
            given,
            shards=house.settings.shards,
            now=house.clock.now(),
            now_real=now_real,
        )


async def send_sign_in(request: Request, house: House, given: AddressIn) -> None:
    """Send a sign-in link or code where the address is known.

    Raises:
        Problem: 429, too many from this client.
    """
    now_real = house.real_clock.now()
    await insist(request, SIGN_INS, now_real)
    if await _address_allows(request, house, [given]):
        async with house.record.write() as conn:
            await joining.sign_in(conn, house.vault, [given], now_real=now_real)


async def insist_on_link(house: House, token: str, kind: Kind) -> None:
    """Refuse a link that would not do, before a button is shown; nothing changes.

    Raises:
        Problem: 404, it is damaged; 410, it was used or its time is over.
    """
    notice_id = _notice_of(house, token)
    async with house.record.read() as conn:
        if not await good_for(conn, notice_id, kind, now_real=house.real_clock.now()):
            raise _over()


async def follow(house: House, token: str, kind: Kind) -> Redeemed:
    """Use a link.

    Raises:
        Problem: 404, it is damaged; 410, it was used or its time is over.
    """
    notice_id = _notice_of(house, token)
    try:
        async with house.record.write() as conn:
            done = await redeem_link(
                conn, notice_id, kind, now=house.clock.now(), now_real=house.real_clock.now()
            )
    except NoticeOverError as exc:
        raise _over() from exc
    await _told(house, done)
    return done


async def try_code(request: Request, house: House, address: str, code: str) -> Redeemed | None:
    """Use a code that went to a mobile number; None where it is wrong, used or over.

    Raises:
        Problem: 429, too many guesses from this client; 422, no mobile number.
    """
    await insist(request, GUESSES, house.real_clock.now())
    try:
        async with house.record.write() as conn:
            done = await redeem_code(
                conn,
                house.vault,
                house.tokens,
                "sms",
                address,
                code,
                now=house.clock.now(),
                now_real=house.real_clock.now(),
            )
    except ValueError as exc:
        raise wrong("address", "not a mobile number of mainland China") from exc
    if done is not None:
        await _told(house, done)
    return done


async def _told(house: House, done: Redeemed) -> None:
    if done.change is not None:
        await tell(house, [done.change])


async def _address_allows(request: Request, house: House, given: list[AddressIn]) -> bool:
    # Silently: who tries somebody else's address learns nothing of it.
    throttle: Throttle = request.app.state.throttle
    now_real = house.real_clock.now()
    indexes = [house.vault.blind_index(one.channel, one.address) for one in given]
    return all([await throttle.allows(OF_ADDRESS, index, now_real) for index in indexes])


def _sent(given: Any) -> dict[str, Any]:
    return {"status": "check_your_messages", "channels": sorted({one.channel for one in given})}


def _notice_of(house: House, token: str) -> str:
    try:
        return house.tokens.read_notice(token)
    except TokenError as exc:
        said = "链接不完整，或者不是本站发出的。请打开邮件里的完整链接；仍然不行时，请重新登记或登录，会收到新的链接。"
        raise Problem(404, "this link is damaged or was not made here; ask for a new one", said=said) from exc


def _over() -> Problem:
    said = "链接已经用过，或者过了有效期。已经确认过的，登录我的政达即可；还没有确认的，请重新登记，会收到新的链接。"
    return Problem(410, "this link was used before or its time is over; ask for a new one", said=said)
