"""The topics of the help: what there is to read, who may read it, and where its facts come from.

The words of a topic stand in `templates/help/topics/<slug>.html`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Capability

from . import facts


@dataclass(frozen=True, slots=True)
class Topic:
    """One page of the help. Without a `capability` everybody who is logged in may read it."""

    slug: str
    title: str
    about: str
    group: str
    capability: Capability | None = None
    facts: Callable[[], Mapping[str, Any]] = dict

    def may_read(self, person: User) -> bool:
        return self.capability is None or person.can(self.capability)

    def render(self) -> SafeString:
        """The words of the topic, as HTML, with the facts of this moment."""
        return render_to_string(f"help/topics/{self.slug}.html", dict(self.facts()))


_COMMENTS: Final = Capability.READ_COMMENTS
_POSTS: Final = Capability.READ_POSTS
_DRAFTS: Final = Capability.DRAFT_POSTS
FIRST, COMMENTS, POSTS, POLICY = "はじめに", "コメント", "投稿", "方針・規則・アカウント"

TOPICS: Final[Mapping[str, Topic]] = {
    topic.slug: topic
    for topic in (
        Topic("start", "はじめての方へ", "このコンソールでできること、一日の流れ", FIRST),
        Topic(
            "emergency",
            "緊急のとき",
            "誤った投稿、炎上、つらい気持ちのサイン、パスワードの漏れ。止め方と連絡先",
            FIRST,
            _COMMENTS,
            facts.emergency,
        ),
        Topic("never", "してはいけないこと", "返信、ダイレクトメッセージなど", FIRST),
        Topic("roles", "役割とできること", "だれが何をできるか", FIRST, None, facts.roles),
        Topic("words", "ことば", "コンソールで使う言葉の意味", FIRST),
        Topic("keys", "キーボードでの操作", "パソコンで使える、1文字の操作", FIRST, _COMMENTS),
        Topic(
            "account",
            "ログインと自分のアカウント",
            "パスワード、ログアウト",
            FIRST,
            None,
            facts.account,
        ),
        Topic("queue", "要判断の一覧", "判断を待つコメント", COMMENTS, _COMMENTS, facts.queue),
        Topic(
            "case",
            "案件を読んで判断する",
            "判断の手順、確認、取り消し",
            COMMENTS,
            _COMMENTS,
            facts.case,
        ),
        Topic(
            "criteria",
            "削除基準の当てはめ方",
            "ア〜ソと無関係、サイン。条文・目安・例",
            COMMENTS,
            _COMMENTS,
            facts.criteria,
        ),
        Topic(
            "platforms",
            "プラットフォームごとにできること",
            "非表示・削除・ブロックを選ぶと、実際に何が起きるか",
            COMMENTS,
            _COMMENTS,
            facts.platforms,
        ),
        Topic("attention", "対応の残り", "送れなかった対応と、画面で行う作業", COMMENTS, _COMMENTS),
        Topic(
            "comments",
            "コメントを探す・知らせる",
            "通過したコメントの検索と通報",
            COMMENTS,
            _COMMENTS,
        ),
        Topic("performance", "判定の成績", "判定がどれだけ当たっているか", COMMENTS, _COMMENTS),
        Topic(
            "labels",
            "ラベルを付ける",
            "読んで答えて、判定をよくする",
            COMMENTS,
            Capability.DECIDE,
        ),
        Topic("posts", "投稿の流れと一覧", "下書きから公開まで", POSTS, _POSTS),
        Topic("drafting", "下書きを書く", "本文、投稿先、確認事項", POSTS, _DRAFTS, facts.drafting),
        Topic(
            "approval",
            "投稿を承認する",
            "承認に必要な人、票が無効になるとき",
            POSTS,
            _POSTS,
            facts.approval,
        ),
        Topic(
            "schedule",
            "日時を決めて公開する",
            "予約、予定、公開の結果",
            POSTS,
            _POSTS,
            facts.schedule,
        ),
        Topic(
            "limits",
            "文字数と画像の上限",
            "プラットフォームごとの数え方",
            POSTS,
            _POSTS,
            facts.limits,
        ),
        Topic("materials", "画像・イベント・出典", "素材の登録と権利", POSTS, _DRAFTS),
        Topic("dictionary", "言い換え辞書", "確認事項が探す言葉", POSTS, _POSTS),
        Topic(
            "corrections",
            "誤りの報告と訂正",
            "報告、確認、決定、対応",
            POSTS,
            _POSTS,
            facts.correcting,
        ),
        Topic(
            "register",
            "いいね・シェア・フォロー",
            "投稿以外のアクション",
            POSTS,
            _POSTS,
            facts.actions,
        ),
        Topic(
            "outside", "コンソールの外での投稿", "気づいたときの記録", POSTS, _POSTS, facts.outside
        ),
        Topic(
            "posting",
            "投稿の決まりと代理",
            "承認の人数、頻度、控える日、代理",
            POSTS,
            Capability.MANAGE_POSTING,
        ),
        Topic(
            "versions",
            "運用方針の版と改定",
            "改定案、承認、施行、公開のページ",
            POLICY,
            Capability.READ_POLICY,
            facts.versions,
        ),
        Topic(
            "rules",
            "判定の規則",
            "基準の設定、規則の追加、試験、使い始め、戻し方",
            POLICY,
            Capability.MANAGE_RULES,
            facts.rules,
        ),
        Topic(
            "remote",
            "外部の判定",
            "委員会が契約したAIなどに意見を聞く",
            POLICY,
            Capability.MANAGE_RULES,
        ),
        Topic("channels", "公式アカウント", "コメントの取得と、接続の様子", POLICY, _COMMENTS),
        Topic(
            "connecting",
            "アカウントの接続",
            "接続、接続し直し、一時停止、切断",
            POLICY,
            Capability.MANAGE_CHANNELS,
        ),
        Topic(
            "people",
            "利用者",
            "招待、役割、不在、利用の停止、年に一度の見直し",
            POLICY,
            Capability.MANAGE_PEOPLE,
        ),
        Topic("settings", "設定", "委員会で決める人数や日数", POLICY, _COMMENTS, facts.committee),
        Topic("audit", "監査記録", "検索と書き出し", POLICY, Capability.READ_AUDIT),
    )
}


def readable(person: User) -> list[Topic]:
    """The topics that this person may read, in their order."""
    return [topic for topic in TOPICS.values() if topic.may_read(person)]


def grouped(topics: list[Topic]) -> Iterator[tuple[str, list[Topic]]]:
    """The topics under their headings."""
    for group in (FIRST, COMMENTS, POSTS, POLICY):
        if found := [topic for topic in topics if topic.group == group]:
            yield group, found
