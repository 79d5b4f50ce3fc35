"""The benchmark of matching, small: it must go on running, and tell who is wrong and who is missing."""

import json
import subprocess
import sys
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks._matching.catalogue import Popularity, catalogue
from benchmarks._matching.report import rows, table, targets
from benchmarks._matching.subscriptions import Subscriptions, draw_subscriptions
from benchmarks.matching import ALL, PROFILES, failures

ROOT = Path(__file__).resolve().parents[2]
SUBSCRIPTIONS, POLICIES = 2_000, 12


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("benchmark") / "matching.json"
    command = [sys.executable, "benchmarks/matching.py", "--subscriptions", str(SUBSCRIPTIONS)]
    command += ["--policies", str(POLICIES), "--json", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(path.read_text())


def of(result: Any, workload: int) -> dict[str, Any]:
    return {row["contender"]: row for row in result["workloads"][workload]["rows"]}


@pytest.mark.slow
def test_all_that_is_installed_answers_as_plain_python_before_and_after_changes(result: Any) -> None:
    for workload, entries in enumerate((ALL, PROFILES)):
        found = of(result, workload)
        assert list(found) == list(entries)
        present = {name: row for name, row in found.items() if not row["missing"]}
        assert {"naive Python", "ours", "ours, 16 shards", "brute scan"} <= set(present)
        assert all(row["exact_on"] == POLICIES for row in present.values())
        assert found["ours"]["exact_after_changes_on"] == POLICIES
        assert result["workloads"][workload]["matches_median"] > 1


@pytest.mark.slow
def test_lucene_s_answers_are_the_same(result: Any) -> None:
    row = of(result, 0)["Lucene CoveringQuery"]
    if row["missing"]:
        pytest.skip(row["missing"])
    assert (row["exact_on"], row["wrong_on"]) == (POLICIES, 0)
    assert row["figures"]["seen_ms"] > 0


@pytest.mark.slow
def test_our_row_has_every_figure_that_there_is_a_target_for(result: Any) -> None:
    figures = of(result, 0)["ours"]["figures"] | of(result, 0)["ours, from snapshot"]["figures"]
    asked = ("bytes", "rss_mb", "build_s", "add_us", "remove_us", "compaction_s", "process_start_to_answer_s")
    assert all(figures[name] is not None for name in asked)


def said(times: list[float], answers: list[str], changed: list[str] | None = None) -> dict[str, Any]:
    return {
        "times": [times],
        "processor": [times],
        "answers": answers,
        "changed_answers": changed or [],
        "figures": {},
    }


def test_a_wrong_answer_and_an_early_end_are_told_and_fail_the_run_and_a_missing_contender_is_named() -> None:
    told = {
        "naive Python": said([200.0], ["2:aa"]),
        "ours": said([1.0, 2.0, 3.0], ["2:aa", "3:bb", "1:cc"], ["2:aa", "3:bb", "1:xx"]),
        "brute scan": said([8.0, 9.0, 10.0], ["2:aa", "3:bb", "1:cc"]),
        "pyroaring": said([20.0, 21.0, 22.0], ["2:aa", "3:xx", "1:cc"]),
        "mokaccino": {"missing": "mokaccino is not installed"},
        "Lucene CoveringQuery": {"failed": "exit -9: killed"},
    }
    found = rows(told, dict.fromkeys(told, 0.0))
    assert {row.contender: row.wrong_on for row in found if row.wrong_on} == {"ours": 1, "pyroaring": 1}
    assert {row.contender: row.ratio_to_ours for row in found if row.policies} == {
        "naive Python": 200.0,
        "ours": 1.0,
        "brute scan": 4.5,
        "pyroaring": 10.5,
    }
    text = table(found)
    assert "missing: mokaccino is not installed" in text
    assert "FAILED: exit -9: killed" in text
    assert "WRONG on 1" in text
    made = [{"workload": "w", "rows": [asdict(row) for row in found]}]
    assert failures(made) == ["w: ours", "w: pyroaring", "w: Lucene CoveringQuery"]


def test_a_missed_target_is_told() -> None:
    told = {"ours": said([1.0], ["1:a"]), "brute scan": said([5.0], ["1:a"])}
    told["ours"]["figures"] = {"add_us": 12.0, "remove_us": 51.0}
    reached = {what: good for what, _, _, good in targets(1_000_000, rows(told, dict.fromkeys(told, 0.0)))}
    assert reached == {
        "brute scan as a multiple of ours, at least": False,
        "ours: add_us, at most": True,
        "ours: remove_us, at most": False,
    }


def test_more_subscriptions_begin_with_the_same_ones() -> None:
    labels = catalogue()
    popularity = Popularity(labels)
    few, more = (draw_subscriptions(count, labels, popularity) for count in (300, 900))
    again = more.first(300)
    assert all(
        np.array_equal(getattr(few, field.name), getattr(again, field.name))
        for field in fields(Subscriptions)
    )
