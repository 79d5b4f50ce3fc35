"""What the command line says, in English and in Chinese."""

from collections.abc import Mapping

WORDS: dict[str, tuple[str, str]] = {
    "gateway_none": (
        "ZHENGDA_SMS_URL names no gateway; were it a Kannel, this group would go into kannel.conf",
        "ZHENGDA_SMS_URL 未设置网关；如果用 Kannel，请把下面这一组写入 kannel.conf",
    ),
    "gateway_kannel": ("the group below goes into kannel.conf", "请把下面这一组写入 kannel.conf"),
    "gateway_line": (
        "nothing is to be set there; {kind} brings reports and replies over its own line",
        "无需在网关侧设置；{kind} 的状态报告与上行短信经自身连接送达",
    ),
    "gateway_cloud": (
        "set this address in its console, for reports and for replies: {url}",
        "请在其控制台把状态报告与上行短信的回调地址设为：{url}",
    ),
    "next_page": ("next page: {option}", "下一页：{option}"),
    "doctor_failed": ("failed: {names}", "未通过：{names}"),
    "unreachable": (
        "no service answers at {url}: start it with `zhengda up`, or correct ZHENGDA_URL",
        "{url} 没有服务应答：请用 `zhengda up` 启动，或更正 ZHENGDA_URL",
    ),
    "no_service": (
        "no service has run in {data}: start it with `zhengda up`, or set ZHENGDA_URL",
        "{data} 中没有运行过服务：请用 `zhengda up` 启动，或设置 ZHENGDA_URL",
    ),
    "no_key": (
        "no {role} key: set {variable} to a key made by `zhengda keys create {role}`",
        "缺少 {role} 密钥：请把 {variable} 设为 `zhengda keys create {role}` 生成的密钥",
    ),
    "away": (
        "the service cannot take anything for now and took nothing: {reason}",
        "服务暂时无法接收，未接收任何内容：{reason}",
    ),
    "foreign": (
        "what answers at {url} is not this service: it sent no JSON (status {status})",
        "{url} 的应答不是本服务：没有返回 JSON（状态 {status}）",
    ),
    "not_json": ("{where}: not valid JSON: {reason}", "{where}：不是有效的 JSON：{reason}"),
    "not_object": (
        "{where}: expected one JSON object (several go one per line, JSONL)",
        "{where}：应为一个 JSON 对象（多个对象请一行一个，JSONL）",
    ),
    "not_utf8": ("{where}: not UTF-8 text", "{where}：不是 UTF-8 文本"),
    "no_text_file": (
        "{file}: this is no text; save a PDF or Word document as plain text (UTF-8) and label that",
        "{file}：不是文本文件；PDF、Word 文档请先另存为纯文本（UTF-8），再识别",
    ),
    "no_text": (
        "{file}: there is no text; only what its title, issuer and region say is read",
        "{file}：没有正文，只能依据标题、机构与地区识别",
    ),
    "no_body": (
        "{file}: body: missing; policy data in JSON hold their text in body (or text)",
        "{file}：缺少 body；JSON 的政策数据应把正文写在 body（或 text）中",
    ),
    "many_documents": (
        "{file}: not one JSON object; several, one a line, are labelled with --jsonl {file} --out OUT",
        "{file}：不是一个 JSON 对象；多个对象（一行一个）请用 --jsonl {file} --out OUT",
    ),
    "no_place": (
        "--region: {region} names no place; write a code such as 310117, or its name, 上海市松江区",
        "--region：没有名为 {region} 的地区；请写代码，例如 310117，或名称，例如 上海市松江区",
    ),
    "no_file": ("there is no file {file}", "没有文件 {file}"),
    "empty": ("{file} is empty", "{file} 是空文件"),
    "line": ("line {line}", "第 {line} 行"),
    "line_refused": ("line {line}: {reason}", "第 {line} 行：{reason}"),
    "event_refused": ("refused: {reason}", "被拒绝：{reason}"),
    "event_dead": ("put aside as a dead letter: {reason}", "转入死信：{reason}"),
    "some_refused": ("{refused} of {total} refused", "共 {total} 条，拒绝 {refused} 条"),
    "gate_late": (
        "the gate has not answered about {what} within {timeout:g} s; it is durable, repeat the command to see",
        "{timeout:g} 秒内未得到 {what} 的受理结果；事件已持久保存，可重复本命令查看结果",
    ),
    "label_late": (
        "policy {policy} was not ready for a decision within {timeout:g} s (state {state})",
        "政策 {policy} 在 {timeout:g} 秒内未达到可审查状态（当前 {state}）",
    ),
    "wait_late": (
        "policy {policy} is not complete after {timeout:g} s (state {state}, planned {planned}, claimed {claimed})",
        "政策 {policy} 在 {timeout:g} 秒后仍未完成（状态 {state}，待发 {planned}，发送中 {claimed}）",
    ),
    "waits_for_release": (
        "policy {policy} waits for a reviewer's release: zhengda release {policy} (waiting for at most {timeout:g} s)",
        "政策 {policy} 待审查人放行：zhengda release {policy}（最多等待 {timeout:g} 秒）",
    ),
    "not_releasable": (
        "policy {policy} revision {revision} cannot be released: it is {state}",
        "政策 {policy} 第 {revision} 版不能放行：当前为 {state}",
    ),
    "ended": (
        "policy {policy} will not be delivered: it is {state}",
        "政策 {policy} 不会推送：当前为 {state}",
    ),
    "published": ("{policy_id} revision {revision}: {status}", "{policy_id} 第 {revision} 版：{status}"),
    "publishing": ("publishing", "发布中"),
    "importing": ("importing", "导入中"),
    "released": ("{policy} revision {revision} released", "{policy} 第 {revision} 版已放行"),
    "refused": ("{policy} revision {revision} refused", "{policy} 第 {revision} 版已退回"),
    "import_speed": ("{rows} rows, {speed:.0f} rows/s", "{rows} 行，{speed:.0f} 行/秒"),
    "item_published": (
        "{kind} {id} of {policy} is taken; a reviewer decides on it",
        "{policy} 的{kind} {id} 已受理，待审查",
    ),
    "item_released": ("{id} of {policy} released", "{policy} 的 {id} 已公开"),
    "item_refused": ("{id} of {policy} refused", "{policy} 的 {id} 已退回"),
    "came_with_it": ("released with it: {kind} {id}", "一并公开：{kind} {id}"),
    "waits_still": (
        "{kind} {id} waits: zhengda release {policy} --{kind} {id}",
        "{kind} {id} 待审查：zhengda release {policy} --{kind} {id}",
    ),
    "one_item": ("name either --interpretation or --faq", "--interpretation 与 --faq 只能指定一个"),
    "file_or_url": (
        "name the text with --file, the address with --url, or both",
        "请用 --file 给出正文，或用 --url 给出网址，也可两者都给",
    ),
    "cannot_write": ("{file} cannot be written: {reason}", "无法写入 {file}：{reason}"),
    "exported": (
        "everything held about {id} is in {file}, contacts in the clear: only its owner may read it",
        "{id} 的全部数据已写入 {file}，含联系方式明文，仅文件所有者可读",
    ),
    "erase_sure": (
        "erasing {id} cannot be undone; add --yes if it is meant",
        "删除 {id} 无法撤销；确实要删除请加 --yes",
    ),
    "erased": ("{id} is erased; its ledger rows stay under the bare id", "{id} 已删除；推送台账只保留编号"),
    "imported": (
        "{rows} rows read: {count} subscribers in, {refused} rows refused",
        "共读 {rows} 行：导入 {count} 家，拒绝 {refused} 行",
    ),
    "asked_to_confirm": (
        "{count} addresses without consent are asked to confirm; until then nothing else goes to them",
        "{count} 个未附同意的联系方式将收到确认请求；确认之前不再向其发送任何内容",
    ),
    "import_refused": (
        "{count} rows refused, see {file}: correct it and import it (first: line {line}: {reason})",
        "{count} 行被拒绝，见 {file}，更正后可再次导入（首条：第 {line} 行：{reason}）",
    ),
    "refused_is_file": (
        "{file}: the refused rows would be written over it; give --refused another name",
        "{file}：被拒绝的行会覆盖原文件，请为 --refused 指定其他文件名",
    ),
    "file_refused": ("{file}: {reason}", "{file}：{reason}"),
    "no_association": (
        "this key belongs to no association that was written: name one with --association, or write it first with "
        "PUT /api/v1/associations/ID",
        "该密钥不属于任何已登记的协会商会：请用 --association 指明，或先用 PUT /api/v1/associations/ID 登记",
    ),
    "own_key_decides": (
        "{reason} (ZHENGDA_KEY was used: set ZHENGDA_REVIEWER_KEY to a reviewer's key, or unset ZHENGDA_KEY)",
        "{reason}（使用的是 ZHENGDA_KEY：请把 ZHENGDA_REVIEWER_KEY 设为审查员密钥，或取消设置 ZHENGDA_KEY）",
    ),
    "key_once": ("shown once, keep it now", "仅显示一次，请立即保存"),
    "revoked": ("key {key} revoked", "密钥 {key} 已吊销"),
    "rewrapped": (
        "{keys} keys wrapped by the newest master key; older ones may leave ZHENGDA_MASTER_KEYS; old backups need them",
        "{keys} 个密钥已改由最新主密钥加密；旧主密钥可从 ZHENGDA_MASTER_KEYS 中移除，但恢复旧备份仍需要它们",
    ),
    "replayed": ("dead letter {id} replayed", "死信 {id} 已重放"),
    "plan_when": ("due (Shanghai)", "时间（北京时间）"),
    "plan_what": ("what", "事项"),
    "plan_state": ("state", "状态"),
    "plan_reason": ("why", "原因"),
    "provisional": ("provisional: the year's holidays are not announced", "暂定：当年放假安排尚未公布"),
    "due_reminder": (
        "reminder, working days before it closes on {day}: {number}",
        "申报提醒：{day} 截止前 {number} 个工作日",
    ),
    "due_effective": ("takes effect on {day}", "施行提醒：{day} 起施行"),
    "due_expiry": ("validity ended on {day}", "有效期届满告知：{day} 届满"),
    "due_interpretation_missing": ("ask the agency: no interpretation", "提请发布机构：尚无解读"),
    "due_tracking": ("ask the agency: explain how it is applied", "提请发布机构：跟踪解读"),
    "due_planned": ("planned", "待办"),
    "due_done": ("done", "已办"),
    "due_dropped": ("dropped", "不再推送"),
    "due_cancelled": ("cancelled", "已取消"),
    "due_past_at_release": ("its time had passed when the policy was released", "政策放行时已过提醒时间"),
    "due_past_deadline": ("it came too late to make sense", "错过时限，推送已无意义"),
    "due_amended": ("the policy was amended", "政策已修订"),
    "due_repealed": ("the policy was repealed", "政策已废止"),
    "due_not_released": ("no revision of it stands", "政策没有有效的放行版本"),
    "due_interpreted": ("an interpretation came", "已有解读"),
    "label_what": (
        "name a FILE to label, or many documents with --jsonl",
        "请给出要识别的 FILE，或用 --jsonl 给出多份文件",
    ),
    "label_out": ("say with --out where the labels go", "请用 --out 指定结果文件"),
    "label_over": ("--out {file} is the input: name another file", "--out {file} 是输入文件，请另取文件名"),
    "labelling": ("labelling", "识别中"),
    "labelled": ("{count} documents labelled, see {file}", "已识别 {count} 份，见 {file}"),
    "label_diff": (
        "{count} documents by rules {ours} and {other}: - is lost, + is won",
        "{count} 份文件，规则 {ours} 与 {other} 对比：- 减少，+ 增加",
    ),
    "col_id": ("id", "编号"),
    "col_change": ("change", "变化"),
    "col_dimension": ("dimension", "维度"),
    "col_code": ("code", "代码"),
    "col_name": ("name", "名称"),
    "col_weight": ("weight", "把握"),
    "col_origin": ("origin", "来源"),
    "col_rule": ("rule", "规则"),
    "col_quote": ("quote", "依据"),
    "col_fact": ("fact", "事实"),
    "col_value": ("value", "内容"),
    "col_label": ("label", "标签"),
    "col_points": ("points", "得分"),
    "col_needs": ("needs", "须得"),
    "col_from": ("from", "得分来自"),
    "col_word": ("word", "词语"),
    "col_blocked": ("counted for nothing", "未计入的原因"),
    "nothing": ("nothing", "无"),
    "table_labels": ("Labels", "标签"),
    "table_facts": ("Facts", "事实"),
    "table_conditions": ("Conditions", "条件"),
    "table_explanations": ("Interpretations and FAQs", "解读与常见问题"),
    "taken_away": ("taken away by a reviewer", "审查人已去掉"),
    "would_have": (
        "in the last {days} days you would have got {count} of {of} policies",
        "近 {days} 天会收到 {count} 条（共 {of} 条）",
    ),
    "not_all_kept": (
        "there were more than are kept to be asked; only the newest were looked at",
        "政策太多，只查了最近的一部分",
    ),
    "tried_day": ("pushed", "推送日期"),
    "tried_title": ("title", "标题"),
    "tried_why": ("because", "原因"),
    "over_not_open": (
        "it is not disclosed openly: nothing would be sent to the {count} subscribers whom it fits",
        "不是主动公开的文件：符合的 {count} 家一条也不会收到",
    ),
    "over_apply_window": (
        "its application window is over: nothing would be sent to the {count} subscribers whom it fits",
        "申报期已过：符合的 {count} 家一条也不会收到",
    ),
    "over_valid_until": (
        "its validity is over: nothing would be sent to the {count} subscribers whom it fits",
        "已过有效期：符合的 {count} 家一条也不会收到",
    ),
    "file_or_policy": (
        "give a file, or a published policy by --policy, one of the two",
        "请给出一个文件，或用 --policy 给出已发布的政策，二者取一",
    ),
    "held_back": ("would not go out at once, by reason and channel:", "不会马上发出的（按原因和渠道）："),
    "by_region": ("by region:", "按地区："),
    "by_industry": ("by industry (an enterprise may be in several):", "按行业（一家可能不止一个）："),
    "by_size": ("by size:", "按规模："),
    "more_rows": ("and {count} more", "另有 {count} 行"),
    "matched": ("would reach {count} subscribers", "预计覆盖 {count} 家"),
    "profile": ("profile", "登记信息"),
    "one_policy": (
        "{file}: a preview takes one policy, not {found}",
        "{file}：预览只接受一份政策，而不是 {found}",
    ),
    "backup_written": ("backup written to {path} ({bytes} bytes)", "备份已写入 {path}（{bytes} 字节）"),
    "backup_elsewhere": (
        "the backup lies on the service's machine at {path}; it could not be moved to {file}: {reason}",
        "备份在服务所在机器的 {path}；无法移动到 {file}：{reason}",
    ),
    "keys_apart": (
        "the master keys are not in it: keep ZHENGDA_MASTER_KEYS (or the key file in ZHENGDA_DATA) apart",
        "备份不含主密钥：请另行保管 ZHENGDA_MASTER_KEYS（或 ZHENGDA_DATA 中的密钥文件）",
    ),
    "restored": ("{rows} rows restored from the backup of {created}", "已从 {created} 的备份恢复 {rows} 行"),
    "html_is_mail": (
        "only a mail has HTML: --html goes with --channel email",
        "只有邮件有 HTML：--html 须与 --channel email 一起使用",
    ),
    "made_up": (
        "the reasons are made up from the policy's labels; --subscriber ID shows somebody's own",
        "推送原因由政策标签拟出；用 --subscriber ID 可查看某一订阅者的真实原因",
    ),
    "subject": ("subject", "主题"),
    "lacks": ("this message {what}", "此消息有缺项：{what}"),
    "saved": ("written to {file}", "已写入 {file}"),
    "not_saved": ("{file} cannot be written: {reason}", "{file} 无法写入：{reason}"),
    "running": ("the service runs (pid {pid}): stop it first", "服务正在运行（pid {pid}）：请先停止"),
}


def is_chinese(environ: Mapping[str, str]) -> bool:
    """Whether the locale asks for Chinese; the first of LC_ALL, LC_MESSAGES and LANG that is set decides."""
    wanted = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return wanted.lower().startswith("zh")


class Words:
    """The table in one language; ``chinese`` says which, for words that stand elsewhere."""

    def __init__(self, chinese: bool) -> None:
        self.chinese = chinese

    def __call__(self, name: str, **values: object) -> str:
        """Return the sentence ``name`` with ``values`` filled in."""
        return WORDS[name][self.chinese].format(**values)
