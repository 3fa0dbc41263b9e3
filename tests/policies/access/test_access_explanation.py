"""The sentences: what grants, what forbids, or what came nearest."""

from uuid import UUID

import pytest

from service.policies.access import ACTIONS, Holding, PolicyRow, Record
from service.policies.access.says import Says
from service.policies.access.sentences import Hearer, worded

CORRECT = "follow_up.correct"
FOUR_EYES = PolicyRow("*", "deal", "record", "requested", effect="deny")
DISCOUNT = PolicyRow("d:supervision", "deal", "record", "territory", "discount_bp<=300")


def corrects(scope: str, duty: str = "d:supervision", effect: str = "allow") -> PolicyRow:
    return PolicyRow(duty, "follow_up", "correct", scope, effect=effect)


def told(compiled, actor, record, action=CORRECT):
    answers = [
        compiled.explain(actor, action, record, locale) for locale in ("en", "zh-Hant", "zh-Hans")
    ]
    assert len({answer.allowed for answer in answers}) == 1
    assert answers[0].allowed is bool(compiled.check(actor, action, record))
    return answers[0].allowed, *(answer.sentence for answer in answers)


def test_the_granting_duty_its_role_and_its_scope_are_named(showroom):
    compiled = showroom.compiled(corrects("territory"))
    manager = showroom.actor(Holding("r:manager", None, showroom.china))

    assert told(compiled, manager, Record(territory_id=showroom.huating)) == (
        True,
        "Duty “Inspection” of role “Sales manager” lets you correct follow-ups in your territory.",
        "角色「售樓經理」的職責「登記本檢查」准許您在本轄區更正跟進記錄。",
        "角色“售楼经理”的职责“登记本检查”准许您在本辖区更正跟进记录。",
    )
    answer = compiled.explain(manager, CORRECT, Record(territory_id=showroom.huating), "en")
    assert (answer.duty, answer.role, answer.acts_as) == ("d:supervision", "r:manager", None)


def test_a_delegate_reads_that_he_stands_in(showroom):
    compiled = showroom.compiled(corrects("own"))
    stands_in = Holding("r:manager", acts_as=showroom.li, commands=frozenset({CORRECT}))

    assert told(compiled, showroom.actor(stands_in), Record(showroom.li)) == (
        True,
        "You stand in for a colleague: duty “Inspection” of role “Sales manager” lets you "
        "correct follow-ups for that colleague's records.",
        "您代理同事：角色「售樓經理」的職責「登記本檢查」准許您對該同事的記錄更正跟進記錄。",
        "您代理同事：角色“售楼经理”的职责“登记本检查”准许您对该同事的记录更正跟进记录。",
    )


def test_ones_own_right_is_told_before_a_delegated_one(showroom):
    compiled = showroom.compiled(corrects("tenant"))
    stands_in = Holding("r:manager", acts_as=showroom.li, commands=frozenset({CORRECT}))

    answer = compiled.explain(
        showroom.actor(stands_in, Holding("r:manager")), CORRECT, Record(), "en"
    )

    assert answer.acts_as is None


@pytest.mark.parametrize(
    ("scope", "where", "but"),
    [
        ("own", "for your own records", "this one is another's"),
        ("team", "in your team", "this one belongs to another team"),
        ("territory", "in your territory", "this one lies outside it"),
    ],
)
def test_the_nearest_scope_is_told_when_the_record_lies_outside(showroom, scope, where, but):
    compiled = showroom.compiled(corrects(scope), corrects("own", "d:reception"))
    both = showroom.actor(Holding("r:rep"), Holding("r:manager", showroom.north, showroom.huating))

    allowed, english, traditional, _ = told(compiled, both, Record(showroom.li, showroom.south))

    assert not allowed
    assert english.endswith(f"lets you correct follow-ups {where}; {but}.")
    assert "只准許您" in traditional


def test_a_limit_is_told_with_the_figure_that_breaks_it(showroom):
    compiled = showroom.compiled(DISCOUNT)
    manager = showroom.actor(Holding("r:manager", None, showroom.china))
    record = Record(territory_id=showroom.china, figures={"discount_bp": 450})

    assert told(compiled, manager, record, "deal.record") == (
        False,
        "Duty “Inspection” of role “Sales manager” lets you record deals in your territory, "
        "with a discount (in basis points) of at most 300; here it is 450.",
        "角色「售樓經理」的職責「登記本檢查」准許您在本轄區登記成交，"
        "折讓（基點）不超過 300；此處為 450。",
        "角色“售楼经理”的职责“登记本检查”准许您在本辖区登记成交，"
        "折让（基点）不超过 300；此处为 450。",
    )


def test_a_missing_figure_is_told_as_missing(showroom):
    compiled = showroom.compiled(DISCOUNT)
    manager = showroom.actor(Holding("r:manager", None, showroom.china))

    _, english, _, _ = told(compiled, manager, Record(territory_id=showroom.china), "deal.record")

    assert english.endswith("of at most 300; here none is recorded.")


def test_four_eyes_is_told_for_oneself_and_for_the_absent_colleague(showroom):
    compiled = showroom.compiled(PolicyRow("d:supervision", "deal", "record", "tenant"), FOUR_EYES)
    stands_in = Holding("r:rep", acts_as=showroom.li, commands=frozenset({CORRECT}))
    manager = showroom.actor(Holding("r:manager"), stands_in)

    own = told(compiled, manager, Record(requester_id=showroom.wang), "deal.record")
    absent = told(compiled, manager, Record(requester_id=showroom.li), "deal.record")

    assert own == (
        False,
        "You asked for this yourself, so you may not record deals here: "
        "it takes another pair of eyes.",
        "此項由您本人提出，不能由您登記成交，須由他人處理。",
        "此项由您本人提出，不能由您登记成交，须由他人处理。",
    )
    assert absent[1].startswith("A colleague you stand in for asked for this")
    assert told(compiled, manager, Record(), "deal.record")[0]


def test_a_forbidding_duty_is_told_before_anything_that_grants(showroom):
    compiled = showroom.compiled(corrects("tenant"), corrects("team", "d:reception", effect="deny"))
    both = showroom.actor(Holding("r:manager"), Holding("r:rep", showroom.north))

    assert told(compiled, both, Record(None, showroom.site)) == (
        False,
        "Duty “Reception” of role “Sales rep” forbids you to correct follow-ups in your team.",
        "角色「銷售代表」的職責「按輪序接待」禁止您在本團隊更正跟進記錄。",
        "角色“销售代表”的职责“按轮序接待”禁止您在本团队更正跟进记录。",
    )
    assert told(compiled, both, Record(None, showroom.south))[0]


def test_a_command_the_delegation_does_not_list_is_told_so(showroom):
    compiled = showroom.compiled(corrects("tenant"))
    stands_in = Holding("r:manager", acts_as=showroom.li, commands=frozenset({"visit.view"}))

    _, english, traditional, _ = told(compiled, showroom.actor(stands_in), Record())

    assert english == (
        "You stand in for a colleague who may correct follow-ups, "
        "but the delegation does not list it."
    )
    assert traditional == "您所代理的同事可以更正跟進記錄，但授權代理未列出此項。"


def test_who_holds_no_such_duty_reads_which_duty_would_do(showroom):
    compiled = showroom.compiled(
        corrects("own"), corrects("own", "d:reception"), corrects("own", "d:direction")
    )

    assert told(compiled, showroom.actor(), Record()) == (
        False,
        "None of your duties lets you correct follow-ups; "
        "this would: “銷售統籌”, “Reception”, “Inspection”.",
        "您的職責中沒有一項准許更正跟進記錄；具備以下職責者可以：「銷售統籌」、「按輪序接待」、「登記本檢查」。",
        "您的职责中没有一项准许更正跟进记录；具备以下职责者可以：“銷售統籌”、“按轮序接待”、“登记本检查”。",
    )
    nobody = showroom.compiled()
    assert told(nobody, showroom.actor(), Record())[1] == (
        "None of your duties lets you correct follow-ups."
    )


def test_another_tenants_member_learns_nothing(showroom):
    compiled = showroom.compiled(
        corrects("tenant"), PolicyRow("d:supervision", "deal", "record", "tenant"), FOUR_EYES
    )
    stranger = showroom.actor(Holding("r:manager"), tenant=UUID(int=2))

    assert told(compiled, stranger, Record())[1] == (
        "None of your duties lets you correct follow-ups."
    )
    four_eyes = told(compiled, stranger, Record(requester_id=showroom.wang), "deal.record")
    assert four_eyes[1] == "None of your duties lets you record deals."


def test_without_a_record_the_question_is_whether_one_holds_it_anywhere(showroom):
    compiled = showroom.compiled(
        corrects("own"), corrects("team", "d:reception", effect="deny"), DISCOUNT, FOUR_EYES
    )
    manager = showroom.actor(Holding("r:manager"))

    assert told(compiled, manager, None)[0]
    assert told(compiled, showroom.actor(Holding("r:manager"), Holding("r:rep")), None)[0]
    assert told(compiled, manager, None, "deal.record")[0]
    nowhere = showroom.compiled(corrects("own"), corrects("tenant", "d:reception", effect="deny"))
    both = showroom.actor(Holding("r:manager"), Holding("r:rep"))
    assert not told(nowhere, both, None)[0]


def test_an_unknown_action_is_denied_and_shown_clipped(showroom):
    allowed, english, _, _ = told(showroom.compiled(), showroom.actor(), Record(), "x" * 10_000)

    assert not allowed
    assert len(english) < 120


@pytest.mark.parametrize("locale", ["en", "zh-Hant", "zh-Hans"])
@pytest.mark.parametrize("says", list(Says))
def test_every_sentence_ends_and_has_all_its_parts_in_every_language(says, locale):
    names = ("duty", "role", "action", "where", "limit", "but", "figure", "duties")
    sentence = worded(says, Hearer(locale), **{name: name for name in names})

    assert sentence.endswith("." if locale == "en" else "。")
    assert "action" in sentence


@pytest.mark.parametrize("action", ACTIONS.values(), ids=list(ACTIONS))
def test_every_action_has_words_in_every_language(action):
    assert set(action.wordings) == {"en", "zh-Hant", "zh-Hans"}
    assert all(action.wordings.values())
    assert action.wordings["en"].isascii()
    assert not action.wordings["zh-Hans"].isascii()


def test_about_somebody_else_it_speaks_of_him_by_his_name(showroom):
    compiled = showroom.compiled(corrects("own"), FOUR_EYES)
    rep = showroom.actor(Holding("r:manager"))

    def said(record, locale, action=CORRECT):
        return compiled.explain(rep, action, record, locale, "Li Na").sentence

    assert said(Record(showroom.wang), "en") == (
        "Duty “Inspection” of role “Sales manager” lets Li Na correct follow-ups "
        "for his own records."
    )
    assert said(Record(showroom.li), "zh-Hant") == (
        "角色「售樓經理」的職責「登記本檢查」只准許Li Na對其本人的記錄更正跟進記錄；"
        "這一筆屬於他人。"
    )
    four_eyes = said(Record(requester_id=showroom.wang), "en", "deal.record")
    assert four_eyes.startswith("Li Na asked for this himself")


@pytest.mark.parametrize("locale", ["en", "zh-Hant", "zh-Hans"])
@pytest.mark.parametrize("says", list(Says))
def test_no_sentence_about_somebody_else_speaks_to_the_reader(says, locale):
    parts = ("duty", "role", "action", "where", "limit", "figure", "but", "duties")

    told_of_him = worded(says, Hearer(locale, "Li Na"), **dict.fromkeys(parts, "x"))

    assert "Li Na" in told_of_him
    assert "you" not in told_of_him.lower()
    assert "您" not in told_of_him
