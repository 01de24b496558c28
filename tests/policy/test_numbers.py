"""Whose number it is: a person's, an institution's, nobody's."""

import pytest
from hypothesis import given, strategies as st

from policy.carried import carried_ruleset
from policy.phases import personal
from policy.phases.personal import is_my_number
from policy.phases.subject import Author, Context, Subject


def rules_found(text: str) -> set[str]:
    subject = Subject(text, Context("お知らせ", Author("1", "読者", "reader")))
    return {finding.rule for finding in personal.judge(subject, carried_ruleset())}


@pytest.mark.parametrize(
    "text",
    [
        "あの人の番号は090-1234-5678です",
        "０８０ー１２３４ー５６７８ にかけてやれ",
        "+81 90 1234 5678 に電話",
        "07012345678",
    ],
)
def test_a_mobile_number_belongs_to_a_person(text: str) -> None:
    assert "phase:personal:携帯番号" in rules_found(text)


@pytest.mark.parametrize(
    "text",
    [
        "相談は0120-279-338へ",
        "よりそいホットライン 0570-064-556",
        "代表は03-3512-0000です",
        "#7119 か 119 へ",
        "2026年11月29日 10:30-12:00",
        "登録番号 0901234",
    ],
)
def test_a_number_of_an_institution_or_none_at_all_is_left_alone(text: str) -> None:
    assert "phase:personal:携帯番号" not in rules_found(text)


def test_my_number_is_told_by_its_check_digit() -> None:
    assert "phase:personal:マイナンバー" in rules_found("番号は 1234 5678 9018 だそうです")
    assert "phase:personal:マイナンバー" not in rules_found("番号は 1234 5678 9019 だそうです")


@given(st.integers(0, 10**11 - 1))
def test_of_ten_last_digits_one_fits(first: int) -> None:
    digits = f"{first:011d}"
    fitting = [last for last in range(10) if is_my_number(f"{digits}{last}")]
    alike = len(set(digits)) == 1  # 000000000000 and its like are no numbers
    assert len(fitting) == 1 or alike
