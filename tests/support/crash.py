"""Load on a service, kills in the middle of it, and the account afterwards: who got what, how often."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.servers.processes import wait_until
from tests.servers.smtp_sink import RecordingSink
from tests.support.office import Agency, Office
from tests.support.record import ledger

INDUSTRIES = ("I65", "C39", "F51")  # neither holds another
PACE_S = 3.0  # then the next policy comes, whether the one before has reached everybody or not


def email_of(number: int) -> str:
    """The address of subscriber ``number``."""
    return f"s{number:05}@example.cn"


def subscriber_rows(count: int) -> Iterator[dict[str, str]]:
    """Subscribers, a third of them in each of `INDUSTRIES`; mail by their subscription, the space by what they are."""
    for number in range(count):
        industry = INDUSTRIES[number % len(INDUSTRIES)]
        yield {
            "subscriber_id": f"S-{number:05}",
            "name": f"企业{number}",
            "industries": industry,
            "email": email_of(number),
            "consent_basis": "书面同意",
            "consent_at": "2026-01-01",
            "consent_evidence": "登记表",
            "subscription_name": "本行业",
            "subscription_criteria": f'{{"any":[{{"all":[{{"industry":["{industry}"]}}]}}]}}',
            "channels": "email",
        }


@dataclass
class Account:
    """What one round came to; its row of the table."""

    target: str
    kills: int = 0
    expected: int = 0
    distinct: int = 0
    lost: int = 0
    duplicates: int = 0
    claimed: int = 0
    seconds: float = 0.0

    @staticmethod
    def head() -> str:
        """The table's first line."""
        names = ("kills", "expected", "distinct", "lost", "duplicates", "claimed at kills", "s")
        return f"{'target':<22}" + "".join(f"{name:>18}" for name in names)

    def __str__(self) -> str:
        figures = (self.kills, self.expected, self.distinct, self.lost, self.duplicates, self.claimed)
        return f"{self.target:<22}" + "".join(f"{n:>18}" for n in (*figures, round(self.seconds)))


@dataclass
class Load:
    """Policies released one after another to subscribers whose audience the test knows by itself."""

    office: Office
    agency: Agency
    sink: RecordingSink
    database_url: str
    count: int
    seed: int
    prefix: str
    audience: dict[str, frozenset[str]] = field(default_factory=dict)
    """policy_id → industries it is for"""
    _failed: list[BaseException] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self._policies = random.Random(self.seed + 1)

    @contextmanager
    def flowing(self) -> Iterator[None]:
        """Release policies one after another until the block ends; what fails there fails the test."""
        enough = threading.Event()
        thread = threading.Thread(target=self._release_on, args=(enough,), name="load")
        thread.start()
        try:
            yield
        finally:
            enough.set()
            thread.join(2 * self.office.patience_s)
        assert not thread.is_alive(), "the load does not end"
        if self._failed:
            raise self._failed[0]

    def release_one(self) -> str:
        """Publish and release the next policy; returns its id."""
        policy_id = f"{self.prefix}-{len(self.audience) + 1}"
        wanted = frozenset(self._policies.sample(INDUSTRIES, self._policies.choice((1, 2))))
        self.audience[policy_id] = wanted
        data = {
            "policy_id": policy_id,
            "title": f"第{len(self.audience)}号通知",
            "issuer": "示范市工业和信息化局",
            "publish_date": "2026-03-01",
            "disclosure": "open",
            "body": "本通知自发布之日起施行。",
            "labels": [f"industry:{code}" for code in sorted(wanted)],
        }
        self.office.publish(self.agency, data)
        return policy_id

    def wait_for_mail(self, timeout_s: float = 30.0) -> None:
        """Wait until mail is flowing; going on without is fine, the moment is random anyway."""
        before = len(self.sink.received())
        wait_until(lambda: len(self.sink.received()) > before, timeout_s)

    def wait_complete(self, timeout_s: float) -> None:
        """Wait until every policy of this load has reached everybody."""
        deadline = time.monotonic() + timeout_s
        for policy_id in self.audience:
            self.office.wait_complete(self.agency, policy_id, max(1.0, deadline - time.monotonic()))

    def expected(self) -> set[tuple[str, str]]:
        """(subscriber_id, policy_id): by the rule of `subscriber_rows`, with nothing of the service's in it."""
        return {
            (f"S-{number:05}", policy_id)
            for policy_id, industries in self.audience.items()
            for number in range(self.count)
            if INDUSTRIES[number % len(INDUSTRIES)] in industries
        }

    def settle(self, account: Account) -> Account:
        """Fill in what came of it and check the ledger: one row per pair and channel, all of them arrived."""
        rows = ledger(self.database_url, list(self.audience))
        expected = self.expected()
        for channel, final in (("email", "sent"), ("space", "delivered")):
            mine = [row for row in rows if row[3] == channel]
            pairs = Counter((subscriber, policy) for _, policy, subscriber, _, _ in mine)
            assert set(pairs) == expected, (
                f"{channel}: {len(pairs)} pairs in the ledger, {len(expected)} expected"
            )
            assert set(pairs.values()) == {1}, f"{channel}: {pairs.most_common(3)}"
            states = Counter(state for *_, state in mine)
            assert set(states) == {final}, f"{channel}: states {dict(states)}"
        policy_of = {delivery: policy for delivery, policy, *_ in rows}
        taken = [
            (mail.rcpt, mail.message_id, policy_of[name])
            for mail in self.sink.received()
            if (name := mail.message_id.strip("<>").partition("@")[0]) in policy_of
        ]
        wanted = {(email_of(int(subscriber[2:])), policy) for subscriber, policy in expected}
        arrived = {(rcpt, policy) for rcpt, _, policy in taken}
        assert not arrived - wanted, f"mail to nobody's wish: {sorted(arrived - wanted)[:5]}"
        account.expected, account.distinct = len(wanted), len({message for _, message, _ in taken})
        account.lost = len(wanted - arrived)
        account.duplicates = len(taken) - len(set(taken))
        return account

    def _release_on(self, enough: threading.Event) -> None:
        try:
            while not enough.is_set():
                policy_id = self.release_one()
                begun = time.monotonic()
                while time.monotonic() - begun < PACE_S and not enough.wait(0.1):
                    if self.office.funnel(self.agency, policy_id).get("complete"):
                        break
        except BaseException as exc:  # noqa: BLE001  # told by `flowing`, in the test's own thread
            self._failed.append(exc)


def crash_round(
    load: Load,
    target: str,
    kills: int,
    kill: Callable[[], set[tuple[str, str]]],
    restore: Callable[[], None],
    *,
    limit_s: float = 120.0,
) -> Account:
    """Kill ``target`` again and again while policies flow, and let everything end; the account says what came of it.

    Args:
        load: fresh, so that its account is this round's.
        target: its name in the table.
        kills: how many.
        kill: kills it and returns the claims at that moment (asked as soon as the record answers).
        restore: brings it back and waits until it works.
        limit_s: how long the rest of the flow may take after the last kill.
    """
    account, claims = Account(target), set[tuple[str, str]]()
    begun = time.monotonic()
    print(f"\n{target}: seed {load.seed}")
    with load.flowing():
        for number in range(kills):
            if number % 2:  # every other kill hits the sending, the rest anything between two policies
                load.wait_for_mail()
                time.sleep(load.random.uniform(0.0, 0.5))
            else:
                time.sleep(load.random.uniform(0.3, 3.0))
            now = kill()
            claims |= now  # a claim that outlives two kills counts once
            account.kills += 1
            at_s = time.monotonic() - begun
            print(f"  kill {number + 1} after {at_s:.1f} s, {len(now)} mails claimed", flush=True)
            restore()
    load.wait_complete(limit_s)
    load.settle(account)
    account.claimed = len(claims)
    account.seconds = time.monotonic() - begun
    print(Account.head(), account, sep="\n")
    return account


def assert_nothing_lost(account: Account) -> None:
    """Everybody got everything, and nobody anything twice that was not just being sent at a kill."""
    target = account.target
    assert account.lost == 0, f"{target}: {account.lost} of {account.expected} never arrived"
    assert account.duplicates <= account.claimed, f"{target}: more duplicates than rows claimed at the kills"
