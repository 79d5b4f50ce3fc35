from pathlib import Path

import pytest

from config.settings import Settings
from service.tables_check import check_tables


def test_without_files_of_its_own_an_office_has_the_shipped_tables() -> None:
    check = check_tables(Settings())
    assert (check.status, check.detail) == ("ok", "retries, promises, mail domains: as shipped")


@pytest.mark.parametrize("name", ["retries", "promises", "mail_domains"])
def test_a_wrong_table_is_named_with_its_file(name: str, tmp_path: Path) -> None:
    own = tmp_path / f"{name}.toml"
    own.write_text("[nonsense]\nx = 1\n", encoding="utf-8")
    check = check_tables(Settings(**{name: own}))  # type: ignore[arg-type]
    assert check.status == "failed"
    assert str(own) in check.detail
    assert "nonsense" in check.detail


def test_a_file_that_is_read_is_named(tmp_path: Path) -> None:
    own = tmp_path / "retries.toml"
    own.write_text('[email]\nwaits = ["1m"]\n', encoding="utf-8")
    assert check_tables(Settings(retries=own)).detail.endswith(": ZHENGDA_RETRIES")
