"""The words of the audit page."""

from typing import Any

import pytest

from jspm_social.audit.verbs import Verb, label
from jspm_social.audit.wording import pairs_text, target_label


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({}, ""),
        ({"reason": "退任"}, "理由：退任"),
        ({"before": ["member", "chair"], "after": []}, "変更前：member, chair\n変更後："),
        ({"slots": [{"role": "member", "count": 2}]}, "必要な承認：role=member, count=2"),
        (
            {"reversible": True, "held": False, "until": None, "n": 3},
            "reversible：はい\nheld：いいえ\nuntil：—\nn：3",
        ),
    ],
)
def test_pairs_text_reads_as_lines(data: dict[str, Any], text: str) -> None:
    assert pairs_text(data) == text


@pytest.mark.parametrize(
    ("target_type", "words"),
    [("accounts.user", "利用者"), ("gone.model", "gone.model"), ("nonsense", "nonsense")],
)
def test_target_label_names_what_exists(target_type: str, words: str) -> None:
    assert target_label(target_type) == words


def test_every_verb_has_words_of_its_own() -> None:
    labels = [label(verb) for verb in Verb]
    assert len(set(labels)) == len(labels)
    assert not set(labels) & set(Verb.values)
    assert label("later.verb") == "later.verb"
