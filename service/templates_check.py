"""The doctor's look at an office's own templates."""

from pathlib import Path

from channels.writing.check import look_at
from channels.writing.office import TemplatesError, read_office
from service.check import Check


def check_templates(directory: Path | None) -> Check:
    """Whether the office's own templates can be used, and say what every message has to."""
    name = "templates"
    if directory is None:
        return Check(name, "ok", "those that were shipped")
    try:
        office = read_office(directory)
    except TemplatesError as exc:
        return Check(name, "failed", str(exc), "mend it, or unset ZHENGDA_TEMPLATES")
    found = look_at(office, directory)
    errors = [str(one) for one in found if one.error]
    if errors:
        return Check(name, "failed", "; ".join(errors), "mend it, or take it out of ZHENGDA_TEMPLATES")
    if found:
        advice = "look with `zhengda render`; what a message lacks, its readers and carriers will miss"
        return Check(name, "warning", "; ".join(map(str, found)), advice)
    return Check(name, "ok", f"{len(office)} of the office's own: {', '.join(sorted(office)) or 'none'}")
