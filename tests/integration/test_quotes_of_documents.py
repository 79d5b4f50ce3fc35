"""Every quote of every label and fact is what stands in the document, and nothing that happens to a text raises."""

import dataclasses
import json
from datetime import date
from typing import Any

import pytest

from service.demo.policies import demo_policies
from streams.labelling import label_document
from streams.labelling.facts import Fact, read_facts
from tests.support.real_policies import real_policies_file


def proofs(title: str, body: str, issuer: str) -> list[Any]:
    facts = read_facts(title=title, body=body)
    values = [getattr(facts, field.name) for field in dataclasses.fields(facts)]
    single = [value for value in values if isinstance(value, Fact)]
    many = [fact for value in values if isinstance(value, tuple) for fact in value]
    return [*label_document(title=title, body=body, issuer=issuer), *single, *many]


def assert_quotes(title: str, body: str, issuer: str) -> int:
    found = proofs(title, body, issuer)
    for one in found:
        assert one.quote == body[one.start : one.end], one
    return sum(bool(one.quote) for one in found)


def test_quotes_of_the_demos_policies_stand_in_them() -> None:
    policies = demo_policies(date(2026, 3, 1))
    assert sum(assert_quotes(one["title"], one["body"], one["issuer"]) for one in policies) > 60


def test_quotes_of_real_documents_stand_in_them_whole_cut_or_reversed() -> None:
    path = real_policies_file()
    if path is None:
        pytest.skip("no real documents: name a JSONL file in ZHENGDA_REAL_POLICIES")
    quoted = 0
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        text, title, issuer = row["text"], row["title"] or "", row["issuer"] or ""
        quoted += assert_quotes(title, text, issuer)
        assert_quotes(title[::-1], text[: len(text) // 3][::-1], "")
    assert quoted > 1000
