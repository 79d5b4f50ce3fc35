"""The interpretation rate on the list of policies is not counted at every view."""

from pathlib import Path

from config.database import metadata, open_record
from config.database.schema import policy_labels, policy_revisions
from config.settings import Settings
from service.pages.rates import Rates
from tests.support.flow import NOW


async def test_a_rate_is_counted_again_only_when_it_is_no_longer_fresh(tmp_path: Path) -> None:
    record = open_record(Settings(database=f"sqlite:///{tmp_path / 'record.db'}").database_url)
    try:
        async with record.write() as conn:
            await conn.run_sync(metadata.create_all)
        kept, stale = Rates(record, fresh_s=600), Rates(record, fresh_s=0)
        assert (await kept.of("sheet")).rate is None
        assert (await stale.of("sheet")).rate is None
        at = {"agency_id": "sheet", "policy_id": "P-1", "revision": 1}
        told = {
            "title": "措施",
            "issuer": "局",
            "disclosure": "open",
            "targeted": False,
            "data": {},
            "body": "",
        }
        who = {
            "publisher": "张三",
            "source": "/tests",
            "event_id": "e",
            "received_at": NOW,
            "decided_at": NOW,
        }
        label = {"start": 0, "end": 0, "quote": "", "rule": "default", "weight": 1.0, "origin": "rule"}
        async with record.write() as conn:
            await conn.execute(policy_revisions.insert().values(**at, **told, **who, state="released"))
            await conn.execute(policy_labels.insert().values(**at, **label, dimension="kind", code="measure"))
        assert (await kept.of("sheet")).rate is None
        assert (await stale.of("sheet")).rate == 0.0
        assert (await kept.of("other")).rate is None
        assert (await kept.of(None)).rate == 0.0
    finally:
        await record.close()
