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
INDEXED = Gauge("zhengda_index_subscribers", "Subscribers in the loaded shards' indexes")
LAG = Gauge("zhengda_log_lag", "Messages of a topic that are not yet worked off", ["topic"])
