"""What channels say of a far side that they could not reach, and of a text that they could not send, in Chinese.

Reasons are kept as they were found, in English where a channel of ours found them. What a far side said is quoted as it
stands: an operator looks it up, or shows it to the provider.
"""

import re

# {} is whatever stands there: a number, the name of an exception, or another reason.
WORDS: dict[str, str] = {
    "no connection to the mail server: {}": "无法连接邮件服务器：{}",
    "the mail cannot be built: {}": "邮件无法生成：{}",
    "the message cannot be built: {}": "消息无法生成：{}",
    "the text cannot be built: {}": "短信无法生成：{}",
    "the text cannot be cut into parts: {}": "短信无法拆分：{}",
    "the text has {} characters, more than {} parts hold": "短信共 {} 字，超出 {} 段的容量",
    "no template is registered at {} for {}": "{} 没有登记 {} 的模板",
    "template {} wants {}, which no message has": "模板 {} 需要 {}，消息中没有",
    "variable {} holds a web address, which Tencent takes in templates only": "变量 {} 含网址，腾讯云只允许写在模板中",
    "returned: {}": "退信：{}",
    "the gateway takes no connection ({})": "无法连接网关（{}）",
    "the gateway does not answer a connection in time": "网关没有及时应答连接",
    "the gateway's answer did not end in time": "网关的应答没有及时结束",
    "the answer did not end in time": "应答没有及时结束",
    "the connection ended before the answer ({})": "连接在应答之前中断（{}）",
    "the connection ended before it was of use: {}": "连接尚未使用即中断：{}",
    "status {} without the cloud's JSON": "状态 {}，没有云服务的 JSON",
    "an answer of another shape ({})": "应答格式不符（{}）",
    "an answer without a response": "应答中没有结果",
    "the answer does not name this number": "应答中没有这个号码",
    "the answer to the text makes no sense (code {})": "对邮件正文的应答无法理解（代码 {}）",
    "the endpoint did not answer within {} s": "对方系统 {} 秒内没有应答",
    "the answer makes no sense ({})": "应答无法理解（{}）",
    "taken without an id": "已接收但没有给出编号",
    "not all parts were written": "没有全部分段写出",
    "unexpected {}": "意外错误 {}",
    "no answer within {} s": "{} 秒内没有应答",
    "no answer in {} s": "{} 秒内没有应答",
    "no answer in time": "没有及时应答",
    "no answer came: {}": "没有等到应答：{}",
    "others were answered": "其他消息已有应答",
    "no answer to our CONNECT: {}": "网关没有应答登录请求：{}",
    "the gateway does not let us in within {} s": "网关 {} 秒内没有完成登录",
    "the gateway does not understand our CONNECT (status {})": "网关不理解登录请求（状态 {}）",
    "the gateway does not let this machine's address in (status {})": "网关不允许本机地址登录（状态 {}）",
    "the gateway refuses user or password (status {})": "网关拒绝用户名或密码（状态 {}）",
    "the gateway does not speak this version: write cmpp2:// in its URL (status {})": (
        "网关不支持此版本，请在其网址中改用 cmpp2://（状态 {}）"
    ),
    "the gateway answers as CMPP 2.0 does: write cmpp2:// in its URL": (
        "网关按 CMPP 2.0 应答，请在其网址中改用 cmpp2://"
    ),
    "the gateway refuses the connection (status {})": "网关拒绝连接（状态 {}）",
    "the gateway closed it": "网关关闭了连接",
    "the gateway ended it": "网关结束了连接",
    "the gateway is closed": "本系统已断开与网关的连接",
    "it broke ({})": "连接中断（{}）",
    "it was not let in": "没有获准登录",
    "we ended it": "本系统结束了连接",
    "bind refused: {}": "短信中心拒绝绑定：{}",
    "the SMSC does not answer in time": "短信中心没有及时应答",
    "the SMSC takes no connection ({})": "无法连接短信中心（{}）",
    "the connection ended": "连接中断",
    "the connection ended ({})": "连接中断（{}）",
    "the far side does not speak SMPP ({})": "对方不是 SMPP 服务（{}）",
    "the far side took leave": "对方结束了会话",
    "the far side answers no message": "对方不应答任何消息",
    "the far side gives no sign of life": "对方没有响应",
    "the line was given up": "本系统放弃了这条连接",
    "we took leave": "本系统结束了会话",
}
FORMS = [
    (re.compile("(.*)".join(map(re.escape, said.split("{}"))), re.DOTALL), told)
    for said, told in WORDS.items()
]


def in_chinese(reason: str) -> str:
    """Return a reason as people read it; one that is none of ours stays as it is."""
    for form, told in FORMS:
        if found := form.fullmatch(reason):
            return told.format(*map(in_chinese, found.groups()))
    return reason
