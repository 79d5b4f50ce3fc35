"""What a command did, found, waits for or remarks: name → English and Chinese."""

RESULTS: dict[str, tuple[str, str]] = {
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
    "no_text": (
        "{file}: there is no text; only what its title, issuer and region say is read",
        "{file}：没有正文，只能依据标题、机构与地区识别",
    ),
    "waits_for_release": (
        "policy {policy} waits for a reviewer's release: zhengda release {policy} "
        "(waiting for at most {timeout:g} s; Ctrl-C ends only the waiting)",
        "政策 {policy} 待审查人放行：zhengda release {policy}（最多等待 {timeout:g} 秒；按 Ctrl-C 只结束等待）",
    ),
    "wait_for_release": (
        "{count} policies wait for a reviewer's release ({policies}): zhengda release POLICY for each "
        "(waiting for at most {timeout:g} s; Ctrl-C ends only the waiting)",
        "{count} 份政策待审查人放行（{policies}）：请逐份 zhengda release POLICY"
        "（最多等待 {timeout:g} 秒；按 Ctrl-C 只结束等待）",
    ),
    "published": ("{policy_id} revision {revision}: accepted", "{policy_id} 第 {revision} 版：已受理"),
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
    "exported": (
        "everything held about {id} is in {file}, contacts in the clear: only its owner may read it",
        "{id} 的全部数据已写入 {file}，含联系方式明文，仅文件所有者可读",
    ),
    "erased": ("{id} is erased; its ledger rows stay under the bare id", "{id} 已删除；推送台账只保留编号"),
    "vouched": (
        "{what} of {id} is confirmed: targeted policies name it from now on",
        "{id} 的{what}已确认，今后计入定向公开范围",
    ),
    "not_vouched": (
        "{what} of {id} is no longer confirmed: targeted policies name it no more",
        "{id} 的{what}已取消确认，不再计入定向公开范围",
    ),
    "what_code": ("the credit code {which}", "统一社会信用代码 {which}"),
    "what_membership": ("the membership in {which}", "会员身份（{which}）"),
    "imported": (
        "{rows} rows read: {count} subscribers in, {refused} rows refused",
        "共读 {rows} 行：导入 {count} 家，拒绝 {refused} 行",
    ),
    "asked_to_confirm": (
        "{count} addresses without consent are asked to confirm; until then nothing else goes to them",
        "{count} 个未附同意的联系方式将收到确认请求；确认之前不再向其发送任何内容",
    ),
    "key_once": ("shown once, keep it now", "仅显示一次，请立即保存"),
    "revoked": ("key {key} revoked", "密钥 {key} 已吊销"),
    "rewrapped": (
        "{keys} keys wrapped by the newest master key; older ones may leave ZHENGDA_MASTER_KEYS; old backups need them",
        "{keys} 个密钥已改由最新主密钥加密；旧主密钥可从 ZHENGDA_MASTER_KEYS 中移除，但恢复旧备份仍需要它们",
    ),
    "replayed": ("dead letter {id} replayed", "死信 {id} 已重放"),
    "labelling": ("labelling", "识别中"),
    "labelled": ("documents labelled: {count}, see {file}", "已识别 {count} 份，见 {file}"),
    "label_diff": (
        "documents that get other labels by the rules in {where} ({other}) than by those in use ({ours}): "
        "{changed} of {count}",
        "按 {where} 的规则（{other}）与现行规则（{ours}）相比，标签有变化的文件：{changed} 份，共 {count} 份",
    ),
    "would_have": (
        "in the last {days} days you would have got {count} of {of} policies",
        "近 {days} 天会收到 {count} 条（共 {of} 条）",
    ),
    "not_all_kept": (
        "there were more than are kept to be asked; only the newest were looked at",
        "政策太多，只查了最近的一部分",
    ),
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
    "held_back": ("would not go out at once, by reason and channel:", "不会马上发出的（按原因和渠道）："),
    "unconfirmed": (
        "would be named, too, by what they entered themselves and nobody has confirmed:",
        "另有自己填写或自己加入、尚未核实的（核实之后才算点名对象）：",
    ),
    "more_rows": ("and {count} more", "另有 {count} 行"),
    "matched": ("would reach {count} subscribers", "预计覆盖 {count} 家"),
    "backup_written": ("backup written to {path} ({bytes} bytes)", "备份已写入 {path}（{bytes} 字节）"),
    "keys_apart": (
        "the master keys are not in it: keep ZHENGDA_MASTER_KEYS (or the key file in ZHENGDA_DATA) apart",
        "备份不含主密钥：请另行保管 ZHENGDA_MASTER_KEYS（或 ZHENGDA_DATA 中的密钥文件）",
    ),
    "restored": ("{rows} rows restored from the backup of {created}", "已从 {created} 的备份恢复 {rows} 行"),
    "made_up": (
        "the reasons are made up from the policy's labels; --subscriber ID shows somebody's own",
        "推送原因由政策标签拟出；用 --subscriber ID 可查看某一订阅者的真实原因",
    ),
    "lacks": ("this message {what}", "此消息有缺项：{what}"),
    "saved": ("written to {file}", "已写入 {file}"),
}
