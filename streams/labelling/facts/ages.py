"""Whether a number of years is how old a firm is: not 登记失业1年以上, 经营贷款期限不超过3年, 自注册之日起3年内给予."""

import re

_PLACE = r"[一-鿿]{0,8}?(?:市|区|县|省|州|境内|地)内?"
# All that may stand between 成立 and its years. Whatever else does is registered or run by somebody.
_PLAIN = re.compile(
    r"(?:注册|登记(?:证书)?|成立|设立|工商|税务|开业|经营|运营|营业|开办|创办|生产|投产|运行|时间|日期|年限|期限|时限|之日|当日|期"
    r"|起|算|后|并且?|且|及|和|、|或|与|实际|正常|连续|持续|稳定|已经?|应当?|须|需|必须|要求?|均|至少|在|达到?|为|是|自|于|以"
    r"|不|纳税|缴税|依法|合法|完成|手续|的|有|存续|截至|截止|申[报请]|受理|认定|推荐|评审|公告|通知|发布|企业|单位|公司|机构"
    rf"|主体|法人|组织|合作社|{_PLACE}|[:() \"“”])*"
)
_TERM = re.compile(r"(?:经营|运营|营业)期")
_OTHERS = re.compile(
    r"(?:不动产|房屋|房产|产权|权属|婚|商标|专利|著作权|车|户口|户籍|失业|求职|预告|抵押|质押|学籍|产品|药品|器械|品牌|账[户号]"
    r"|会员|用户|平台|项目|专班|小组|合同|协议|承诺|保证|继续|今后|未来)"
    r"(?:(?!企业|单位|公司|机构|主体|法人|[者人])[^,。;、\n]){0,6}$"
)
_HOW_LONG = re.compile(r"时间|年限|期限|日期")
_OF_THOSE = re.compile(
    r" ?(?:\([^()\n]{0,8}\))?的[^,。;\n]{0,16}?(?:企业|单位|公司|机构|主体|组织|合作社|工商户|农场|[者人])"
)
_ENDS = re.compile(r" ?(?:\([^()\n]{0,8}\))?(?:[。;,)\n]|$)")


def age_of_a_firm(text: str, lead: str, words: str, end: int, after: str) -> bool:
    """Whether the words say how long ago a firm was founded.

    Args:
        text: the document's text with plain punctuation.
        lead: its sentence up to the words.
        words: 成立 and what follows, up to the number or its comparison.
        end: where the number ends.
        after: the word behind the number, "" without one.
    """
    if not _PLAIN.fullmatch(words) or _TERM.search(words) or _OTHERS.search(lead):
        return False
    if after not in ("内", "之内", "以内"):
        return True
    if "起" in words or after == "内":  # 自注册之日起3年内, 每年给予…
        return bool(_HOW_LONG.search(words) or _OF_THOSE.match(text, end))
    return bool(_HOW_LONG.search(words) or _OF_THOSE.match(text, end) or _ENDS.match(text, end))
