"""The codes that a text is labelled with, by dimension."""

from streams.labelling import label_document

FILLER = "各有关部门要加强协同，认真做好政策宣传和解释工作，及时协调解决执行中遇到的问题。" * 12
MEASURES = "关于支持经济平稳发展若干措施的通知"


def codes_of(dimension: str, body: str, title: str = "关于若干措施的通知") -> set[str]:
    labels = label_document(title=title, body=body, issuer="")
    return {label.code for label in labels if label.dimension == dimension}


def industries(body: str, title: str = MEASURES) -> list[str]:
    return sorted(codes_of("industry", body, title))


def sections(body: str, title: str = MEASURES) -> set[str]:
    return {code[0] for code in industries(body, title)}


def gives(body: str, title: str = "关于印发若干措施的通知") -> set[str]:
    return codes_of("instrument", body, title)
