"""Documents that somebody sends to break the reader or to keep it busy; by what they try."""

from collections.abc import Callable
from functools import cache

from rulebook_desk import PARAMS, a_rule, the_text

FIFTY = ", ".join(["OLD", *(f"W{n}" for n in range(49))])
SAYS = "{{en: '{}', zh-Hant: 來, zh-Hans: 来}}"
TANGLED = " or ".join(
    f"(waited > {n} and visitor in params.guests and waited < {n + 40})" for n in range(0, 110, 3)
)
WIDE_LINE = "waited > 5 and (" + " or ".join(f"waited is {n % 120}" for n in range(80)) + ")"


def many_rules(count: int) -> str:
    return the_text(*(a_rule(f"R-{n}", f"waited is {n % 120}") for n in range(count)))


def many_tests(count: int) -> str:
    return "".join(
        f"\n  - {{decision: greet, given: {{waited: {n % 120}}}, expect: {{rule: OTHER}}}}"
        for n in range(count)
    )


# What is tried, the text, and the code of the first problem.
TEXTS: dict[str, tuple[Callable[[], str], str]] = {
    "ten megabytes": (lambda: the_text() + "# " + "x" * 10_000_000, "TOO_LARGE"),
    "ten megabytes of lines": (lambda: "a: b\n" * 2_000_000, "TOO_LARGE"),
    "ten thousand rules": (lambda: many_rules(10_000), "TOO_LARGE"),
    "a hundred and one rules": (lambda: many_rules(101), "TOO_MANY_RULES"),
    "deep lists": (lambda: "a: " + "[" * 200_000, "TOO_DEEP"),
    "deep tables": (lambda: "a: " + "{a: " * 60_000, "TOO_DEEP"),
    "deep dashes": (lambda: "- " * 100_000, "TOO_DEEP"),
    "deep indentation": (
        lambda: "\n".join(" " * n + "a:" for n in range(600)),
        "TOO_DEEP",
    ),
    "deep questions": (lambda: "? " * 100_000, "TOO_DEEP"),
    "anchors": (lambda: "a: " + "&a " * 80_000, "ALIAS_REFUSED"),
    "aliases that multiply": (
        lambda: "a: &a [x, x]\n" + "".join(f"{c}: &{c} [*a, *a]\n" for c in "bcdefghij"),
        "ALIAS_REFUSED",
    ),
    "a merge": (lambda: "<<: {policy: desk}\n" + the_text(), "NAME_CHARACTER"),
    "a merge of an anchor": (lambda: "a: &a {b: c}\nd:\n  <<: *a\n", "ALIAS_REFUSED"),
    "a tag": (lambda: "policy: !!python/object/apply:os.system [ls]", "TAG_REFUSED"),
    "a tag of one's own": (lambda: "policy: !desk desk", "TAG_REFUSED"),
    "a tag for text": (lambda: "policy: !!str desk", "TAG_REFUSED"),
    "a directive": (lambda: "%TAG ! tag:x,2000:\n---\npolicy: !a b", "TAG_REFUSED"),
    "a key twice": (lambda: the_text() + "policy: other\n", "DUPLICATE_KEY"),
    "a key twice, once quoted": (lambda: the_text() + '"policy": other\n', "DUPLICATE_KEY"),
    "keys without end": (
        lambda: "".join(f"k{n}: v\n" for n in range(20_000)),
        "TOO_MANY_PARTS",
    ),
    "a long sentence": (
        lambda: the_text().replace("en: Desk", "en: " + "x" * 250_000),
        "UNTESTED_RULE",
    ),
    "a sentence of many lines": (
        lambda: the_text().replace("en: Desk", "en: " + "x\n   " * 50_000 + "'"),
        "UNTESTED_RULE",
    ),
    "a sentence of escapes": (
        lambda: the_text().replace("en: Desk", 'en: "' + "\\x41" * 60_000 + '"'),
        "UNTESTED_RULE",
    ),
    "a condition of quotation marks": (
        lambda: the_text(a_rule("R-1", "'" + "''" * 100_000 + "'")),
        "CONDITION_UNREADABLE",
    ),
    "a control character, escaped": (
        lambda: the_text().replace("en: Desk", 'en: "De\\x1b[31msk"'),
        "NOT_YAML",
    ),
    "writing turned round, escaped": (
        lambda: the_text().replace("en: Desk", 'en: "De\\u202esk"'),
        "HIDDEN_CHARACTER",
    ),
    "a long name": (lambda: "x" * 5_000 + ": 1", "NOT_YAML"),
    "a name of two hundred letters": (lambda: "x" * 200 + ": 1", "NAME_TOO_LONG"),
    "tabs for indentation": (lambda: "policy: desk\nparams:\n\ta: {value: 1}", "NOT_YAML"),
    "a nought byte": (lambda: the_text().replace("Desk", "De\0sk"), "NOT_YAML"),
    "a control character": (lambda: the_text().replace("Desk", "De\x1b[31msk"), "NOT_YAML"),
    "half a pair": (lambda: the_text().replace("Desk", "De\ud83dsk"), "NOT_YAML"),
    "half a pair, escaped": (
        lambda: the_text().replace("en: Desk", 'en: "De\\ud83dsk"'),
        "NOT_YAML",
    ),
    "nothing seen": (lambda: the_text(a_rule("R-1", "rep\u200b_free")), "HIDDEN_CHARACTER"),
    "nothing seen, escaped": (
        lambda: the_text(a_rule("R-1", '"rep\\u200b_free"')),
        "HIDDEN_CHARACTER",
    ),
    "writing turned round": (
        lambda: the_text(a_rule("R-1\u202e", "rep_free")),
        "HIDDEN_CHARACTER",
    ),
    "returns for line ends": (lambda: the_text().replace("\n", "\r"), "HIDDEN_CHARACTER"),
    "another line's end": (lambda: the_text().replace("Desk", "De\u2028sk"), "HIDDEN_CHARACTER"),
    "a letter that looks alike in a key": (
        lambda: the_text().replace("industry", "industr\u0443"),
        "NAME_CHARACTER",
    ),
    "a letter that looks alike in a condition": (
        lambda: the_text(a_rule("R-1", "rep_fr\u0435e")),
        "NAME_CHARACTER",
    ),
    "a letter that looks alike in an id": (
        lambda: the_text(a_rule("\u0420-1", "rep_free"), a_rule("P-1", "knows_rep")),
        "NAME_CHARACTER",
    ),
    "a letter that looks alike in a word": (
        lambda: the_text(params=PARAMS.replace("[REP, MANAGER]", "[REP, \u039cANAGER]")),
        "NAME_CHARACTER",
    ),
    "wide letters": (
        lambda: the_text(a_rule("R-1", "\uff52\uff45\uff50_free")),
        "NAME_CHARACTER",
    ),
    "a letter in two parts": (
        lambda: the_text().replace("industry:", "industrie\u0301:"),
        "NAME_CHARACTER",
    ),
    "deep parentheses": (lambda: the_text(a_rule("R-1", "(" * 5_000 + "rep_free")), "TOO_COMPLEX"),
    "not without end": (lambda: the_text(a_rule("R-1", "not " * 190 + "rep_free")), "TOO_COMPLEX"),
    "a line without end": (
        lambda: the_text(a_rule("R-1", " and ".join(["rep_free"] * 20_000))),
        "TOO_COMPLEX",
    ),
    "a number without end": (
        lambda: the_text(a_rule("R-1", "waited > " + "9" * 100_000)),
        "CONDITION_UNREADABLE",
    ),
    "a parameter without end": (
        lambda: the_text(params=PARAMS.replace("value: 10,", f"value: {'9' * 100_000},")),
        "PARAMETER_WRONG_TYPE",
    ),
    "a bound without end": (
        lambda: the_text(params=PARAMS.replace("max: 60", f"max: {'9' * 5_000}", 1)),
        "PARAMETER_WRONG_TYPE",
    ),
    "parameters without shape": (
        lambda: the_text(params=PARAMS + "".join(f"\n  k{n}: {{value: 1}}" for n in range(900))),
        "MISSING_KEY",
    ),
    "names that are all unknown": (
        lambda: the_text(
            a_rule("R-1", *(f"params.patience{n} > 3" for n in range(500))),
            params=PARAMS
            + "".join(
                f"\n  patiense{n}: {{value: 1, min: 0, max: 9, source: 一}}" for n in range(190)
            ),
        ),
        "UNKNOWN_NAME",
    ),
    "placeholders that are all unknown": (
        lambda: the_text(
            *(a_rule(f"R-{n}", "rep_free", says=SAYS.format("{reb}" * 400)) for n in range(90))
        ),
        "UNKNOWN_PLACEHOLDER",
    ),
    "tests that are all wrong": (
        lambda: the_text(
            tests="".join(
                f"\n  - {{decision: great{n}, given: {{}}, expect: {{}}}}" for n in range(1_000)
            )
        ),
        "UNKNOWN_DECISION",
    ),
    "a test that knows no fact": (
        lambda: the_text(
            tests="\n  - {decision: greet, expect: {}, given: {"
            + ", ".join(f"visitor{n}: OLD" for n in range(1_000))
            + "}}"
        ),
        "UNKNOWN_NAME",
    ),
    "a test that knows no parameter": (
        lambda: the_text(
            tests="\n  - {decision: greet, expect: {}, given: {}, params: {"
            + ", ".join(f"patience{n}: 1" for n in range(1_000))
            + "}}"
        ),
        "PARAMETER_UNKNOWN",
    ),
    "words without end": (
        lambda: the_text(
            params=PARAMS
            + f"\n  wide: {{value: [], source: 一, words: {[f'W{n}' for n in range(900)]}}}"
        ),
        "TOO_MANY_PARTS",
    ),
    "sets of many words": (
        lambda: the_text(
            a_rule("R-1", *(f"visitor in params.set{n}" for n in range(4))),
            params=PARAMS
            + "".join(f"\n  set{n}: {{value: [], source: 一, words: [{FIFTY}]}}" for n in range(4)),
        ),
        "TOO_COMPLEX",
    ),
    "conditions that cannot be told apart": (
        lambda: the_text(*(a_rule(f"R-{n}", f"waited is {n}", TANGLED) for n in range(25))),
        "TOO_COMPLEX",
    ),
    "choices that multiply": (
        lambda: the_text(
            a_rule("R-1", " and ".join(f"params.k{n}" for n in range(60))),
            *(
                a_rule(
                    f"R-{50 + turn}",
                    " or ".join(
                        f"params.k{n} and params.k{30 + (n + turn) % 30}" for n in range(30)
                    ),
                )
                for turn in range(20)
            ),
            params=PARAMS + "".join(f"\n  k{n}: {{value: false, source: 一}}" for n in range(60)),
        ),
        "TOO_COMPLEX",
    ),
    "tests that all ask everything": (
        lambda: the_text(
            *(a_rule(f"R-{n}", WIDE_LINE) for n in range(90)), tests=many_tests(1_000)
        ),
        "TOO_COMPLEX",
    ),
}


@cache
def text_of(name: str) -> str:
    """Return a hostile text, made once."""
    return TEXTS[name][0]()
