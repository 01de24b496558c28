"""LINE: one broadcast to all friends. It cannot be read, found or taken back afterwards.

LINE itself refuses to carry out one X-Line-Retry-Key twice within 24 hours, so a broadcast whose
answer was lost is simply sent again. After that time nobody can tell any more: a person decides.
An image has no alternative text on LINE.
"""

from datetime import UTC, datetime, timedelta
from typing import NoReturn

from jspm_social.platforms.adapters.oauth import SaveSecrets
from jspm_social.platforms.adapters.outgoing import MB, check_length, fits, offered, within
from jspm_social.platforms.adapters.reading import instant
from jspm_social.platforms.contract import ChannelAccess, Receipt
from jspm_social.platforms.errors import (
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unsupported,
)
from jspm_social.platforms.names import Platform
from jspm_social.platforms.publishing import (
    Media,
    MediaKind,
    Progress,
    Published,
    PublishRequest,
)

from .errors import next_month, problem_of
from .wire import Line

BROADCAST = "/v2/bot/message/broadcast"
VALIDATE = "/v2/bot/message/validate/broadcast"
MOST_OBJECTS = 5  # in one broadcast, which counts as one message to each friend
MOST_PREVIEW = 1 * MB
KEY_LASTS = timedelta(hours=24)
MARGIN = timedelta(minutes=10)  # a key that is about to lapse is not relied on


class LinePublisher:
    """One official account's way out. Implements Publisher."""

    repeatable = True

    def __init__(self, access: ChannelAccess, save: SaveSecrets) -> None:  # noqa: ARG002 - contract
        self._line = Line(access)

    def publish(self, request: PublishRequest, progress: Progress) -> Published:
        """See Publisher. Reads the month's allowance and lets LINE validate before it sends."""
        messages = messages_of(request)
        begun = instant(progress.read().get("sent"))
        if begun is None:
            self._check_allowance()
            self._validate(messages)
            progress.keep(sent=datetime.now(UTC).isoformat())
        elif datetime.now(UTC) - begun > KEY_LASTS - MARGIN:
            raise OutcomeUnknown("LINE: 24時間を過ぎ、同じ配信かどうかをLINEが見分けられません")
        try:
            return self._send(request.key, messages)
        except PlatformError as error:
            if not isinstance(error, OutcomeUnknown) and begun is None:
                progress.keep(sent="")  # nothing went out: the next attempt is a first one
            raise

    def _send(self, key: str, messages: list[dict[str, str]]) -> Published:
        headers = {"X-Line-Retry-Key": key}
        answer = self._line.post(BROADCAST, {"messages": messages}, changes=True, headers=headers)
        accepted = answer.headers.get("X-Line-Accepted-Request-Id", "")
        if answer.status == 409 and not accepted:
            raise OutcomeUnknown("LINE 409: the key was used, and no request is named")
        problem = problem_of(answer)
        if problem and answer.status != 409:
            raise problem
        return Published(accepted or answer.headers.get("X-Line-Request-Id", "") or key)

    def _validate(self, messages: list[dict[str, str]]) -> None:
        problem = problem_of(self._line.post(VALIDATE, {"messages": messages}, changes=False))
        if problem:
            raise problem

    def _check_allowance(self) -> None:
        """Raise before anything is sent when the broadcast would not fit into the month."""
        allowance = self._line.allowance()
        if allowance.limit is None:
            return
        friends = self._line.friends() or 1
        if friends > allowance.limit:
            raise Rejected(
                f"LINEの友だち約{friends:,}人は、プランの上限{allowance.limit:,}通を超えます"
            )
        if allowance.used + friends > allowance.limit:
            raise RateLimited(
                f"LINEの配信数が足りません（{allowance.words}、友だち約{friends:,}人）",
                until=next_month(datetime.now(UTC)),
            )

    def find(
        self,
        request: PublishRequest,  # noqa: ARG002 - contract
        progress: Progress,  # noqa: ARG002 - contract
        *,
        since: datetime,  # noqa: ARG002 - contract
    ) -> NoReturn:
        """Raise Unsupported: LINE lists no broadcasts. Its retry key does what a look would."""
        raise Unsupported("LINE lists no broadcasts")

    def read(self, remote_id: str) -> NoReturn:  # noqa: ARG002 - contract
        raise Unsupported("LINE shows no broadcast again")

    def withdraw(self, remote_id: str) -> Receipt:  # noqa: ARG002 - contract
        raise Unsupported("LINEでは、配信したメッセージを取り消せません")


def messages_of(request: PublishRequest) -> list[dict[str, str]]:
    """Return the message objects of a request, the text first. Pure.

    Raises Unsupported and Rejected for what LINE cannot show as it was approved.
    """
    offered(not request.title, "LINEの配信に題名はありません")
    offered(not request.poll, "LINEには投票がありません")
    card_is_written = not request.card or request.card.url in request.text
    offered(card_is_written, "LINEではリンクを本文に書いてください")
    check_length(Platform.LINE, request.text)
    messages = [{"type": "text", "text": request.text}] if request.text.strip() else []
    messages += [_medium(media) for media in request.media]
    within(messages, "LINEに空の投稿はできません")
    within(
        len(messages) <= MOST_OBJECTS, f"LINEは本文と画像・動画を合わせて{MOST_OBJECTS}個までです"
    )
    return messages


def _medium(media: Media) -> dict[str, str]:
    is_image = media.kind is MediaKind.IMAGE
    if is_image:
        fits(media, mimes={"image/jpeg", "image/png"}, most=10 * MB, name="LINE")
    else:
        fits(media, mimes={"video/mp4"}, most=200 * MB, name="LINE")
    small = is_image and media.size <= MOST_PREVIEW
    preview = media.preview_url or (media.public_url if small else "")
    for address in (media.public_url, preview):
        offered(
            address.startswith("https://"),
            "LINEには、公開された https の画像・動画と、その小さな見本が必要です",
        )
    return {
        "type": media.kind.value,
        "originalContentUrl": media.public_url,
        "previewImageUrl": preview,
    }
