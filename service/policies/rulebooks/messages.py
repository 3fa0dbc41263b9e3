"""The sentences for every problem of a rulebook document."""

from collections.abc import Mapping

from service.policies.rulebooks.vocabulary.kinds import Label

# What deserves a look, but does not forbid publishing.
WARNINGS = frozenset(
    {"OTHERWISE_UNREACHABLE", "UNUSED_FACT", "UNUSED_PARAMETER", "OVERLAP", "POLICY_UNREAD"}
)

# What problems name that is neither the tenant's nor the vocabulary's word.
PHRASES: Mapping[str, Label] = {
    label.en: label
    for label in (
        Label("text", "文字", "文字"),
        Label("a table", "表格（名稱與內容）", "表格（名称与内容）"),
        Label("a list", "清單", "列表"),
        Label("a condition", "條件", "条件"),
        Label("a number", "數字", "数字"),
        Label("a whole number", "整數", "整数"),
        Label("a number or a number parameter", "數字或數字參數", "数字或数字参数"),
        Label(
            "a number, a word or a parameter; not a second fact",
            "數字、用詞或參數，不可為另一事實",
            "数字、用词或参数，不可为另一事实",
        ),
        Label(
            "a fact, a parameter, a number or a word",
            "事實、參數、數字或用詞",
            "事实、参数、数字或用词",
        ),
        Label("a parameter that holds a set of words", "含一組用詞的參數", "含一组用词的参数"),
        Label("a fact or a parameter with words", "有用詞的事實或參數", "有用词的事实或参数"),
        Label("this part", "此部分", "此部分"),
        Label("the line", "此行條件", "此行条件"),
        Label("the tests", "文件的測試", "文件的测试"),
        Label("the end of the line", "行末", "行末"),
        Label("the document", "文件", "文件"),
        Label("the rule", "規則", "规则"),
        Label("the test", "測試", "测试"),
        Label("a day such as 2026-01-31", "日期，如 2026-01-31", "日期，如 2026-01-31"),
        Label("a day after `from`", "晚於 from 的日期", "晚于 from 的日期"),
        Label("nothing given", "未給定任何事實", "未给定任何事实"),
    )
}

MESSAGES: Mapping[str, Label] = {
    "SUGGESTION": Label("Did you mean {word}?", "是否指 {word}？", "是否指 {word}？"),
    # the text itself
    "NOT_YAML": Label(
        "The text is no readable YAML: {reason}.",
        "文字不是可讀的 YAML：{reason}。",
        "文字不是可读的 YAML：{reason}。",
    ),
    "TOO_LARGE": Label(
        "The document is longer than {most} characters.",
        "文件超過 {most} 個字元。",
        "文件超过 {most} 个字符。",
    ),
    "TOO_DEEP": Label(
        "More than {most} levels inside one another.",
        "層級超過 {most} 層。",
        "层级超过 {most} 层。",
    ),
    "ALIAS_REFUSED": Label(
        "Anchors and aliases are not allowed; write the text out.",
        "不可使用錨點與別名，請完整寫出。",
        "不可使用锚点与别名，请完整写出。",
    ),
    "TAG_REFUSED": Label("Tags are not allowed.", "不可使用標籤。", "不可使用标签。"),
    "NOT_UTF8": Label(
        "The text is not UTF-8: byte {byte}.",
        "文字不是 UTF-8 編碼：位元組 {byte}。",
        "文字不是 UTF-8 编码：字节 {byte}。",
    ),
    "HIDDEN_CHARACTER": Label(
        "The character {character} cannot be seen; take it out.",
        "字元 {character} 無法看見，請刪除。",
        "字符 {character} 无法看见，请删除。",
    ),
    "NAME_CHARACTER": Label(
        "The name {name} contains {character}; a name is made of plain letters, digits, . _ + / - "
        "and Chinese characters.",
        "名稱 {name} 含有 {character}；名稱只可由基本拉丁字母、數字、. _ + / - 及漢字組成。",
        "名称 {name} 含有 {character}；名称只可由基本拉丁字母、数字、. _ + / - 及汉字组成。",
    ),
    "NAME_TOO_LONG": Label(
        "The name {name} is longer than {most} characters.",
        "名稱 {name} 超過 {most} 個字元。",
        "名称 {name} 超过 {most} 个字符。",
    ),
    "NUMBER_TOO_LARGE": Label(
        "A number is at most {most}.", "數字最大為 {most}。", "数字最大为 {most}。"
    ),
    "SEVERAL_DOCUMENTS": Label(
        "One text holds one document.", "一份文字只可有一份文件。", "一份文字只可有一份文件。"
    ),
    "DUPLICATE_KEY": Label("{key} is given twice.", "{key} 重複。", "{key} 重复。"),
    "KEY_NOT_TEXT": Label("A key must be a word.", "鍵必須是文字。", "键必须是文字。"),
    "WRONG_SHAPE": Label(
        "{key} must be {expected}.", "{key} 應為 {expected}。", "{key} 应为 {expected}。"
    ),
    "UNKNOWN_KEY": Label("{key} is not known here.", "此處不認識 {key}。", "此处不认识 {key}。"),
    "MISSING_KEY": Label(
        "{key} is missing in {what}.", "{what} 缺少 {key}。", "{what} 缺少 {key}。"
    ),
    # header and rotation
    "WRONG_POLICY": Label(
        "The document is a {found} policy; {expected} is needed.",
        "文件屬於 {found}，需要 {expected}。",
        "文件属于 {found}，需要 {expected}。",
    ),
    "UNKNOWN_ORDER": Label(
        "{order} is no order of a rotation.", "{order} 不是輪序方式。", "{order} 不是轮序方式。"
    ),
    # parameters
    "PARAMETER_MISSING": Label(
        "The parameter {name} is needed by the product.",
        "產品需要參數 {name}。",
        "产品需要参数 {name}。",
    ),
    "PARAMETER_UNKNOWN": Label(
        "There is no parameter {name}.", "沒有參數 {name}。", "没有参数 {name}。"
    ),
    "PARAMETER_UNBOUNDED": Label(
        "{name} needs min and max, or its words.",
        "{name} 需要 min 與 max，或列出用詞。",
        "{name} 需要 min 与 max，或列出用词。",
    ),
    "PARAMETER_WRONG_TYPE": Label(
        "{name} cannot be {value}; expected: {expected}.",
        "{name} 不可為 {value}；應為 {expected}。",
        "{name} 不可为 {value}；应为 {expected}。",
    ),
    "PARAMETER_OUT_OF_BOUNDS": Label(
        "{name} is {value}, outside {least} to {most}.",
        "{name} 為 {value}，超出 {least} 至 {most}。",
        "{name} 为 {value}，超出 {least} 至 {most}。",
    ),
    # conditions
    "CONDITION_UNREADABLE": Label(
        "The condition cannot be read at {found}.",
        "條件在 {found} 處無法解讀。",
        "条件在 {found} 处无法解读。",
    ),
    "TOO_COMPLEX": Label(
        "{what} is too complex to be checked; split it.",
        "{what} 過於複雜，無法檢查，請拆分。",
        "{what} 过于复杂，无法检查，请拆分。",
    ),
    "UNKNOWN_NAME": Label("{name} is not known.", "不認識 {name}。", "不认识 {name}。"),
    "WRONG_TYPE": Label(
        "{found} does not fit; expected: {expected}.",
        "{found} 不適用；應為 {expected}。",
        "{found} 不适用；应为 {expected}。",
    ),
    # rules
    "UNKNOWN_DECISION": Label(
        "There is no decision {name}.", "沒有決定 {name}。", "没有决定 {name}。"
    ),
    "MISSING_DECISION": Label(
        "The decision {name} is missing.", "缺少決定 {name}。", "缺少决定 {name}。"
    ),
    "MISSING_OTHERWISE": Label(
        "The decision {name} has no `otherwise`.",
        "決定 {name} 缺少 otherwise。",
        "决定 {name} 缺少 otherwise。",
    ),
    "DUPLICATE_ID": Label(
        "The rule id {id} is used twice.", "規則編號 {id} 重複。", "规则编号 {id} 重复。"
    ),
    "UNKNOWN_OUTCOME": Label(
        "{name} is no part of this outcome.", "結果中沒有 {name}。", "结果中没有 {name}。"
    ),
    "WRONG_OUTCOME": Label(
        "{name} cannot be {value}; expected: {expected}.",
        "{name} 不可為 {value}；應為 {expected}。",
        "{name} 不可为 {value}；应为 {expected}。",
    ),
    "MISSING_OUTCOME": Label(
        "The rule {id} does not say {name}.",
        "規則 {id} 未指明 {name}。",
        "规则 {id} 未指明 {name}。",
    ),
    "UNKNOWN_PLACEHOLDER": Label(
        "The sentence of {id} mentions {name}, which is not known here.",
        "{id} 的說明提到 {name}，此處沒有。",
        "{id} 的说明提到 {name}，此处没有。",
    ),
    "NEVER_MATCHES": Label(
        "The rule {id} can never match; this cannot be: {lines}.",
        "規則 {id} 永遠不會成立；不可能出現：{lines}。",
        "规则 {id} 永远不会成立；不可能出现：{lines}。",
    ),
    "SHADOWED": Label(
        "The rule {id} is never reached: {earlier} always matches before it.",
        "規則 {id} 永遠輪不到：{earlier} 總是先成立。",
        "规则 {id} 永远轮不到：{earlier} 总是先成立。",
    ),
    "TOO_MANY_RULES": Label(
        "The decision {name} has more than {most} rules.",
        "決定 {name} 超過 {most} 條規則。",
        "决定 {name} 超过 {most} 条规则。",
    ),
    "TOO_MANY_LINES": Label(
        "The document has more than {most} condition lines.",
        "文件超過 {most} 行條件。",
        "文件超过 {most} 行条件。",
    ),
    "TOO_MANY_PARTS": Label(
        "More than {most} entries under {what}.",
        "{what} 超過 {most} 項。",
        "{what} 超过 {most} 项。",
    ),
    # tests
    "UNKNOWN_RULE": Label(
        "The test expects {id}, which is no rule of {name}.",
        "測試預期 {id}，但 {name} 沒有此規則。",
        "测试预期 {id}，但 {name} 没有此规则。",
    ),
    "UNTESTED_RULE": Label(
        "No test of the document expects the rule {id}.",
        "文件中沒有測試預期規則 {id}。",
        "文件中没有测试预期规则 {id}。",
    ),
    "TEST_FAILS": Label(
        "This test of {decision} expects {expected}; the rules answer {answered}.",
        "此項 {decision} 測試預期 {expected}，規則的結果為 {answered}。",
        "此项 {decision} 测试预期 {expected}，规则的结果为 {answered}。",
    ),
    # warnings
    "OTHERWISE_UNREACHABLE": Label(
        "The `otherwise` of {name} is never reached: the rules before it take every case.",
        "{name} 的 otherwise 永遠輪不到：前面的規則已涵蓋所有情形。",
        "{name} 的 otherwise 永远轮不到：前面的规则已涵盖所有情形。",
    ),
    "UNUSED_FACT": Label(
        "No rule of {decision} asks about {name}.",
        "{decision} 沒有規則用到 {name}。",
        "{decision} 没有规则用到 {name}。",
    ),
    "POLICY_UNREAD": Label(
        "Nothing is decided by a rulebook {name} yet: it can be kept, tested and published, and "
        "changes nothing.",
        "目前尚無功能依 {name} 規則裁定：可保存、測試及發布，但不影響任何結果。",
        "目前尚无功能依 {name} 规则裁定：可保存、测试及发布，但不影响任何结果。",
    ),
    "UNUSED_PARAMETER": Label(
        "Nothing reads the parameter {name}.",
        "參數 {name} 未被使用。",
        "参数 {name} 未被使用。",
    ),
    "OVERLAP": Label(
        "{id} and {other} both match when {when}; {id} decides, as it stands first, and no test "
        "says so.",
        "{when} 時，{id} 與 {other} 同時成立；{id} 在前，由其決定，但沒有測試寫明。",
        "{when} 时，{id} 与 {other} 同时成立；{id} 在前，由其决定，但没有测试写明。",
    ),
}
