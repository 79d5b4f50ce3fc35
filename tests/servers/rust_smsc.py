"""An SMSC inside the test, on `smpp34.Server`: Rust's, not ours."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import smpp34

from tests.servers.ports import free_port

SAR = (smpp34.TLV_SAR_MSG_REF_NUM, smpp34.TLV_SAR_TOTAL_SEGMENTS, smpp34.TLV_SAR_SEGMENT_SEQNUM)


@dataclass
class RustSmsc:
    """Takes messages, puts long ones together, reports each as delivered; ``refusals`` are answered first."""

    port: int
    server: smpp34.Server
    refusals: list[int] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    esmes: dict[str, smpp34.Esme] = field(default_factory=dict)
    acknowledged: list[int] = field(default_factory=list)
    taken: int = 0
    _pieces: dict[tuple[str, int], dict[int, bytes]] = field(default_factory=dict)
    _telling: set[asyncio.Task[None]] = field(default_factory=set)

    def url(self, options: str = "") -> str:
        return f"smpp://gov:secret@127.0.0.1:{self.port}?from=10690001{options}"

    async def serve(self) -> None:
        while True:
            event = await self.server.next()
            if isinstance(event, smpp34.Esme):
                self.esmes[event.session_id] = event
            elif isinstance(event, smpp34.Unbound):
                self.esmes.pop(event.session_id, None)
            else:
                self._submitted(event)

    async def say(self, number: str, text: str, **fields: int) -> bool:
        """Somebody writes; whether it was acknowledged."""
        fields = {"data_coding": 8, **fields}
        (esme,) = self.esmes.values()
        # deliver_sm returns a future, not a coroutine.
        answer = await asyncio.ensure_future(
            esme.deliver_sm("10690001", text.encode("utf-16-be"), source_addr=number, **fields)
        )
        return answer.is_success

    def _submitted(self, event: smpp34.SubmitSmEvent) -> None:
        if self.refusals:
            event.reject(self.refusals.pop(0))
            return
        self.taken += 1
        event.accept(message_id=f"{self.taken:08x}")
        self._assemble(event)
        if event.registered_delivery & 1:
            telling = asyncio.create_task(self._report(event, f"{self.taken:08x}"))
            self._telling.add(telling)
            telling.add_done_callback(self._telling.discard)

    def _assemble(self, event: smpp34.SubmitSmEvent) -> None:
        parameters = {one.tag: one.value for one in event.tlvs}
        body, mark, total, index = event.short_message, 0, 1, 1
        if event.esm_class & 0x40:
            mark, total, index = body[3], body[4], body[5]
            body = body[6:]
        elif set(SAR) <= parameters.keys():
            mark, total, index = struct.unpack(">HBB", b"".join(parameters[tag] for tag in SAR))
        elif smpp34.TLV_MESSAGE_PAYLOAD in parameters:
            body = parameters[smpp34.TLV_MESSAGE_PAYLOAD]
        pieces = self._pieces.setdefault((event.destination_addr, mark), {})
        pieces[index] = body
        if len(pieces) == total:
            whole = b"".join(pieces[place] for place in sorted(pieces)).decode("utf-16-be")
            self.texts.append((event.destination_addr, whole))
            del self._pieces[event.destination_addr, mark]

    async def _report(self, event: smpp34.SubmitSmEvent, message_id: str) -> None:
        dates = "submit date:2611221000 done date:2611221001"
        text = f"id:{message_id} sub:001 dlvrd:001 {dates} stat:DELIVRD err:000 text:"
        answer = await asyncio.ensure_future(
            self.esmes[event.session_id].deliver_sm(
                event.source_addr, text.encode(), source_addr=event.destination_addr, esm_class=4
            )
        )
        self.acknowledged.append(answer.command_status)


@asynccontextmanager
async def rust_smsc() -> AsyncIterator[RustSmsc]:
    """Run one on a free port of 127.0.0.1."""
    port = free_port()
    server = smpp34.Server("127.0.0.1", port, system_id="test")
    await server.start()
    smsc = RustSmsc(port, server)
    serving = asyncio.create_task(smsc.serve())
    try:
        yield smsc
    finally:
        serving.cancel()
        await server.stop()
