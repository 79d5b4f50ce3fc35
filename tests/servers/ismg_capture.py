"""A wire that is listened to: what is said on it goes into a capture file, and Wireshark says what it is."""

import asyncio
import contextlib
import shutil
import struct
import subprocess
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

PORT = 7890  # in the capture, whatever it was
SP, GATEWAY = (bytes((10, 0, 0, 1)), 50000), (bytes((10, 0, 0, 2)), PORT)
RAW_IP = 101  # LINKTYPE_RAW
PUSHED = 0x18  # PSH, ACK
MOST = 1400  # bytes of a packet


@dataclass
class Dissected:
    """A PDU of CMPP as Wireshark sees it: the values of each field, as shown and as bytes."""

    shown: dict[str, list[str]]
    raw: dict[str, list[bytes]]


def tshark_program() -> str | None:
    """The path of `tshark`; None when it is not installed."""
    return shutil.which("tshark")


@dataclass
class Tap:
    """What went over the wire, in order: whether the SP said it, and the bytes as they came."""

    port: int
    heard: list[tuple[bool, bytes]] = field(default_factory=list)


@asynccontextmanager
async def tap(port: int) -> AsyncIterator[Tap]:
    """A port that leads to `port` of 127.0.0.1 and hears everything."""
    tapped = Tap(0)

    async def pass_on(said_by_sp: bool, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1 << 16):
                tapped.heard.append((said_by_sp, data))
                writer.write(data)
        writer.close()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pass_on(True, reader, far_writer), pass_on(False, far_reader, writer))

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    tapped.port = server.sockets[0].getsockname()[1]
    try:
        yield tapped
    finally:
        server.close()


def write_capture(path: Path, heard: list[tuple[bool, bytes]]) -> None:
    """Write what one connection said as a capture file (pcap): TCP over IPv4, in packets of up to 1,400 bytes."""
    said = {True: 1, False: 1}  # sequence numbers of the sides
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, RAW_IP))
        moment = 0
        for by_sp, data in heard:
            (here, from_port), (there, to_port) = (SP, GATEWAY) if by_sp else (GATEWAY, SP)
            for begin in range(0, len(data), MOST):
                load = data[begin : begin + MOST]
                tcp = struct.pack(
                    "!HHIIBBHHH",
                    from_port,
                    to_port,
                    said[by_sp],
                    said[not by_sp],
                    5 << 4,
                    PUSHED,
                    65535,
                    0,
                    0,
                )
                size = 20 + len(tcp) + len(load)
                ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, size, moment & 0xFFFF, 0, 64, 6, 0, here, there)
                file.write(struct.pack("<IIII", 1_700_000_000, moment, size, size) + ip + tcp + load)
                said[by_sp] += len(load)
                moment += 1


def dissected(path: Path) -> list[Dissected]:
    """What Wireshark makes of a capture, PDU for PDU."""
    tshark = tshark_program()
    assert tshark is not None
    # SMPP has the same header and guesses that what begins in the middle of a PDU is its own.
    command = [tshark, "--disable-protocol", "smpp", "-d", f"tcp.port=={PORT},cmpp"]
    done = subprocess.run(
        [*command, "-n", "-r", path, "-T", "pdml"],
        capture_output=True,
        timeout=60,
        check=True,
    )
    found = []
    for proto in ElementTree.fromstring(done.stdout).iter("proto"):
        if proto.get("name") == "cmpp":
            one = Dissected(defaultdict(list), defaultdict(list))
            for part in proto.iter("field"):
                name = part.get("name", "").removeprefix("cmpp.")
                one.shown[name].append(part.get("show", ""))
                one.raw[name].append(bytes.fromhex(part.get("value", "")))
            found.append(one)
    return found
