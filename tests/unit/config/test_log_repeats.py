"""A library that repeats itself is heard now and then, everybody else always."""

import logging

from config.log_repeats import Sparing


def said(name: str, text: str, at: float, *values: object) -> logging.LogRecord:
    record = logging.LogRecord(name, logging.ERROR, __file__, 1, text, values, None)
    record.created = at
    return record


def test_a_repeated_message_passes_again_after_its_time() -> None:
    sparing = Sparing("aiokafka", every_s=10)
    moments = (100.0, 101.0, 109.9, 110.0, 119.0, 120.0)
    heard = [
        at for at in moments if sparing.filter(said("aiokafka.conn", "Unable connect to node %s", at, 1))
    ]
    assert heard == [100.0, 110.0, 120.0]


def test_different_messages_do_not_silence_each_other() -> None:
    sparing = Sparing("aiokafka")
    assert sparing.filter(said("aiokafka", "Unable connect", 1.0))
    assert sparing.filter(said("aiokafka", "Marking the coordinator dead", 1.0))
    assert sparing.filter(said("aiokafka.producer", "Unable connect", 1.0))


def test_our_own_words_always_pass() -> None:
    sparing = Sparing("aiokafka")
    for name in ("streams.carry", "aiokafkaesque"):
        assert sparing.filter(said(name, "step.waiting", 1.0))
        assert sparing.filter(said(name, "step.waiting", 1.0))
