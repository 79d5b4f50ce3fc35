"""pycmpp, an SP's client for CMPP 2.0 that was not written here, in a process of its own.

``talk PORT USER SECRET``: it connects and sends what it is told, a JSON line each: text and numbers. What it logs goes
to the output, among it the Msg_Ids it was answered. ``read``: it reads frames, a line of hexadecimals each, and says as
JSON what it finds in them. ``connect USER SECRET MMDDHHMMSS``: its CONNECT of that moment, as hexadecimals.
``bench PORT USER SECRET COUNT``: the seconds in which it sends so many messages and is answered.
"""

import json
import logging
import os
import sys
import threading
import time

SUBMIT, CONNECT_RESP, SUBMIT_RESP = 0x4, 0x80000001, 0x80000004


def talk(port: str, user: str, secret: str) -> None:
    from pycmpp.cmpp import Cmpp

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    client = Cmpp(
        host="127.0.0.1", port=int(port), sp_id=user, sp_secret=secret, src_id="10690001", delivery=1
    )

    def orders() -> None:
        for line in sys.stdin:
            text, numbers = json.loads(line)
            client.submit(text, numbers)
            # It reads what one call to recv brings: answers that come together would be torn apart.
            time.sleep(0.2)
        client.terminate()
        time.sleep(0.2)
        os._exit(0)  # it has no other way to end

    threading.Timer(0.3, orders).start()
    client.run()


def read() -> None:
    from pycmpp.request import SubmitRequestInstance
    from pycmpp.response import ConnectResponseInstance, SubmitResponseInstance

    for line in sys.stdin:
        frame = bytes.fromhex(line)
        command = int.from_bytes(frame[4:8], "big")
        if command == SUBMIT:
            print(json.dumps(SubmitRequestInstance().resolve(frame)))
        elif command == CONNECT_RESP:
            connected = ConnectResponseInstance()
            connected.resolve(frame)
            print(json.dumps({"status": connected.status, "version": connected.version}))
        elif command == SUBMIT_RESP:
            answered = SubmitResponseInstance()
            answered.resolve(frame)
            print(
                json.dumps({"seq_id": answered.seq_id, "msg_id": answered.msg_id, "status": answered.status})
            )


def connect(user: str, secret: str, moment: str) -> None:
    from pycmpp import request

    request.get_string_time = lambda: moment
    print(request.ConnectRequestInstance().create(user, secret).hex())


def bench(port: str, user: str, secret: str, count: str) -> None:
    from pycmpp import handlers
    from pycmpp.cmpp import Cmpp

    logging.disable(logging.CRITICAL)
    client = Cmpp(
        host="127.0.0.1", port=int(port), sp_id=user, sp_secret=secret, src_id="10690001", delivery=0
    )
    client.client_heartbeat = False
    answered, began = 0, 0.0
    take = handlers.CmppSubmitRespHandler.__call__

    def taken(handler: handlers.CmppSubmitRespHandler) -> None:
        nonlocal answered
        take(handler)
        answered += 1
        if answered == int(count):
            print(time.perf_counter() - began, flush=True)
            os._exit(0)

    def orders() -> None:
        nonlocal began
        began = time.perf_counter()
        for number in range(int(count)):
            client.submit(
                f"【某市政务】{number}号申报的高新技术企业认定补贴已受理，退订回T", [f"138{number:08}"]
            )

    handlers.CmppSubmitRespHandler.__call__ = taken  # type: ignore[method-assign]
    threading.Timer(0.3, orders).start()
    client.run()


if __name__ == "__main__":
    {"talk": talk, "read": read, "connect": connect, "bench": bench}[sys.argv[1]](*sys.argv[2:])
