"""Real policy documents, where there are any: a JSONL file that is not part of the project."""

import json
import os
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DEFAULT = ROOT.parent / "shared" / "data" / "real_policies.jsonl"
DATE = "2024-01-01"  # where the document does not say
ISSUER = "未署名机关"


def real_policies_file() -> Path | None:
    """The file that ZHENGDA_REAL_POLICIES names, else the one beside the checkout; None when it is not there."""
    path = Path(os.environ.get("ZHENGDA_REAL_POLICIES") or DEFAULT)
    return path if path.is_file() else None


def real_policies(path: Path) -> list[dict[str, Any]]:
    """Its documents as policy data; issuer and date are made up where the source has none."""
    return [
        _policy(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()
    ]


def _policy(row: dict[str, Any]) -> dict[str, Any]:
    data = {
        "policy_id": row["id"],
        "title": row["title"],
        "issuer": row["issuer"] or ISSUER,
        "publish_date": row["publish_date"] or DATE,
        "disclosure": "open",
        "body": row["text"],
        "source_url": row["url"],
        "doc_number": row["doc_number"],
        "index_number": row["index_number"],
    }
    return {name: value for name, value in data.items() if value is not None}
