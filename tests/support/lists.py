"""Long lists of enterprises as files, and a watch over the service while it takes one."""

import csv
import json
import random
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from openpyxl import Workbook

from tests.support.crowd import CODES, REGIONS
from tests.support.service import ServiceProcess

MISTAKES: tuple[Mapping[str, str], ...] = (
    {"region": "某某新区"},  # no region is called so
    {"手机号": "12345"},
    {"email": "nobody", "staff": "很多"},
    {"consent_evidence": ""},
    {"consent_at": "2099-01-01"},
)


def firms(count: int, *, wrong: int = 0, seed: int = 3) -> Iterator[dict[str, str]]:
    """Rows of an import: profile, e-mail and mobile with consent, one subscription; ``wrong`` of them spread evenly.

    Half of the addresses lie in domains of their own, as those of enterprises do.
    """
    dice = random.Random(seed)
    every = count // wrong if wrong else 0
    for number in range(count):
        wanted = {key: dice.choice(CODES[key]) for key in dice.sample(("theme", "industry", "instrument"), 2)}
        row = {
            "subscriber_id": f"firm-{number:06}",
            "企业名称": f"第{number}号科技有限公司",
            "region": dice.choice(REGIONS[3:]),
            "industries": dice.choice(CODES["industry"]),
            "size": dice.choice(CODES["size"]),
            "qualifications": ";".join(dice.sample(CODES["qualification"], 2)),
            "staff": str(dice.randrange(1, 3000)),
            "email": f"office@firm{number}.example.cn" if number % 2 else f"firm{number}@example.com",
            "手机号": f"139{number:08}",
            "consent_basis": "订阅申请表",
            "consent_at": "2026-01-05",
            "consent_evidence": f"表单 {number}",
            "subscription_name": "所需政策",
            "subscription_criteria": json.dumps(
                {"any": [{"all": [{key: code}]} for key, code in wanted.items()]}
            ),
            "channels": "space;email",
        }
        spoilt = every and number % every == every - 1 and number // every < wrong
        yield row | (MISTAKES[number // every % len(MISTAKES)] if spoilt else {})


def write_csv(path: Path, rows: Iterable[Mapping[str, str]], encoding: str = "utf-8-sig") -> Path:
    """Write a CSV as a spreadsheet does."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        for number, row in enumerate(rows):
            if number == 0:
                writer.writerow(row)
            writer.writerow(row.values())
    return path


def write_workbook(path: Path, rows: Iterable[Mapping[str, str]]) -> Path:
    """Write a workbook in which numbers are numbers, mobiles too."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("企业名单")
    for number, row in enumerate(rows):
        if number == 0:
            sheet.append(list(row))
        sheet.append([int(cell) if cell.isdigit() else cell for cell in row.values()])
    book.save(path)
    return path


@dataclass
class Watched:
    """What was seen meanwhile: memory in MB of 1024 kB, answers of /healthz in seconds."""

    began_mb: float
    most_mb: float
    ended_mb: float = 0.0
    took_s: float = 0.0
    answers_s: list[float] = field(default_factory=list)

    @property
    def grown_mb(self) -> float:
        """How much more memory the service had at most than before."""
        return max(self.most_mb, self.ended_mb) - self.began_mb

    @property
    def slowest_s(self) -> float:
        """The longest that /healthz took."""
        return max(self.answers_s, default=0.0)


@contextmanager
def watching(service: ServiceProcess, every_s: float = 0.2) -> Iterator[Watched]:
    """Measure the service's memory and ask /healthz until the block ends."""
    seen = Watched(resident_mb(service), 0.0)
    over = threading.Event()

    def look() -> None:
        with httpx.Client(base_url=service.url, timeout=30.0) as http:
            while not over.wait(every_s):
                began = time.perf_counter()
                http.get("/healthz").raise_for_status()
                seen.answers_s.append(time.perf_counter() - began)
                seen.most_mb = max(seen.most_mb, resident_mb(service))

    watcher = threading.Thread(target=look)
    watcher.start()
    began = time.perf_counter()
    try:
        yield seen
        seen.took_s = time.perf_counter() - began
    finally:
        over.set()
        watcher.join()
    seen.ended_mb = resident_mb(service)


def resident_mb(service: Any) -> float:
    """VmRSS of the service and its Valkey, in MB of 1024 kB."""
    return sum(_kb(pid) for pid in (service.pid, *service.valkey_pids())) / 1024


def _kb(pid: int) -> int:
    found = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])
