"""The tour for the first log-in: a few steps, each a panel on the page that it speaks of. Pure.

There is no state but whether somebody has ended it: a step belongs to its page, and the way from
one to the next is a plain link.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from jspm_social.accounts.roles import Capability


@dataclass(frozen=True, slots=True)
class Step:
    """`needs` and `unless`: shown to whoever has the one capability and not the other."""

    page: str
    title: str
    text: str
    needs: Capability
    unless: Capability | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A step as it stands on its page. `following` is None on the last one."""

    step: Step
    number: int
    count: int
    following: Step | None


STEPS: Final = (
    Step(
        "moderation:queue",
        "要判断",
        "判断を待つコメントが、急ぐものから順に並びます。ひとつ開いて本文を読み、理由と目安を見て、"
        "残すか、対応するかを記録します。迷ったら残してかまいません。返信はしません。",
        Capability.DECIDE,
    ),
    Step(
        "moderation:queue",
        "要判断",
        "判断を待つコメントの一覧です。読むことは、どの役割の方にもできます。判断の記録は、"
        "モデレーターと委員長が行います。コメントには返信しません。",
        Capability.READ_COMMENTS,
        Capability.DECIDE,
    ),
    Step(
        "moderation:attention",
        "対応の残り",
        "判断のあと、プラットフォームにうまく送れなかったものと、プラットフォームの画面で人が行う"
        "作業が並びます。何もなければ、空のままです。",
        Capability.DECIDE,
    ),
    Step(
        "moderation:comments",
        "コメント",
        "問題がないと判定されたコメントも、すべてここで読めます。気になるコメントは、開いて"
        "「モデレーターに知らせる」を押してください。表示は変わりません。",
        Capability.FLAG_COMMENT,
        Capability.MANAGE_RULES,
    ),
    Step(
        "posts:index",
        "投稿",
        "下書きを書き、書いていない人が承認し、日時を決めると公開されます。「あなたの承認を"
        "待っています」が出ているときは、そこからお願いします。",
        Capability.DRAFT_POSTS,
    ),
    Step(
        "posts:index",
        "投稿",
        "学会の投稿が、下書きから公開まで、状態ごとに並びます。承認の経過は、それぞれの投稿の"
        "ページで読めます。",
        Capability.READ_POSTS,
        Capability.DRAFT_POSTS,
    ),
    Step(
        "platforms:channels",
        "アカウント",
        "公式アカウントごとに、コメントの取得がどうなっているかを見るところです。接続が切れたときは、"
        "ここから接続し直します。",
        Capability.MANAGE_CHANNELS,
    ),
    Step(
        "rules:index",
        "規則",
        "判定の目安や言葉を変えるところです。変更は案で行い、過去のコメントで試し、ほかの管理者が"
        "承認して使い始めます。誤ったときは、前の規則セットにすぐ戻せます。",
        Capability.MANAGE_RULES,
    ),
    Step(
        "versions:index",
        "運用方針",
        "判断のよりどころになる、運用方針の文です。いま施行中の版と、これまでの版が読めます。",
        Capability.READ_POLICY,
        Capability.MANAGE_RULES,
    ),
    Step(
        "audit:events",
        "監査記録",
        "だれが、いつ、何を、なぜ行ったかの記録です。条件を選んで検索でき、CSVに書き出せます。",
        Capability.READ_AUDIT,
        Capability.DECIDE,
    ),
    Step(
        "help:index",
        "使い方（ヘルプ）",
        "どの画面にも、見出しのそばに「この画面の使い方」があります。緊急のときの手順も、ここに"
        "あります。この案内は、このページの下からいつでももう一度始められます。",
        Capability.READ_COMMENTS,
    ),
)


def steps_for(capabilities: Collection[Capability]) -> list[Step]:
    """The steps of somebody who may do this, in their order; each page at most once."""
    return [
        step for step in STEPS if step.needs in capabilities and step.unless not in capabilities
    ]


def on_page(page: str, capabilities: Collection[Capability]) -> Shown | None:
    """The step that stands on this page, None where there is none."""
    steps = steps_for(capabilities)
    for at, step in enumerate(steps):
        if step.page == page:
            following = steps[at + 1] if at + 1 < len(steps) else None
            return Shown(step, at + 1, len(steps), following)
    return None
