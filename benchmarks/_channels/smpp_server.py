"""An SMSC in a process of its own, on `smpp34.Server`: takes everything, reports everything as delivered at once.

Prints the port's number when it listens. Run as ``python -P benchmarks/_channels/smpp_server.py PORT``.
"""

import asyncio
import sys

import smpp34

REPORT = "id:{id} sub:001 dlvrd:001 submit date:2611221000 done date:2611221001 stat:DELIVRD err:000 text:"


async def _serve(port: int) -> None:
    server = smpp34.Server("127.0.0.1", port, system_id="benchmark", inbound_capacity=100_000)
    await server.start()
    print(port, flush=True)
    esmes: dict[str, smpp34.Esme] = {}
    telling: set[asyncio.Future[smpp34.DeliverSmResp]] = set()
    taken = 0
    while True:
        event = await server.next()
        if isinstance(event, smpp34.Esme):
            esmes[event.session_id] = event
        elif isinstance(event, smpp34.SubmitSmEvent):
            taken += 1
            message_id = f"{taken:08x}"
            event.accept(message_id=message_id)
            # deliver_sm returns a future, not a coroutine.
            told = asyncio.ensure_future(
                esmes[event.session_id].deliver_sm(
                    event.source_addr,
                    REPORT.format(id=message_id).encode(),
                    source_addr=event.destination_addr,
                    esm_class=4,
                )
            )
            telling.add(told)
            told.add_done_callback(telling.discard)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
