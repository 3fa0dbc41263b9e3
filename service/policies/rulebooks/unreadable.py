"""What libyaml says of a text it cannot read, in words for people."""

from collections.abc import Mapping

from service.policies.rulebooks.vocabulary.kinds import Label

TAB = "found a tab character that violates indentation"

_TAB = Label(
    "a tab stands where blanks must indent",
    "縮排須用空格，此處為定位字元",
    "缩进须用空格，此处为制表符",
)
_NO_COLON = Label("a `:` is missing", "缺少「:」", "缺少“:”")
_INDENTED = Label(
    "the indentation does not fit what stands above",
    "縮排與上文不符",
    "缩进与上文不符",
)
_ESCAPE = Label(
    "the escape after the backslash is none", "反斜線後的跳脫無效", "反斜线后的转义无效"
)
_ENDED = Label("the text ends too early", "文字提前結束", "文字提前结束")
_MISPLACED = Label(
    "a `:` or `-` stands where no new entry can begin",
    "此處不可開始新的項目（「:」或「-」）",
    "此处不可开始新的项目（“:”或“-”）",
)
_DIRECTIVE = Label(
    "directives (%) are of no use here", "此處不可使用指令（%）", "此处不可使用指令（%）"
)

YAML_FAULTS: Mapping[str, Label] = {
    TAB: _TAB,
    "found a tab character where an indentation space is expected": _TAB,
    "could not find expected ':'": _NO_COLON,
    "did not find expected key": _INDENTED,
    "did not find expected '-' indicator": _INDENTED,
    "did not find expected <document start>": _INDENTED,
    "did not find expected ',' or ']'": Label(
        "a `,` or `]` is missing", "缺少「,」或「]」", "缺少“,”或“]”"
    ),
    "did not find expected ',' or '}'": Label(
        "a `,` or `}` is missing", "缺少「,」或「}」", "缺少“,”或“}”"
    ),
    "did not find expected node content": Label("a value is missing", "缺少內容", "缺少内容"),
    "mapping values are not allowed in this context": _MISPLACED,
    "mapping keys are not allowed in this context": _MISPLACED,
    "block sequence entries are not allowed in this context": _MISPLACED,
    "found unexpected ':'": _MISPLACED,
    "found character that cannot start any token": Label(
        "no value begins with this character unless it is quoted",
        "內容不可以此字元開頭，除非加引號",
        "内容不可以此字符开头，除非加引号",
    ),
    "found unexpected end of stream": Label(
        "a quotation mark is not closed", "引號未結束", "引号未结束"
    ),
    "found unexpected document indicator": _ENDED,
    "found unknown escape character": _ESCAPE,
    "found invalid Unicode character escape code": _ESCAPE,
    "did not find expected hexdecimal number": _ESCAPE,
    "did not find expected alphabetic or numeric character": Label(
        "a name is missing after `&` or `*`; quote the text if it begins so",
        "「&」或「*」後缺少名稱；文字若以此開頭請加引號",
        "“&”或“*”后缺少名称；文字若以此开头请加引号",
    ),
    "did not find expected comment or line break": Label(
        "nothing but a comment can stand here", "此處只可有註解", "此处只可有注释"
    ),
    "found undefined tag handle": _DIRECTIVE,
    "found unknown directive name": _DIRECTIVE,
    "found duplicate %YAML directive": _DIRECTIVE,
    "found duplicate %TAG directive": _DIRECTIVE,
    "found incompatible YAML document": _DIRECTIVE,
    "found extremely long version number": _DIRECTIVE,
    "syntax": Label("its form is wrong", "格式有誤", "格式有误"),
}
