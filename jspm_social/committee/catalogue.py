"""Everything that the committee sets here: what it means, its bounds, and what counts until then.

A setting is a whole number with a unit, or yes and no (1 and 0). What has rows of its own is set
where it stands: approvals per kind of post, cadence and quiet hours (posts), thresholds and
automation (rule sets), ceilings (channels). Secrets stay in the environment.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.conf import settings

from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Role


def _never() -> bool:
    return False


def _one_moderator() -> bool:
    return User.objects.filter(is_active=True, roles__contains=[Role.MODERATOR]).count() < 2


@dataclass(frozen=True)
class Definition:
    """One setting. `low` and `high` are bounds, both allowed.

    `guards`: lowering it lowers a safeguard and takes a second person, except where `alone()`
    says that there is none to ask.
    """

    name: str
    group: str
    label: str
    means: str
    default: Callable[[], int]
    low: int
    high: int
    unit: str = ""
    guards: bool = False
    alone: Callable[[], bool] = _never

    @property
    def is_flag(self) -> bool:
        return not self.unit

    def shown(self, value: int) -> str:
        if self.is_flag:
            return "必要" if value else "不要"
        return f"{value}{self.unit}"


MODERATION: Final = "コメントへの対応"
POLICY: Final = "運用方針と規則の承認"

SECOND_MODERATOR: Final = Definition(
    name="second_moderator",
    group=MODERATION,
    label="取り消せない対応への、第二モデレーターの同意",
    means="「不要」にすると、削除や永久のブロックが、1人の判断だけで送られます。元には戻せません。"
    "モデレーターが2人以上いるときに「不要」にするには、もう1人の同意が要ります。",
    default=lambda: int(settings.SECOND_MODERATOR),
    low=0,
    high=1,
    guards=True,
    alone=_one_moderator,
)
UNDO_SECONDS: Final = Definition(
    name="undo_seconds",
    group=MODERATION,
    label="判断を取り消せる時間",
    means="判断したあと、この時間が過ぎてからSNSに送ります。長くすると、押し間違いに気づきやすくなり、"
    "そのぶん対応は遅れます。",
    default=lambda: 15,
    low=5,
    high=300,
    unit="秒",
)
SAMPLE_SIZE: Final = Definition(
    name="sample_size",
    group=MODERATION,
    label="週に一度の抽出確認の件数",
    means="判定を通ったコメントから無作為に選び、見落としがないかを人が確認します。0にすると行いません。"
    "少ないと、判定の見落としに気づきにくくなります。",
    default=lambda: 20,
    low=0,
    high=200,
    unit="件",
)
LINE_CHAT_DAYS: Final = Definition(
    name="line_chat_days",
    group=MODERATION,
    label="LINEのチャットの本文を残す日数",
    means="過ぎた本文は消去され、戻せません。短くすると、次の消去の処理から、過ぎた分がすぐに消えます。",
    default=lambda: int(settings.LINE_CHAT_DAYS),
    low=1,
    high=365,
    unit="日",
)
POLICY_CHAIRS: Final = Definition(
    name="policy_chairs",
    group=POLICY,
    label="運用方針の改定に必要な委員長の承認",
    means="次に承認を依頼する改定案から使われます。作成に関わった人は、承認に数えません。",
    default=lambda: 1,
    low=0,
    high=1,
    unit="人",
    guards=True,
)
POLICY_MEMBERS: Final = Definition(
    name="policy_members",
    group=POLICY,
    label="運用方針の改定に必要な委員の承認",
    means="次に承認を依頼する改定案から使われます。多くすると、集まるまでに時間がかかります。",
    default=lambda: 1,
    low=1,
    high=5,
    unit="人",
    guards=True,
)
POLICY_REVIEWERS: Final = Definition(
    name="policy_reviewers",
    group=POLICY,
    label="運用方針の改定に必要な監修の承認",
    means="次に承認を依頼する改定案から使われます。",
    default=lambda: 0,
    low=0,
    high=3,
    unit="人",
    guards=True,
)
RULESET_ADMINS: Final = Definition(
    name="ruleset_admins",
    group=POLICY,
    label="規則セットを使い始めるのに必要な管理者の承認",
    means="作成に関わっていない管理者を数えます。人数がそろわないと、使い始められません。",
    default=lambda: 1,
    low=1,
    high=3,
    unit="人",
    guards=True,
)

ALL: Final = {
    one.name: one
    for one in (
        SECOND_MODERATOR,
        UNDO_SECONDS,
        SAMPLE_SIZE,
        LINE_CHAT_DAYS,
        POLICY_CHAIRS,
        POLICY_MEMBERS,
        POLICY_REVIEWERS,
        RULESET_ADMINS,
    )
}
