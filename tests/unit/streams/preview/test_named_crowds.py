"""Whom a policy names is counted by what each of them would get."""

from config.taxonomies import load_taxonomy
from streams.matching.keeping.compaction import index_of
from streams.matching.matter import matter_of
from streams.matching.people.columns import CHANNEL_BITS, NO_TIME, mask_of
from streams.preview.crowds import SAMPLES, named_crowd
from subscribers.shards import IndexRow

TAXONOMY = load_taxonomy()
ALL = mask_of(CHANNEL_BITS)


def firm(name: str, section: str, channels: tuple[str, ...]) -> IndexRow:
    contacts = tuple((channel, f"{name}-{channel}") for channel in channels)
    profile = {"industries": [section], "region": "310115"}
    return IndexRow(name, 1, "enterprise", profile, True, ("email", "sms"), contacts, ())


def test_each_has_the_channels_of_its_own_match_and_the_space_whatever_it_wants() -> None:
    firms = [firm(f"F-{n:02}", "IC"[n // 4 % 2], ("email", "sms", "webhook")[: n % 4]) for n in range(40)]
    index = index_of(firms, TAXONOMY.ancestors)
    matter = matter_of(["industry:I65"], "", TAXONOMY.ancestors)
    named = [f"F-{n:02}" for n in range(5, 40)] + ["E-unknown", "G-unknown"]
    crowd = named_crowd(index, matter, ALL, {}, named)
    expected = []
    for name in sorted(named):
        at = index.ordinal(name)
        routes = () if at is None else index.match_of(at, matter).routes
        region = 0 if at is None else 310115
        expected.append((mask_of([channel for (channel, _), _ in routes]) | mask_of(["space"]), region))
    got = zip(crowd.channels.tolist(), crowd.figures["region"].tolist(), strict=True)
    assert sorted(got) == sorted(expected)
    assert len({channels for channels, _ in expected}) == 3, "the firms of this test differ"
    assert [name for name, _ in crowd.samples] == sorted(named)[:SAMPLES]
    assert sorted(crowd.figures["quiet_from"].tolist())[-2:] == [NO_TIME, NO_TIME]


def test_nobody_named_is_an_empty_crowd() -> None:
    crowd = named_crowd(index_of([], TAXONOMY.ancestors), matter_of([], "", TAXONOMY.ancestors), ALL, {}, [])
    assert (len(crowd.figures), len(crowd.channels), crowd.samples) == (0, 0, ())
