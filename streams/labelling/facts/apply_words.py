"""The words that speak of applications, for `apply_window`."""

import re

from streams.labelling.facts.dates import CLOCK, DATE, DAY_ONLY, NOTE
from streams.labelling.facts.effective import ISSUED
from streams.labelling.facts.numerals import COUNT

# What applicants do, and what those do who forward what applicants sent: the former's days win.
APPLY = (
    r"(?:申报(?!的|企业|单位|主体|人)|申请(?!的|人|分期|延期|缓|预售|首次|商品|调|验收|结项|结题)|申领(?!的)"
    r"|报名|填报|参赛|自荐|提交申请|兑付)"
)
SEND = (
    r"(?:提交|报送|报至|送至|发至|发送|上报|推荐|寄送|寄至|递交|送达|上传|邮寄|送交|交至|报我|报市|报省|报区"
    r"|发到|送到|报到)"
)
_LABEL = (
    r"(?P<label>(?:申报|网申|申请|申领|报名|受理|登记|填报|征集|提交|报送|接收|推荐|领取|兑现|参赛|预约|参保(?:登记)?(?:[和及与]?缴费)?)"
    r"(?:书|材料|工作|系统|平台|受理|审核|登记)?的?(?:起止|截止|开放|受理|集中|办理)?(?:时间|期限|时限|日期|期间|期|截止日?)(?:[一-鿿]{2,8}(?=为))?"
    r"|(?<![一-鿿])截止(?:时间|日期|日)|(?:系统|平台)开放时间)"
)
_FILL = r"(?:[为是于在从自至到:, 】\]]|截止|截至|原则上|即日起|统一|延长|延期|顺延|日期|时间){0,5}"
_TO = r" ?(?:至|到|-{1,2}|~|起至|,至|起,至) ?"
_RANGE = (
    rf"(?P<from>{DATE}|即日|{ISSUED}之日) ?{NOTE}{CLOCK} ?(?:起|开始)?{_TO}"
    rf"(?P<until>{DATE}|{DAY_ONLY}) ?{NOTE}{CLOCK}"
)
LABELLED = re.compile(
    rf"{_LABEL}{_FILL}(?:{_RANGE}"
    rf"|(?:[^,。;\n\d]{{1,18}}之日起?[至到])?(?P<only>{DATE}) ?{NOTE}{CLOCK}(?P<beginning>起(?!至)|开始)?)"
)
CLOSES_ON = re.compile(
    rf"(?:申报|申请|申领|报名|受理|征集)[^。;,\n\d]{{0,16}}?"
    rf"(?:[自从]?(?P<from>{DATE}|即日) ?{NOTE}{CLOCK} ?起?(?:开始|启动)?(?:{_TO}|,))?"
    rf"(?P<only>{DATE}) ?{NOTE}{CLOCK}(?:截止|结束|为止|关闭)"
)
# Whoever forwards what applicants sent has a later day of his own.
FORWARDS = re.compile(r"推荐|上报|报送|审核|市级|省级|区级|各区|各市|各县|主管部门|经信局|科技局")
_BY = (
    r"(?:将|把|在|向|到|由|按|经|凭|通过|登录|登陆|携带|以|采取|自行|自主|联合|统一|及时|线上|网上|现场|对|完成"
    r"|进行|提出|持|扫|与|来|点击|关注|进入|使用|填写|联系)"
)
BEFORE = re.compile(
    rf"(?P<only>{DATE}) ?{NOTE}{CLOCK} ?{NOTE}(?:下班)?(?:以前|之前|前|截止|止|内|\(含\)前)"
    rf"(?:(?P<between>(?:,? ?{_BY}[^。;,\n]{{0,70}}?)?)(?P<verb>{APPLY}|{SEND})|(?P<cut>.{{0,2}}$))"
)
_ONE = r"[^。;,、\n对凡购的]"  # of the one who acts: a purchase, or what is granted, is no application
_ACTS = (
    rf"(?:[, ]{{0,2}}(?:可以|可|须|应|请|由)?"
    rf"(?:{_BY}|{_ONE}{{0,12}}(?:申请人|购房人|家长|申报人|企业|单位))[^。;,\n]{{0,40}}?"
    rf"|(?:可以|可|须|应|请)[^。;,\n]{{0,12}}?|,{_ONE}{{0,14}}在[^。;,\n]{{0,30}}?)?"
)
_NO_LABEL = (
    r"(?!(?:的?(?:截止|截至|起止)?(?:时间|期限|时限|日期|期间)))"  # of the next window: 申请期限至11月30日
)
DURING = re.compile(
    rf"{_RANGE}(?:期间|内|止)?(?P<between>{_ACTS})(?P<verb>{APPLY}|受理|征集|提交){_NO_LABEL}"
)
CLOSES = re.compile(rf"(?:截止|截至|截止至|截止到)(?:时间|日期)?[于为在至到:]{{0,2}} ?(?P<only>{DATE})")
# 申报自通知发布之日起至4月30日, 报名从即日起到4月20日
OPEN_UNTIL = re.compile(rf"(?:申报|申请|申领|报名|受理|征集)(?:工作|活动)?[自从] ?{_RANGE}")
_ISSUED_HERE = r"(?:公告|通知|通告|指南|办法|文件|政策|细则|措施)"
_SINCE = (
    rf"(?:[自从在于](?!收|受|接|取|办)(?:本|该)?{_ISSUED_HERE}?|(?<![一-鿿])(?:本|该)?{_ISSUED_HERE})"
    r"(?:发布|公布|印发|下发|发出)?之日起 ?"
)
WITHIN = re.compile(
    rf"{_SINCE}(?P<count>{COUNT}) ?个?(?P<unit>工作日|日|天|月)(?:之)?内"
    rf"(?P<between>[^。;\n]{{0,40}}?(?:{APPLY}|{SEND}))"
)
STATED_WITHIN = re.compile(
    rf"{_LABEL}{_FILL}{_SINCE}(?P<count>{COUNT}) ?个?(?P<unit>工作日|日|天|月)"
    r"(?:之?内|(?=[。;\n(]|$))"
)
# 3月20日前未提交申请的，视为放弃
FORFEITS = re.compile(
    rf"(?P<only>{DATE}) ?{NOTE}{CLOCK}(?:以前|之前|前)(?:未|没有)[^。;,\n]{{0,16}}?(?:申报|申请|提交|申领|报名)"
    r"[^。;\n]{0,16}?(?:放弃|不予|不再)"
)
# What can follow a day, looked at before the longer patterns are tried.
DAY = re.compile(rf"{DATE} ?{NOTE}{CLOCK} ?{NOTE}(?P<next>.{{0,4}})")
# 3月31日前，企业登录系统完成申报
ACTOR_FIRST = re.compile(
    rf"(?P<only>{DATE}) ?{NOTE}{CLOCK}(?:以前|之前|前|止)?,"
    r"(?:(?:符合|满足)[^。;,\n]{0,4}条件的|有意[向愿]的)?"
    rf"[^。;,\n的]{{0,12}}"
    r"(?:企业|单位|申报人|申请人|机构|个人|主体|团队|购房人|院校|高校)"
    rf"(?P<between>[^。;,\n的]{{0,40}}?)(?P<verb>申报(?!的|企业|单位|人)|报名|提出[^。;,\n]{{0,4}}申请|{SEND})"
)
# 申请应于3月31日前提出; 3月31日为申报截止日
ASKED = re.compile(
    rf"(?:申请|申报)(?:应当?|须|需|可|请)?[于在](?P<only>{DATE}) ?{NOTE}{CLOCK}(?:以前|之前|前)(?:提出|送达)"
)
CLOSING_DAY = re.compile(
    rf"(?P<only>{DATE}) ?{NOTE}{CLOCK}[为是,]?"
    r"(?:(?:申报|报名|申请|受理|征集)[^。;,\n\d]{0,8}?(?:截止|关闭)|(?:截止|停止)(?:申报|报名|申请|受理|征集))"
)
# 企业申报（3月1日—3月31日），初审（4月1日—4月10日）
BRACKETED = re.compile(
    r"(?:申报|报名|受理|填报)[^。;,\n()]{0,6}"
    rf"\((?:{_RANGE}|(?P<only>{DATE}) ?{NOTE}{CLOCK}(?:以前|之前|前|止|截止))\)"
)
# The heading before a day: 四、申报时间; and what stands below it.
HEADS = re.compile(
    r"(?:申报|申请|申领|报名|受理|征集|报送|提交|填报)(?:材料)?的?(?:起止|截止|受理|报送|提交)?$"
)
HEADED = re.compile(
    rf"(?:[及和与、][^\n。,;:\d]{{1,10}})?[。\n]\s{{0,6}}(?:\([一1]\)|[1一][.、])?[自从为]?"
    rf"(?:{_RANGE}|(?P<only>{DATE}) ?{NOTE}{CLOCK}(?:以前|之前|前|止|截止|(?=[。;(\n]|$)))"
)
WHILE_VALID = re.compile(
    r"(?:政策|文件|办法|措施|细则|方案|本)[^。;,\n]{0,4}(?:有效期|期限|执行期)(?:限)?内[^。;,\n]{0,16}?"
    r"(?:申请|申报|提出)"
)
NOT = re.compile(
    r"公示|异议|意见|建议|审核|评审|公布|缴纳|缴清|网签|购买|签订|备案|出生|发放|拨付|截至|竣工|开工|注册(?!并|账号|后|登录|$)|建设并|验收|年龄|累计|取得|成立|毕业"
    r"|入职|现场踏勘|复核|初审|查询|初赛|决赛|汇总(?!表)|答辩|评选|摇号|派位|每年|每月|次年|执行|实施|施行|本通知|结算|有效期"
    r"|已[于在]|建设起止|建设时间|实施时间|执行期|调查|纳税|报税|汇算|年报|年检|每[个年月季周半]|第二年|翌年|下一?年"
)
# Before the day of those who had an earlier grant: 政策享受期限可延长1年，申请期限至12月31日
OF_FORMER = re.compile(
    r"(?:享受期限[^。;,\n]{0,8}延长|期间享受[^。;,\n]{0,20}的,)[^。;\n]{0,8},?[^,。;\n]{0,4}$"
)
CALL = re.compile(r"申报|申领|申请|征集|报名|推荐|遴选|认定|揭榜")
# Without these a day for sending in is that of a report.
SENT = re.compile(
    r"申报|申请|申领|报名|推荐|遴选|征集|参赛|认定|项目|自荐|补贴|补助|奖|资金|意向|揭榜|参加|作品|候选|名额|试点|课题|材料|报名表|回执"
)
REPORTS = re.compile(
    r"总结|自查|台账|整改|统计表|月报|季报|进展|年报|备案|落实情况|执行情况|工作情况|实施方案"
)
CONSULTATION = re.compile(r"公示|征求意见|公开征集意见|名单|结果")
# What a sentence must have, and where in it a day can begin.
SPEAKS = re.compile(
    "申报|申请|申领|报名|填报|参赛|自荐|兑付|提交|报送|报至|送至|发至|发送|上报|推荐|寄|递交|送达|上传|受理|征集|登记"
    "|截止|领取|预约|参保|网申|报我|报到|发到|送到"
)
START = re.compile(
    rf"(?:19|20)\d\d ?[年./-]|(?<![\d年])\d{{1,2}} ?月|即日|[一二三四五六七八九十]{{1,2}} ?月|[今本当]年"
    rf"|[年月][底末]|二[〇○零]|{ISSUED}之日"
)
