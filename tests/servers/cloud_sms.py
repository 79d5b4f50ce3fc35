"""Aliyun's and Tencent's short message services on one port of 127.0.0.1, as far as gateways use them.

Signatures are judged by the official SDKs' own signing code; their clients may talk to it as well as ours.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.servers.cloud_sms_aliyun import aliyun
from tests.servers.cloud_sms_state import APP, KEY_ID, SECRET, SIGN, Asked, CloudSms
from tests.servers.cloud_sms_tencent import tencent

__all__ = ["APP", "KEY_ID", "SECRET", "SIGN", "CloudSms", "cloud_sms"]


def answer(cloud: CloudSms, asked: Asked) -> tuple[int, dict[str, Any]]:
    """What the cloud that is meant says."""
    with cloud.lock:
        cloud.asked.append(asked)
        return aliyun(cloud, asked) if "x-acs-action" in asked.headers else tencent(cloud, asked)


@contextmanager
def cloud_sms() -> Iterator[CloudSms]:
    """A server on a free port."""
    cloud = CloudSms()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, content = answer(cloud, Asked(self.path, headers, body))
            if cloud.silent:
                cloud.silent -= 1
                self.close_connection = True
                return
            raw = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        cloud.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield cloud
        finally:
            server.shutdown()
            thread.join(5)
