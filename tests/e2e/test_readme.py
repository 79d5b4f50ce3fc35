"""The two READMEs tell the same commands; what `test_documented_commands.py` cannot type is there to be typed."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh-CN.md")
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMENT = re.compile(r"\s+#.*$", re.MULTILINE)
COMMAND = re.compile(r"^(make|docker compose|zhengda|export|cat|curl|KEY=)")


def fences(readme: str) -> list[tuple[str, str]]:
    """Info string and text of every fenced block."""
    return FENCE.findall((ROOT / readme).read_text(encoding="utf-8"))


def commands(readme: str) -> list[str]:
    """The blocks that are typed, without their comments."""
    bodies = [COMMENT.sub("", body).strip() for info, body in fences(readme)]
    return [body for body in bodies if COMMAND.match(body)]


def test_both_readmes_have_the_same_commands() -> None:
    english, chinese = (commands(readme) for readme in READMES)
    assert len(english) >= 5
    assert english == chinese


@pytest.mark.parametrize("readme", READMES)
def test_every_block_of_shell_is_run_by_a_test(readme: str) -> None:
    unmarked = [
        body
        for info, body in fences(readme)
        if info.startswith(("bash", "sh", "console")) and "run=" not in info
    ]
    assert unmarked == []


@pytest.mark.parametrize("readme", READMES)
def test_every_make_target_it_names_is_there(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE))
    assert {"run", "test"} <= named
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    there = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert named <= there


@pytest.mark.parametrize("readme", READMES)
def test_every_file_it_links_to_is_there(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
    assert "docker compose up" not in text or (ROOT / "docker-compose.yml").is_file()
