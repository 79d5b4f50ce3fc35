"""What is counted, under the names an operator's dashboard uses."""

from prometheus_client import Counter, Gauge, Histogram

EVENTS = Counter("zhengda_events_total", "Events handled by the gate", ["type", "outcome"])
DEAD_LETTERS = Counter("zhengda_dead_letters_total", "Messages put aside as wrong for good", ["topic"])
WAITING = Gauge("zhengda_step_waiting", "1 while a step waits for infrastructure to come back", ["step"])
STEP_SECONDS = Histogram("zhengda_step_seconds", "Time an agent spent on one message", ["step"])
PLANNED = Counter("zhengda_deliveries_planned_total", "Ledger rows written by matching", ["channel"])
OUTCOMES = Counter(
    "zhengda_deliveries_outcomes_total", "What became of attempts to send", ["channel", "outcome"]
)
SMS_PARTS = Counter("zhengda_sms_parts_total", "Parts of text messages handed over", ["counted"])
SMS_TEXTS = Counter("zhengda_sms_texts_total", "What became of texts at each gateway", ["gateway", "outcome"])
SMS_REPORTS = Counter(
    "zhengda_sms_reports_total", "Reports of gateways about texts, by what they said", ["gateway", "said"]
)
INDEXED = Gauge("zhengda_index_subscribers", "Subscribers in the loaded shards' indexes")
INDEX_BYTES = Gauge("zhengda_index_bytes", "Bytes of the loaded shards' indexes, in memory or mapped")
INDEX_DELTA = Gauge("zhengda_index_delta", "Changes since the loaded shards' indexes were built anew")
INDEX_LOADS = Counter(
    "zhengda_index_loads_total", "Shards brought up to date, by where they came from", ["source"]
)
COMPACTION_SECONDS = Histogram("zhengda_index_compaction_seconds", "Time to build a shard's index anew")
LAG = Gauge("zhengda_log_lag", "Messages of a topic that are not yet worked off", ["topic"])
BOUNCES = Counter("zhengda_bounces_total", "Messages that came back, by what they say", ["word"])
ALERTS_OPEN = Gauge("zhengda_alerts_open", "Alerts that are open, by kind", ["kind"])
BREAKER_OPEN = Gauge(
    "zhengda_breaker_open", "1 while a far side is down and left alone by this process", ["far_side"]
)
