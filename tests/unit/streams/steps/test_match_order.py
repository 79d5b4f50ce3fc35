"""Match tasks that come together: by campaign, but never against the order of their shard."""

from streams.steps.match import grouped


def task(campaign_id: str, shard: int) -> dict[str, object]:
    return {"campaign_id": campaign_id, "shard": shard, "after": 0}


def test_the_shards_of_a_campaign_are_matched_together() -> None:
    tasks = [task("push", 0), task("push", 1), task("other", 0), task("push", 2), task("other", 1)]
    assert grouped(tasks) == [("push", [(0, 0), (1, 0), (2, 0)]), ("other", [(0, 0), (1, 0)])]


def test_a_relay_is_not_matched_before_the_push_that_its_shard_was_asked_for_first() -> None:
    tasks = [task("relay", 0), task("push", 1), task("relay", 1)]  # shard 0 has the push behind it
    assert grouped(tasks) == [("relay", [(0, 0)]), ("push", [(1, 0)]), ("relay", [(1, 0)])]


def test_a_task_that_comes_twice_stays_with_its_campaign() -> None:
    assert grouped([task("push", 0), task("push", 0)]) == [("push", [(0, 0), (0, 0)])]
