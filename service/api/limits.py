"""How large a request may be, counted while it arrives."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streams.events import MAX_EVENT_BYTES

MAX_IMPORT_BYTES = 64 * 1024 * 1024
IMPORT_PATH = "/api/v1/subscribers/import"


class BodyLimit:
    """Ends a request with 413 as soon as more bytes came than its route takes, whatever its headers claimed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counting ``receive``."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = MAX_IMPORT_BYTES if scope["path"] == IMPORT_PATH else MAX_EVENT_BYTES
        taken = 0

        async def counting() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise HTTPException(413, f"the request is larger than {limit // 1024} KiB; nothing was taken")
            return message

        await self._app(scope, counting, send)
