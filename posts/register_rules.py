"""The actions of policy section 5 besides posting, and what each must state. Default deny. Pure.

A reply and a direct message are no kinds: they do not exist here (§4(1), §5(2)(7)).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models

from jspm_social.accounts.roles import Role


class Kind(models.TextChoices):
    SHARE = "share", "シェア・リポスト"
    QUOTE = "quote", "引用投稿"
    LIKE = "like", "いいね"
    FOLLOW = "follow", "フォロー"
    POLL = "poll", "アンケート・投票"
    QUESTION = "question", "質問機能・クイズ"
    LIVE = "live", "ライブ配信"
    MENTION = "mention", "メンション"
    STORY = "story", "ストーリーズ"
    REEL = "reel", "リール"


class Relation(models.TextChoices):
    """Why it concerns the society (§5(1)(3)(4))."""

    OURS = "ours", "本学会の活動・イベント"
    FIELD = "field", "緩和医療に関する信頼できる情報"
    SOCIETY = "society", "関連団体"
    PUBLIC = "public", "公益性の高いアカウント"


@dataclass(frozen=True, slots=True)
class Rule:
    """What an action must state, and who must agree. `clause` is the section that it stands on."""

    clause: str
    needs: tuple[str, ...]
    slots: Mapping[Role, int]
    relations: tuple[Relation, ...] = ()
    note: str = ""


_ONE = {Role.MEMBER: 1}
RULES: Mapping[Kind, Rule] = {
    Kind.SHARE: Rule(
        "§5(1)",
        ("target_url", "relation"),
        _ONE,
        (Relation.OURS, Relation.FIELD, Relation.SOCIETY),
        "学会活動や緩和医療に関連した情報に限ります。",
    ),
    Kind.QUOTE: Rule(
        "§5(2)",
        ("target_url", "relation", "exception"),
        {Role.MEMBER: 1, Role.CHAIR: 1},
        (Relation.OURS,),
        "基本的に行いません。重要な情報提供が必要な理由を書いてください。",
    ),
    Kind.LIKE: Rule(
        "§5(3)",
        ("target_url", "relation"),
        _ONE,
        (Relation.OURS, Relation.FIELD, Relation.SOCIETY),
        "返信の代わりの「いいね」は行いません。",
    ),
    Kind.FOLLOW: Rule(
        "§5(4)",
        ("target_url", "relation"),
        _ONE,
        (Relation.SOCIETY, Relation.PUBLIC),
        "関連団体か、公益性の高いアカウントに限ります。年に1回見直します。",
    ),
    Kind.POLL: Rule(
        "§5(5)", ("plan", "ends_at"), _ONE, note="終了日時と、結果の伝え方を書きます。"
    ),
    Kind.QUESTION: Rule(
        "§5(5)", ("plan", "ends_at"), _ONE, note="回答を集めた後の扱いを書きます。"
    ),
    Kind.LIVE: Rule(
        "§5(6)",
        ("plan", "starts_at", "on_duty", "archive"),
        {Role.MEMBER: 1, Role.CHAIR: 1},
        note="進行、コメントを見る当番、録画の扱いを決めておきます。",
    ),
    Kind.MENTION: Rule("§5(8)", ("target_url", "reason"), _ONE, (), "返信にならないこと。"),
    Kind.STORY: Rule("§5(8)", ("plan", "reason"), _ONE),
    Kind.REEL: Rule("§5(8)", ("plan", "reason"), _ONE),
}
LABELS = {
    "target_url": "対象のアドレス",
    "relation": "本学会との関係",
    "exception": "例外とする理由",
    "reason": "理由",
    "plan": "内容・進め方",
    "starts_at": "開始日時",
    "ends_at": "終了日時",
    "on_duty": "コメントを見る当番",
    "archive": "録画の扱い",
}


def missing(kind: Kind, stated: Mapping[str, object]) -> list[str]:
    """Return what the action does not state although its rule asks for it, in words."""
    rule = RULES[kind]
    found = [f"{LABELS[name]}を入力してください。" for name in rule.needs if not stated.get(name)]
    relation = stated.get("relation")
    if "relation" in rule.needs and relation and relation not in rule.relations:
        allowed = "・".join(str(r.label) for r in rule.relations)
        found.append(f"{kind.label}できるのは、次の場合だけです：{allowed}。")
    return found
