"""What the terminal shows while the service runs: addresses, keys once, and the flow live."""

import asyncio
import sys
from typing import Any

import structlog

from config.settings import Settings
from service.first_start import Keys

SHOWN_LABELS = 6
EVERY_S = 1.0


class Terminal:
    """Turns log lines of the flow into lines for people; with JSON logs it stays silent and lets them through."""

    def __init__(self, settings: Settings) -> None:
        self._on = settings.log_format == "console"
        self._matched: dict[str, int] = {}
        self._marked: dict[str, int] = {}
        self._titles: dict[str, str] = {}
        self._shards = settings.shards
        self._sent: dict[str, int] = {}
        self._later: asyncio.Task[None] | None = None

    def show_keys(self, keys: Keys) -> None:
        """Show keys that were made just now; they cannot be had again."""
        if "operator" in keys.fresh and keys.operator:
            self._say(f"首个运维密钥（只显示这一次，请妥善保存）：{keys.operator}", always=True)

    def show_addresses(self, url: str) -> None:
        """Show where to look."""
        self._say(f"政达已启动：首页 {url}/  接口文档 {url}/api/docs  健康 {url}/healthz", always=True)

    def see(self, _logger: Any, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
        """Show a line of the flow; lines that are shown are not logged, too.

        Raises:
            structlog.DropEvent: it was shown.
        """
        show = (
            {
                "policy.labelled": self._labelled,
                "campaign.opened": self._opened,
                "shards.matched": self._shards_matched,
                "chunk.sent": self._chunk_sent,
            }.get(str(event.get("event")))
            if self._on
            else None
        )
        if show is None:
            return event
        show(event)
        raise structlog.DropEvent

    def _labelled(self, event: structlog.types.EventDict) -> None:
        labels = event["labels"]
        more = f" 等 {len(labels)} 个" if len(labels) > SHOWN_LABELS else ""
        shown = " ".join(labels[:SHOWN_LABELS])
        self._say(f"政策 {event['policy']}@{event['revision']}《{event['title']}》→ 标签 {shown}{more}")

    def _opened(self, event: structlog.types.EventDict) -> None:
        self._titles[event["campaign"]] = event["title"]
        self._say(f"放行《{event['title']}》→ 匹配中")

    def _shards_matched(self, event: structlog.types.EventDict) -> None:
        campaign = event["campaign"]
        self._matched[campaign] = self._matched.get(campaign, 0) + event["matched"]
        self._marked[campaign] = self._marked.get(campaign, 0) + len(event["shards"])
        if self._marked[campaign] == self._shards:
            title = self._titles.pop(campaign, campaign)
            self._say(f"匹配《{title}》→ {self._matched.pop(campaign)} 家")
            del self._marked[campaign]

    def _chunk_sent(self, event: structlog.types.EventDict) -> None:
        self._sent[event["channel"]] = self._sent.get(event["channel"], 0) + event["sent"]
        # The last chunk of a burst is shown, too: what is held back now is said a moment later.
        if self._later is None or self._later.done():
            self._later = asyncio.get_running_loop().create_task(self._say_sent())

    async def _say_sent(self) -> None:
        await asyncio.sleep(EVERY_S)
        self._say("送达 " + "  ".join(f"{channel} {count}" for channel, count in sorted(self._sent.items())))

    def _say(self, line: str, *, always: bool = False) -> None:
        if self._on or always:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
