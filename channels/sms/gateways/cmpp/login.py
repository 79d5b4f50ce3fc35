"""From an address to a connection that the gateway has let in."""

import asyncio
from datetime import datetime

from channels.errors import AccountError, TransportError, UnreachableError
from channels.sms.gateways.cmpp.address import Address
from channels.sms.gateways.cmpp.authenticator import gateway_proof, source_proof, timestamp
from channels.sms.gateways.cmpp.connection import Connection, Takes
from channels.sms.gateways.cmpp.pdus import V20, V30, Connect, ConnectResp
from channels.sms.gateways.cmpp.wire import CmppError
from config.logging import get_logger

log = get_logger(__name__)

ACCOUNT_S = 600.0
STATUS = {
    1: "the gateway does not understand our CONNECT",
    2: "the gateway does not let this machine's address in",
    3: "the gateway refuses user or password",
    4: "the gateway does not speak this version: write cmpp2:// in its URL",
}
OF_THE_ACCOUNT = (2, 3, 4)


async def connect(address: Address, takes: Takes, now: datetime, within_s: float) -> Connection:
    """Return a connection that is let in.

    Args:
        address: of the gateway.
        takes: what happens on it.
        now: the moment that the gateway compares with its own clock.
        within_s: for all of it.

    Raises:
        UnreachableError: no connection, no answer in time, or it wants nobody at the moment.
        AccountError: it does not want us.
    """
    connection: Connection | None = None
    try:
        async with asyncio.timeout(within_s):
            _, connection = await asyncio.get_running_loop().create_connection(
                lambda: Connection(address.version, takes), address.host, address.port
            )
            await _log_in(connection, address, now)
    except BaseException as exc:
        if connection is not None:
            connection.abort("it was not let in")
        meant = _meant(exc, within_s)
        if meant is None:
            raise
        raise meant from exc
    return connection


async def _log_in(connection: Connection, address: Address, now: datetime) -> None:
    at = timestamp(now)
    proof = source_proof(address.user, address.secret, at)
    answer = await connection.answer_to(Connect(address.user, proof, address.version, at))
    if not isinstance(answer, ConnectResp):
        raise CmppError(f"{type(answer).__name__} is no answer to a CONNECT")
    if answer.status:
        reason = f"{STATUS.get(answer.status, 'the gateway refuses the connection')} (status {answer.status})"
        if answer.status in OF_THE_ACCOUNT:
            raise AccountError(reason, ACCOUNT_S)
        raise UnreachableError(reason)
    # Gateways write the status into their proof in one byte or in four, and some write no proof at all.
    known = [gateway_proof(0, proof, address.secret, version) for version in (V20, V30)]
    if answer.proof not in known:
        log.warning(
            "cmpp.unproven", **connection.takes.where, why="its AuthenticatorISMG is not of our secret"
        )


def _meant(exc: BaseException, within_s: float) -> TransportError | None:
    """Return what an end of the attempt means to a message; None: nothing, as nobody tries any more."""
    match exc:
        case TransportError():
            return exc
        case TimeoutError():
            return UnreachableError(f"the gateway does not let us in within {within_s:g} s")
        case OSError() if exc.errno is None:  # not the system's: our connection's own words
            return UnreachableError(f"no answer to our CONNECT: {exc}")
        case CmppError():
            return UnreachableError(str(exc))
        case Exception():  # of the network, the resolver; what else it may be must not end the trying
            return UnreachableError(f"the gateway takes no connection ({type(exc).__name__})")
    return None
