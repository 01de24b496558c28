"""What the judgement engine adds, and what it does not."""

import datetime as dt

from policy.carried import carried_ruleset
from posts.checks import Draft, examine
from posts.checks.judgement import judgement

TODAY = dt.date(2026, 6, 1)


def added(text: str) -> list[tuple[str, str, str]]:
    judge = judgement(carried_ruleset())
    alone = examine(Draft(text), today=TODAY)
    together = examine(Draft(text), today=TODAY, judge=judge)
    assert set(alone) <= set(together)
    return [
        (one.check, one.severity.value, text[one.start : one.end])
        for one in together
        if one not in alone
    ]


def test_discrimination_that_no_dictionary_lists_is_seen() -> None:
    found = added("外国人は受け入れるなという声があります。税金の無駄です。")
    assert {(check, severity) for check, severity, _ in found} == {("J13", "warn")}


def test_ordinary_news_gets_nothing_from_it() -> None:
    assert added("学術大会の参加登録を始めました。みなさまのご参加をお待ちしています。") == []


def test_what_the_check_found_itself_is_not_said_twice() -> None:
    assert [
        one for one in added("めくらの方にも伝わる資料を作りました。") if one[2] == "めくら"
    ] == []
