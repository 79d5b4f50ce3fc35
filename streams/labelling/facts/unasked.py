"""Limits that a text names and does not set: 取消成立满1年的限制, 无需达到…, 是否满…, …的不予受理."""

import re

# 取消成立满1年的限制, 无资产负债率超过95%的情形
_LIFTED = re.compile(r"(?:取消|不受|放开|突破|无|不存在|没有|未(?:出现|发生))[^,。;\n]{0,48}$")
_RESTRAINT = re.compile(r"[^,。;\n]{0,8}?(?:限制|门槛|情形|情况)")
# 营业收入无需达到2000万元, 不要求成立满1年, 是否成立满1年
_NEEDLESS = re.compile(
    r"(?:无需|无须|不需|不必|未必|不再?要求|不一定|不论|无论|不管|是否)[^,。;、\n且并及和]{0,16}$"
)
# 成立未满3年的不予受理, 未达到500万元的,不予补助: who may apply is the other way round
_SHUT_OUT = re.compile(
    r"(?:的,|[^,。;、\n且并]{0,12}?)(?:一律|均|原则上|暂|也)?"
    r"(?:不予|除外|不适用|不(?:得|能|可|再)(?:申[报请领]|享受|参[加评与]|推荐|认定|给予|补[助贴]|奖励|支持))"
)


def unasked(text: str, lead: str, words: str, end: int) -> bool:
    """Whether the words around a limit take it back, or shut out those who are within it.

    Args:
        text: the document's text with plain punctuation.
        lead: its sentence up to the words for what is measured.
        words: these and what stands between them and the number or its comparison.
        end: where the limit ends.
    """
    if _LIFTED.search(lead) and _RESTRAINT.match(text, end):
        return True
    return bool(_NEEDLESS.search(lead + words) or _SHUT_OUT.match(text, end))
