"""Why a command could not be carried out, and what to do about it: name → English and Chinese."""

FAILURES: dict[str, tuple[str, str]] = {
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
    "web_page": (
        "{file}: this is a web page; open it in a browser, copy the text of the policy into a file and label that",
        "{file}：这是网页；请用浏览器打开，把政策正文复制到文本文件，再识别",
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
    "doubt_region": (
        "region: {region} names no place and was left out; write a code such as 310117, or its name, 上海市松江区",
        "region：没有名为 {region} 的地区，未予采用；请写代码，例如 310117，或名称，例如 上海市松江区",
    ),
    "doubt_id": (
        "id: {id} was there before, in line {line}; both are labelled, under the same id",
        "id：{id} 与第 {line} 行相同；两份都已识别，编号相同",
    ),
    "no_file": ("there is no file {file}", "没有文件 {file}"),
    "directory": ("{file} is a directory; name a file in it", "{file} 是目录；请指定其中的文件"),
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
    "not_releasable": (
        "policy {policy} revision {revision} cannot be released: it is {state}",
        "政策 {policy} 第 {revision} 版不能放行：当前为 {state}",
    ),
    "ended": (
        "policy {policy} will not be delivered: it is {state}",
        "政策 {policy} 不会推送：当前为 {state}",
    ),
    "one_item": ("name either --interpretation or --faq", "--interpretation 与 --faq 只能指定一个"),
    "file_or_url": (
        "name the text with --file, the address with --url, or both",
        "请用 --file 给出正文，或用 --url 给出网址，也可两者都给",
    ),
    "cannot_write": ("{file} cannot be written: {reason}", "无法写入 {file}：{reason}"),
    "erase_sure": (
        "erasing {id} cannot be undone; add --yes if it is meant",
        "删除 {id} 无法撤销；确实要删除请加 --yes",
    ),
    "one_to_confirm": (
        "name what is confirmed: the credit code that was looked into, or --association ID",
        "请指明确认什么：核实过的统一社会信用代码，或用 --association 指明协会商会",
    ),
    "import_refused": (
        "{count} rows refused, see {file}: correct it and import it (first: line {line}: {reason})",
        "{count} 行被拒绝，见 {file}，更正后可再次导入（首条：第 {line} 行：{reason}）",
    ),
    "refused_is_file": (
        "{file}: the refused rows would be written over the list that is read; give --refused another name",
        "{file}：被拒绝的行会覆盖正在读取的名单，请为 --refused 指定其他文件名",
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
    "label_what": (
        "name a FILE to label, or many documents with --jsonl",
        "请给出要识别的 FILE，或用 --jsonl 给出多份文件",
    ),
    "label_diff_out": (
        "--diff prints what it finds: leave --out away",
        "--diff 的结果直接打印：请去掉 --out",
    ),
    "label_each_says": (
        "{options}: each line of --jsonl says for itself what it is; leave it away",
        "{options}：--jsonl 的每一行自带这些内容，请去掉",
    ),
    "label_not_told": (
        "{options}: --out writes labels and facts and prints none; leave it away",
        "{options}：--out 只写标签与事实，不打印，请去掉",
    ),
    "label_diff_tells": (
        "{options}: --diff tells only which labels change; leave it away",
        "{options}：--diff 只列出有变化的标签，请去掉",
    ),
    "no_day": (
        "{option}: {day} is no day such as 2026-03-01",
        "{option}：{day} 不是日期，请写作 2026-03-01",
    ),
    "label_out": ("say with --out where the labels go", "请用 --out 指定结果文件"),
    "rules_copied": (
        "({directory} is a copy of the rules that ship: name a directory that holds only what your office adds, "
        "in files of the same names)",
        "（{directory} 是随附规则的整份副本：请改用只含本单位新增内容的目录，文件名与随附规则相同）",
    ),
    "label_over": ("--out {file} is the input: name another file", "--out {file} 是输入文件，请另取文件名"),
    "file_or_policy": (
        "give a file, or a published policy by --policy, one of the two",
        "请给出一个文件，或用 --policy 给出已发布的政策，二者取一",
    ),
    "one_policy": (
        "{file}: a preview takes one policy, not {found}",
        "{file}：预览只接受一份政策，而不是 {found}",
    ),
    "backup_elsewhere": (
        "the backup lies on the service's machine at {path}; it could not be moved to {file}: {reason}",
        "备份在服务所在机器的 {path}；无法移动到 {file}：{reason}",
    ),
    "html_is_mail": (
        "only a mail has HTML: --html goes with --channel email",
        "只有邮件有 HTML：--html 须与 --channel email 一起使用",
    ),
    "running": ("the service runs (pid {pid}): stop it first", "服务正在运行（pid {pid}）：请先停止"),
}
