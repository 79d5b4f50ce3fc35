import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config.database.record import open_record
from service.pages.figures import Figures, Today

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


class Counting(Figures):
    """Counts slowly, and how often."""

    def __init__(self, folder: Path) -> None:
        super().__init__(open_record(f"sqlite+aiosqlite:///{folder / 'record.db'}"), fresh_s=60.0)
        self.counted_for: list[datetime] = []

    async def _count(self, midnight: datetime) -> Today:
        self.counted_for.append(midnight)
        await asyncio.sleep(0.01)
        return Today(1, 2)


async def test_visitors_who_come_together_are_counted_for_once(tmp_path: Path) -> None:
    figures = Counting(tmp_path)
    assert await asyncio.gather(*(figures.today(NOW) for _ in range(20))) == [Today(1, 2)] * 20
    assert len(figures.counted_for) == 1


async def test_a_new_day_in_shanghai_is_counted_anew(tmp_path: Path) -> None:
    figures = Counting(tmp_path)
    for moment in (NOW, NOW + timedelta(hours=13, minutes=59), NOW + timedelta(hours=14)):
        await figures.today(moment)
    assert [f"{midnight:%m-%d %H:%M}" for midnight in figures.counted_for] == ["03-02 00:00", "03-03 00:00"]
