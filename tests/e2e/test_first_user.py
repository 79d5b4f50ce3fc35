"""The first day of an office: everything through the faces, on a fresh data directory, with real mail."""

import json
import re
import threading
import time
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Town
from tests.servers.processes import wait_until
from tests.support.papers import event, policy

QUIET_S = 2.0  # long enough for what must not come


def test_a_policy_file_waits_is_previewed_released_and_counted(town: Town) -> None:
    town.enrol("Yi-1", "竹笋")
    cli = town.commands()
    data = policy("bamboo", "竹笋")
    taken = cli.json("publish", cli.file("bamboo.json", data))
    assert (taken["status"], taken["policy_id"], taken["revision"]) == ("accepted", "bamboo", 1)
    assert wait_until(lambda: state(town, "bamboo") == "waiting", 60)
    seen = cli.json("preview", cli.file("bamboo.json", data))
    assert (seen["matched"], seen["by_channel"]) == (1, {"space": 1})
    assert seen["samples"][0]["subscriber_id"] == "Yi-1"
    assert town.messages("Yi-1") == [], "it was pushed before its release"
    assert cli.run("release", "bamboo").returncode == 0
    town.office.wait_complete(town.agency, "bamboo")
    funnel = cli.json("funnel", "bamboo")
    assert (funnel["complete"], funnel["matched"], funnel["planned"], funnel["delivered"]) == (True, 1, 1, 1)
    assert (funnel["read"], funnel["reach_rate"], funnel["awareness_rate"]) == (0, 1.0, 0.0)


def test_whoever_published_may_not_release(town: Town) -> None:
    asked = {"role": "reviewer", "holder": "sheet publisher", "agency_id": "sheet"}
    same_person = town.office.ask("POST", "/api/v1/keys", json=asked)["key"]
    town.office.publish(town.agency, policy("own-word"), release=False)
    assert wait_until(lambda: state(town, "own-word") == "waiting", 60)
    answer = town.office.call("POST", "/api/v1/policies/own-word/release", same_person, json={})
    assert answer.status_code == 403
    assert "another person must release it" in answer.json()["detail"]
    assert state(town, "own-word") == "waiting"


@pytest.mark.parametrize("form", ["cloudevent", "jsonl"])
def test_the_command_line_takes_every_kind_of_file(town: Town, form: str) -> None:
    cli = town.commands()
    if form == "cloudevent":
        sent = event(policy("as-event"), event_id="file-1")
        answers = [cli.json("publish", cli.file("event.json", sent))]
        assert answers[0]["event_id"] == "file-1"
    else:
        answers = cli.json("publish", cli.file("two.jsonl", [policy("line-1"), event(policy("line-2"))]))
        assert [one["policy_id"] for one in answers] == ["line-1", "line-2"]
    assert {one["status"] for one in answers} == {"accepted"}


def test_a_firm_hears_live_reads_and_is_counted_as_aware(town: Town) -> None:
    key = town.enrol("Bing-1", "荔枝")
    heard: list[tuple[str, Any]] = []
    ready = threading.Event()
    listener = threading.Thread(target=listen, args=(town, "Bing-1", key, heard, ready))
    listener.start()
    assert ready.wait(20)
    town.push("litchi", "荔枝")
    listener.join(30)
    assert ("unread", {"unread": 0}) in heard, heard
    live = next(said for name, said in heard if name == "message")
    assert (live["policy_id"], live["occurrence"]) == ("litchi", "policy")
    inbox = town.office.ask("GET", "/api/v1/space/Bing-1/messages", key)
    assert inbox["unread"] == 1
    assert inbox["messages"][0]["message_id"] == live["message_id"]
    address = f"/api/v1/space/Bing-1/messages/{live['message_id']}/read"
    assert town.office.call("POST", address, key).status_code == 204
    assert town.office.ask("GET", "/api/v1/space/Bing-1/messages", key)["unread"] == 0
    funnel = town.office.funnel(town.agency, "litchi")
    assert (funnel["read"], funnel["aware"], funnel["awareness_rate"]) == (1, 1, 1.0)


def test_a_mail_says_why_and_one_click_ends_all_mail(town: Town) -> None:
    town.enrol("Ding-1", "枇杷", "email", "space")
    town.push("loquat", "枇杷")
    assert wait_until(lambda: len(town.mails("Ding-1")) == 1, 60)
    mail = message_from_bytes(town.mails("Ding-1")[0], policy=default)
    text = plain_text(town.mails("Ding-1")[0])
    assert "因为您订阅了“关于枇杷”" in text
    link = re.fullmatch(r"<(\S+)>", str(mail["List-Unsubscribe"]))
    assert link is not None
    assert link[1] in text
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert httpx.get(link[1]).status_code == 200
    town.push("loquat-2", "枇杷")
    assert wait_until(lambda: len(town.mails("Ding-1")) == 2, 20), "reading the link ended the mails"
    clicked = httpx.post(link[1], data={"List-Unsubscribe": "One-Click"})
    assert clicked.status_code == 200
    town.push("loquat-3", "枇杷")
    assert [one["policy_id"] for one in town.messages("Ding-1")] == ["loquat-3", "loquat-2", "loquat"]
    time.sleep(QUIET_S)
    assert len(town.mails("Ding-1")) == 2, "a mail came after the firm had left"


def test_an_amended_policy_goes_out_once_and_says_what_changed(town: Town) -> None:
    town.enrol("Wu-1", "杨梅", "space", "email")
    window = {"opens": "2026-03-01", "closes": "2099-03-31"}
    town.push("bayberry", "杨梅", apply_window=window)
    town.say("policy.amended", policy("bayberry", "杨梅", apply_window=window | {"closes": "2099-04-30"}))
    assert wait_until(lambda: state(town, "bayberry") == "waiting", 60)
    assert len(town.messages("Wu-1")) == 1, "a revision was pushed before its release"
    town.office.release(town.agency, "bayberry")
    assert wait_until(lambda: len(town.mails("Wu-1")) == 2, 60)
    time.sleep(QUIET_S)
    assert [one["revision"] for one in town.messages("Wu-1")] == [2, 1]
    assert len(town.mails("Wu-1")) == 2
    assert "申报期：2026-03-01至2099-03-31 → 2026-03-01至2099-04-30" in plain_text(town.mails("Wu-1")[1])


def test_a_repeal_reaches_those_who_had_the_policy(town: Town) -> None:
    town.enrol("Ji-1", "龙眼")
    town.enrol("Ji-2", "别的")
    town.push("longan", "龙眼")
    town.say("policy.repealed", {"policy_id": "longan", "reason": "被新办法取代"})
    assert wait_until(lambda: len(town.messages("Ji-1")) == 2, 60)
    notice = town.messages("Ji-1")[0]
    assert notice["occurrence"] == "repeal"
    assert "废止" in notice["title"]
    assert town.messages("Ji-2") == []


def test_a_targeted_policy_reaches_only_those_it_names(town: Town) -> None:
    town.enrol("Geng-1", "橄榄")
    town.enrol("Geng-2", "橄榄")
    town.enrol("Geng-3", "别的")
    scope = {"subscribers": ["Geng-1", "Geng-3"]}
    funnel = town.push("olive", "橄榄", audience_scope=scope)
    assert funnel["matched"] == 2
    got = {row["subscriber_id"] for row in town.office.deliveries(town.agency, "olive")}
    assert got == {"Geng-1", "Geng-3"}
    assert httpx.get(f"{town.service.url}/policies/sheet/olive").status_code == 404


@pytest.mark.parametrize("disclosure", ["on_request", "withheld"])
def test_what_is_not_disclosed_openly_cannot_be_released(town: Town, disclosure: str) -> None:
    policy_id = f"closed-{disclosure}"
    town.office.publish(town.agency, policy(policy_id, disclosure=disclosure), release=False)
    assert wait_until(lambda: state(town, policy_id) == "waiting", 60)
    answer = town.office.call("POST", f"/api/v1/policies/{policy_id}/release", town.agency.reviewer, json={})
    assert answer.status_code == 403
    assert "only policies disclosed openly leave" in answer.json()["detail"]
    assert town.office.deliveries(town.agency, policy_id) == []


def test_the_same_event_twice_is_pushed_once(town: Town) -> None:
    town.enrol("Xin-1", "石榴")
    data = policy("pomegranate", "石榴")
    first = town.say("policy.published", data, "twice-1")
    town.office.release(town.agency, "pomegranate")
    town.office.wait_complete(town.agency, "pomegranate")
    again = town.say("policy.published", data, "twice-1")
    assert (first["status"], again["status"]) == ("received", "accepted")
    time.sleep(QUIET_S)
    assert len(town.messages("Xin-1")) == 1
    assert town.office.ask("GET", "/api/v1/policies/pomegranate", town.agency.publisher)["revision"] == 1


def test_a_stopped_campaign_holds_its_mail_until_it_is_resumed(town: Town) -> None:
    town.enrol("Ren-1", "柚子", "email")
    cli = town.operators_commands()
    address = town.address("Ren-1")
    town.sink.reply(address, "451 4.3.0 try again later")
    funnel = town.office.publish(town.agency, policy("pomelo", "柚子"))
    assert funnel
    assert wait_until(lambda: delivery(town, "pomelo").get("attempts") == 1, 60)
    held = cli.json("campaign", "stop", "pomelo", "--reason", "内容有误")
    assert [one["state"] for one in held["campaigns"]] == ["stopped"]
    assert delivery(town, "pomelo")["state"] == "held"
    town.sink.reply(address, None)
    time.sleep(QUIET_S)
    assert town.mails("Ren-1") == []
    cli.json("campaign", "resume", "pomelo", "--reason", "已更正")
    assert wait_until(lambda: len(town.mails("Ren-1")) == 1, 60)
    assert wait_until(lambda: delivery(town, "pomelo")["state"] == "sent", 60)


def listen(
    town: Town, subscriber_id: str, key: str, heard: list[tuple[str, Any]], ready: threading.Event
) -> None:
    """Note the events of a space until a message has come."""
    address = f"{town.service.url}/api/v1/space/{subscriber_id}/events"
    name = ""
    with httpx.stream("GET", address, headers={"Authorization": f"Bearer {key}"}, timeout=30.0) as stream:
        for line in stream.iter_lines():
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                heard.append((name, json.loads(value)))
                ready.set()
                if name == "message":
                    return


def plain_text(mail: bytes) -> str:
    """The text part of a mail."""
    whole = message_from_bytes(mail, policy=default)
    assert isinstance(whole, EmailMessage)
    body = whole.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def state(town: Town, policy_id: str) -> str | None:
    """The state of a policy's newest revision; None while it is not known."""
    answer = town.office.call("GET", f"/api/v1/policies/{policy_id}", town.agency.publisher)
    return str(answer.json()["state"]) if answer.is_success else None


def delivery(town: Town, policy_id: str) -> dict[str, Any]:
    """The only ledger row of a policy; empty while there is none."""
    answer = town.office.call("GET", f"/api/v1/policies/{policy_id}/deliveries", town.agency.publisher)
    rows = answer.json().get("deliveries", [])
    assert len(rows) <= 1
    return dict(rows[0]) if rows else {}
