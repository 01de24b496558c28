"""Hosts that dress up, and hosts that are what they seem."""

import pytest

from policy.carried import carried_ruleset
from policy.criteria import Criterion
from policy.phases import hosts
from policy.phases.subject import Author, Context, Subject


def found(text: str) -> list[tuple[str, str]]:
    subject = Subject(text, Context("お知らせ", Author("1", "読者", "reader")))
    return [
        (text[finding.start : finding.end], finding.criterion)
        for finding in hosts.judge(subject, carried_ruleset())
    ]


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("年会費は https://jspm-member.example/login から", "https://jspm-member.example/login"),
        ("https://jspm.ne.jp.verify.example/ で確認", "https://jspm.ne.jp.verify.example/"),
        ("こちら→ jsprn.com/ticket", "jsprn.com/ticket"),
        ("hxxps://jspn[.]org/a", "hxxps://jspn[.]org/a"),
        ("http://xn--80ak6aa92e.com/a を開く", "http://xn--80ak6aa92e.com/a"),
        ("http://203.0.113.7/x.apk を入れて", "http://203.0.113.7/x.apk"),
    ],
)
def test_a_host_that_dresses_up_is_pointed_at(text: str, link: str) -> None:
    assert found(text) == [(link, Criterion.MALWARE)]


@pytest.mark.parametrize(
    "text",
    [
        "https://www.jspm.ne.jp/guidelines/ に出ています",
        "https://member.jspm.ne.jp/ から入れます",
        "https://ganjoho.jp/public/ が分かりやすい",
        "https://www.mhlw.go.jp/stf/ を見ました",
        "https://jsp.example/ と https://npm.example/",
        "https://xn--eckwd4c7c.jp/ は市の日本語の住所です",
        "バージョン 1.2.3.4 です",
    ],
)
def test_an_ordinary_host_is_left_alone(text: str) -> None:
    assert found(text) == []
