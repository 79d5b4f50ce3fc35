"""Feeds over HTTP: what is in them and what never is, as feedparser and a plain HTTP client read them."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import feedparser
import httpx
import pytest

from service.api.throttle import Throttle
from streams.feeds import PER_PAGE
from tests.servers.api_world import World

ATOM, JSON = "/feeds/policies.atom", "/feeds/policies.json"
HTML = {"Accept": "text/html"}


async def parsed(world: World, path: str = ATOM) -> Any:
    """A feed as feedparser reads it; one that it has to repair is wrong."""
    answer = await world.call(None, "GET", path)
    assert answer.status_code == 200, answer.text
    read = feedparser.parse(answer.content)
    assert not read.bozo, read.get("bozo_exception")
    return read


async def titles(world: World, path: str = ATOM) -> list[str]:
    """The titles of a feed; Atom and JSON agree on them."""
    found = [entry.title for entry in (await parsed(world, path)).entries]
    answer = await world.call(None, "GET", path.replace(".atom", ".json"))
    assert [item["title"] for item in answer.json()["items"]] == found
    return found


async def tell(world: World, who: str, kind: str, **data: Any) -> None:
    """Emit an event and let the worker take it."""
    envelope = {
        "specversion": "1.0",
        "id": f"{kind}-{len(world.log.messages)}",
        "source": "/tests",
        "type": kind,
    }
    answer = await world.call(who, "POST", "/api/v1/events", json=envelope | {"data": data})
    assert answer.status_code == 202, answer.text
    await world.work()


async def test_a_released_policy_is_an_entry_with_issuer_labels_and_link(world: World) -> None:
    await world.publish(
        "P-1",
        title="关于支持软件产业发展的若干措施",
        labels=["theme:T07", "industry:I65"],
        doc_number="示工信〔2026〕3号",
        source_url="https://www.example.gov.cn/3.html",
        apply_window={"opens": "2026-03-05", "closes": "2026-06-30"},
    )
    feed = await parsed(world)
    assert feed.version == "atom10"
    assert feed.feed.title == "政达 · 政策更新"
    [entry] = feed.entries
    assert entry.title == "关于支持软件产业发展的若干措施"
    assert entry.author == "示范市工业和信息化局"
    base = world.house.settings.base_url
    links = {link.rel: link.href for link in entry.links}
    assert links == {
        "alternate": f"{base}/policies/sheet/P-1",
        "related": "https://www.example.gov.cn/3.html",
    }
    tags = {(tag.scheme, tag.term): tag.label for tag in entry.tags}
    assert tags[f"{base}/feeds#industry", "I65"] == "软件和信息技术服务业"
    assert tags[f"{base}/feeds#theme", "T07"] == "工业、交通"
    assert tags[f"{base}/feeds#entry", "policy"] == "政策"
    assert entry.published == entry.updated == "2026-03-02T04:00:00.000Z"
    told = entry.content[0].value
    assert "示工信〔2026〕3号" in told
    assert "申报时间：2026年3月5日至2026年6月30日" in told
    assert "最高50万元补助" in entry.summary


async def test_a_json_feed_has_the_fields_that_its_version_asks_for(world: World) -> None:
    await world.publish("P-1", labels=["theme:T07"], valid_until="2027-12-31")
    answer = await world.call(None, "GET", JSON)
    feed = answer.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{world.house.settings.base_url}{JSON}"
    assert feed["home_page_url"].startswith("http")
    assert feed["language"] == "zh-CN"
    assert "next_url" not in feed
    assert set(feed) <= {"version", "title", "home_page_url", "feed_url", "description", "language", "items"}
    [item] = feed["items"]
    allowed = {
        "id",
        "url",
        "external_url",
        "title",
        "content_html",
        "summary",
        "date_published",
        "date_modified",
    }
    assert set(item) <= allowed | {"authors", "tags", "_zhengda"}
    assert item["authors"] == [{"name": "示范市工业和信息化局"}]
    assert "有效期至：2027年12月31日" in item["content_html"]
    assert all(isinstance(tag, str) for tag in item["tags"])
    assert item["_zhengda"]["kind"] == "policy"
    assert "theme:T07" in item["_zhengda"]["labels"]
    assert item["id"] == (await parsed(world)).entries[0].id


async def test_what_is_not_released_to_everybody_shows_in_no_feed(world: World) -> None:
    secret = {"labels": ["theme:T07", "region:310117"]}
    await world.publish("P-open", title="公开的", **secret)
    await world.publish("P-targeted", title="定向的", audience_scope={"subscribers": ["S-1"]}, **secret)
    await world.publish("P-waiting", title="待审的", release=False, **secret)
    await world.publish("P-asked", title="依申请的", disclosure="on_request", release=False, **secret)
    await world.publish("P-withheld", title="不公开的", disclosure="withheld", release=False, **secret)
    await world.publish("P-refused", title="被退回的", release=False, **secret)
    refused = await world.call(
        "reviewer", "POST", "/api/v1/policies/P-refused/refuse", json={"reason": "不妥"}
    )
    assert refused.status_code == 202
    await world.work()
    assert await world.state("P-refused") == "refused"
    for policy_id in ("P-targeted", "P-waiting", "P-asked", "P-withheld", "P-refused"):
        await tell(world, "publisher", "policy.repealed", policy_id=policy_id, reason="密")
    for path in (ATOM, "/feeds/theme/T07.atom", "/feeds/region/310117.atom", "/feeds/region/100000.atom"):
        assert await titles(world, path) == ["公开的"], path
        for form in ("atom", "json"):
            text = (await world.call(None, "GET", path.replace("atom", form))).text
            for word in ("定向的", "待审的", "依申请的", "不公开的", "被退回的", "密"):
                assert word not in text, (path, form)


async def test_a_policy_that_becomes_targeted_leaves_the_feeds(world: World) -> None:
    await world.publish("P-1", title="先公开")
    assert await titles(world) == ["先公开"]
    await tell(
        world, "publisher", "policy.amended", **amended("后定向", audience_scope={"subscribers": ["S-1"]})
    )
    assert await titles(world) == ["先公开"]
    assert (await world.call("reviewer", "POST", "/api/v1/policies/P-1/release", json={})).status_code == 202
    await world.work()
    assert await titles(world) == []
    await tell(world, "publisher", "policy.repealed", policy_id="P-1")
    assert await titles(world) == []


def amended(title: str, **changes: Any) -> dict[str, Any]:
    data = {
        "policy_id": "P-1",
        "title": title,
        "issuer": "示范市工业和信息化局",
        "publish_date": "2026-03-03",
        "disclosure": "open",
        "body": "修订后的正文。",
    }
    return data | changes


async def test_an_amendment_keeps_the_id_and_moves_the_entry_up_when_it_is_released(world: World) -> None:
    await world.publish("P-1", title="第一版")
    world.clock.advance(timedelta(hours=1))
    await world.publish("P-2", title="另一件")
    before = {entry.title: entry for entry in (await parsed(world)).entries}
    world.clock.advance(timedelta(days=1))
    await tell(world, "publisher", "policy.amended", **amended("第二版"))
    assert await titles(world) == ["另一件", "第一版"]
    await world.call("reviewer", "POST", "/api/v1/policies/P-1/release", json={})
    await world.work()
    assert await titles(world) == ["第二版", "另一件"]
    entry = (await parsed(world)).entries[0]
    assert entry.id == before["第一版"].id
    assert entry.published == before["第一版"].published
    assert entry.updated == "2026-03-03T05:00:00.000Z"
    assert "第2版，2026年3月3日修订" in entry.content[0].value


async def test_a_repeal_is_told_under_the_same_id_and_without_its_unreviewed_reason(world: World) -> None:
    await world.publish("P-1", title="旧政策", labels=["theme:T07"])
    [before] = (await parsed(world)).entries
    await tell(world, "publisher", "policy.amended", **amended("没审过的一版"))
    world.clock.advance(timedelta(days=1))
    await tell(world, "publisher", "policy.repealed", policy_id="P-1", reason="内部原因")
    for path in (ATOM, "/feeds/theme/T07.atom"):
        assert await titles(world, path) == ["【已废止】旧政策"]
    [entry] = (await parsed(world)).entries
    assert (entry.id, entry.published) == (before.id, before.published)
    assert entry.updated == "2026-03-03T04:00:00.000Z"
    assert "已于2026年3月3日废止" in entry.summary
    assert "内部原因" not in str(entry)
    assert "没审过" not in str(entry)
    page = await world.call(None, "GET", entry.link.removeprefix(world.house.settings.base_url), headers=HTML)
    assert (page.status_code, "已废止" in page.text) == (200, True)
    [item] = (await world.call(None, "GET", JSON)).json()["items"]
    assert item["url"] == entry.link


async def test_an_explanation_is_an_entry_once_it_is_released_and_goes_with_its_policy(world: World) -> None:
    await world.publish("P-1", title="措施", labels=["theme:T07"])
    world.clock.advance(timedelta(hours=1))
    item = {"interpretation_id": "I-1", "title": "一图读懂", "form": "chart", "body": "三步就能申报。"}
    await tell(world, "publisher", "interpretation.published", policy_id="P-1", interpretation=item)
    faq = {
        "faq_id": "F-1",
        "title": "常见问题",
        "items": [{"question": "谁能申报？", "answer": "中小企业。"}],
    }
    await tell(world, "publisher", "faq.published", policy_id="P-1", faq=faq)
    assert await titles(world) == ["措施"]
    for kind, item_id in (("interpretations", "I-1"), ("faqs", "F-1")):
        path = f"/api/v1/policies/P-1/{kind}/{item_id}/release"
        assert (await world.call("reviewer", "POST", path, json={})).status_code == 202
        await world.work()
    for path in (ATOM, "/feeds/theme/T07.atom"):
        assert await titles(world, path) == ["【解读】一图读懂", "【问答】常见问题", "措施"]
    read, asked, policy = (await parsed(world)).entries
    assert len({read.id, asked.id, policy.id}) == 3
    assert read.link == policy.link
    assert "三步就能申报" in read.summary
    assert "答：中小企业。" in asked.content[0].value
    assert await titles(world, "/feeds/theme/T11.atom") == []
    await tell(world, "publisher", "policy.repealed", policy_id="P-1")
    assert await titles(world) == ["【已废止】措施"]


async def test_a_feed_of_a_region_is_what_a_subscription_to_it_would_bring(world: World) -> None:
    for code, title in (
        ("100000", "全国"),
        ("310000", "全市"),
        ("310117", "松江"),
        ("310118", "青浦"),
        ("440100", "广州"),
    ):
        await world.publish(f"P-{code}", title=title, labels=[f"region:{code}"], issuer="某局", body="正文")
    assert set(await titles(world, "/feeds/region/310000.atom")) == {"全国", "全市", "松江", "青浦"}
    assert set(await titles(world, "/feeds/region/310117.atom")) == {"全国", "全市", "松江"}
    assert set(await titles(world, "/feeds/region/440106.atom")) == {"全国", "广州"}
    assert len(await titles(world, "/feeds/region/100000.atom")) == 5
    feed = (await parsed(world, "/feeds/region/310117.atom")).feed
    assert "上海市松江区" in feed.title
    assert "上海市、全国" in feed.subtitle


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/feeds/theme/T99.atom", "unknown code theme:T99"),
        ("/feeds/region/上海.json", "310000"),
        ("/feeds/industry/I6555.atom", "did you mean I655"),
        ("/feeds/themes/T07.atom", "did you mean theme?"),
        ("/feeds/theme/T07.rss", "feeds end in .atom or .json"),
        ("/feeds/policies.xml", "feeds end in .atom or .json"),
        ("/feeds/%00/%00.atom", "unknown dimension"),
    ],
)
async def test_a_feed_that_is_not_there_names_the_nearest_one(world: World, path: str, says: str) -> None:
    answer = await world.call(None, "GET", path)
    assert answer.status_code == 404
    assert says in answer.json()["detail"]
    page = await world.call(None, "GET", path, headers=HTML)
    assert page.status_code == 404
    assert "没有这个订阅源" in page.text


async def test_pages_follow_each_other_until_everything_was_told_once(world: World) -> None:
    count = PER_PAGE + 7
    for number in range(count):
        await world.publish(f"P-{number}", title=f"第{number}件", labels=["theme:T07"])
        if number % 5 == 0:
            world.clock.advance(timedelta(seconds=1))  # and five of the same moment
    for number in range(3):
        await tell(world, "publisher", "policy.repealed", policy_id=f"P-{number}")
    for path in (ATOM, "/feeds/theme/T07.atom"):
        seen, sizes, address = [], [], path
        while address:
            feed = await parsed(world, address)
            links = {link.rel: link.href for link in feed.feed.links if link.type == "application/atom+xml"}
            assert links["first"].endswith(path)
            assert links["self"].endswith(address)
            seen += [entry.id for entry in feed.entries]
            sizes.append(len(feed.entries))
            address = links.get("next", "").removeprefix(world.house.settings.base_url)
        assert sizes == [PER_PAGE, 7]
        assert len(set(seen)) == count
    first = (await world.call(None, "GET", JSON)).json()
    rest = (await world.call(None, "GET", first["next_url"])).json()
    assert (len(first["items"]), len(rest["items"])) == (PER_PAGE, 7)
    assert "next_url" not in rest


@pytest.mark.parametrize(
    "after", ["x", "2026-03-02T04:00:00|policy|a|b", "2026-03-02T04:00:00+00:00|other|a|b", "%00"]
)
async def test_a_cursor_that_is_none_of_ours_is_refused(world: World, after: str) -> None:
    answer = await world.call(None, "GET", ATOM, params={"after": after})
    assert answer.status_code == 422


async def test_what_has_not_changed_is_not_sent_again(world: World) -> None:
    await world.publish("P-1")
    world.clock.advance(timedelta(minutes=1))
    first = await world.call(None, "GET", ATOM)
    assert first.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert first.headers["cache-control"] == "public, max-age=300"
    assert first.headers["last-modified"] == "Mon, 02 Mar 2026 04:00:00 GMT"
    tag = first.headers["etag"]
    for asks in (
        {"If-None-Match": tag},
        {"If-None-Match": f'"other", W/{tag}'},
        {"If-Modified-Since": first.headers["last-modified"]},
    ):
        again = await world.call(None, "GET", ATOM, headers=asks)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    # The tag decides where both are said.
    both = {"If-None-Match": '"other"', "If-Modified-Since": first.headers["last-modified"]}
    assert (await world.call(None, "GET", ATOM, headers=both)).status_code == 200
    await world.publish("P-2")
    assert (await world.call(None, "GET", ATOM, headers={"If-None-Match": tag})).status_code == 200
    fresh = await world.call(None, "GET", ATOM)
    assert "last-modified" not in fresh.headers, "within this second more may follow"


async def test_head_says_what_get_would_send(world: World) -> None:
    await world.publish("P-1")
    for path in (ATOM, "/feeds/kind/measure.json"):
        whole, head = await world.call(None, "GET", path), await world.call(None, "HEAD", path)
        assert head.status_code == 200
        assert head.content == b""
        for name in ("content-type", "content-length", "etag"):
            assert head.headers[name] == whole.headers[name]
        assert int(head.headers["content-length"]) == len(whole.content)


async def test_an_empty_feed_is_a_feed(world: World) -> None:
    feed = await parsed(world, "/feeds/theme/T21.atom")
    assert feed.entries == []
    assert feed.feed.updated
    assert (await world.call(None, "GET", "/feeds/theme/T21.json")).json()["items"] == []


async def test_characters_that_xml_cannot_say_do_no_harm(world: World) -> None:
    odd = 'a\x01\x0b\x1b\x7f\ufffe]]><q>&"\u2028末'
    await world.publish("P-1", title=odd, body=f"{odd}正文{odd}", contact=odd, labels=["theme:T07"])
    [entry] = (await parsed(world)).entries
    assert "末" in entry.title
    answer = await world.call(None, "GET", JSON)
    assert "<q>" not in json.loads(answer.content)["items"][0]["content_html"]


@pytest.mark.parametrize(
    "path", [ATOM, "/feeds/theme/T07.atom", "/feeds/industry/I6555.atom", "/feeds/policies.xml"]
)
async def test_who_asks_without_end_is_told_to_wait_also_for_what_is_not_there(
    world: World, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    async def none_left(*_: object) -> bool:
        return False

    monkeypatch.setattr(Throttle, "allows", none_left)
    answer = await world.call(None, "GET", path)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


async def test_ids_are_this_installations_own_and_outlive_its_address(world: World) -> None:
    await world.publish("P-1")
    [entry] = (await parsed(world)).entries
    assert entry.id.startswith("urn:uuid:")
    moved = world.house.settings.model_copy(update={"public_url": "https://elsewhere.example"})
    world.app.state.house = replace(world.house, settings=moved)
    [item] = (await world.call(None, "GET", JSON)).json()["items"]
    assert item["url"] == "https://elsewhere.example/policies/sheet/P-1"
    assert item["id"] == entry.id


async def test_pages_lead_to_the_feeds(world: World) -> None:
    await world.publish("P-1")
    for path in ("/", "/policies", "/feeds"):
        page: httpx.Response = await world.call(None, "GET", path, headers=HTML)
        assert '<link rel="alternate" type="application/atom+xml"' in page.text, path
        assert 'href="/feeds' in page.text, path
    listed = (await world.call(None, "GET", "/feeds", headers=HTML)).text
    assert 'href="/feeds/theme/T07.atom"' in listed
    assert 'href="/feeds/region/310000.json"' in listed
    assert 'id="industry"' in listed
