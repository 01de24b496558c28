"""LINE's webhook: what people write to the official account. Pure.

Facts: a delivery may hold no event (a connection test) or several, repeated and in any order;
`webhookEventId` names an event, a message's own id a message; times are in milliseconds; what is
taken back comes as `unsend`. A chat is not a comment and is never answered: reply and quote
tokens are dropped here, and of anything that is not text only its kind is kept.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from jspm_social.platforms.adapters.reading import EPOCH, instant, number, obj, objs, raw, text
from jspm_social.platforms.contract import (
    RemoteAttachment,
    RemoteAuthor,
    RemoteComment,
    RemotePostRef,
)

from .news import Account, Item, News, Sifted, key_of

ACTIVE = "active"  # otherwise another program looks after the chat
KINDS = {
    "image": ("image", "画像"),
    "video": ("video", "動画"),
    "audio": ("other", "音声"),
    "file": ("other", "ファイル"),
    "location": ("other", "位置情報"),
    "sticker": ("other", "スタンプ"),
}
UNKNOWN_KIND = ("other", "文字以外のメッセージ")
ROOMS = ("groupId", "roomId", "userId")  # in this order: who speaks stands in all of them


def sift(body: Mapping[str, Any], raw_body: bytes, account: Account) -> Sifted:
    """Take messages and what was taken back; nobody's joining, following or tapping."""
    events = objs(body.get("events"))
    ours = text(body, "destination") in {account.id, ""} or not account.id
    taken = [_taken(event) for event in events] if ours else []
    ids = sorted(text(event, "webhookEventId") for event in events)
    key = key_of("line", *ids) if all(ids) else key_of("line", raw_body)
    stamps = [number(event, "timestamp") for event in events]
    at = instant(max(stamps, default=0) / 1000) if any(stamps) else None
    return Sifted(tuple(item for item in taken if item), key, at)


def read(items: Sequence[Item]) -> News:
    return News(
        comments=tuple(_message(item) for item in items if item["type"] == "message"),
        unsent=tuple(item["id"] for item in items if item["type"] == "unsend"),
    )


def silenced(items: Sequence[Item], message_ids: set[str]) -> list[Item]:
    """Take the words out of these messages; that they came, and from whom, stays."""
    return [
        item | {"text": ""} if item["type"] == "message" and item["id"] in message_ids else item
        for item in items
    ]


def _taken(event: Mapping[str, Any]) -> Item | None:
    kind, source = text(event, "type"), obj(event.get("source"))
    if text(event, "mode") not in {ACTIVE, ""}:
        return None
    if kind == "unsend":
        message_id = text(obj(event.get("unsend")), "messageId")
        return {"type": kind, "id": message_id} if message_id else None
    message = obj(event.get("message"))
    if kind != "message" or not text(message, "id"):
        return None
    what = text(message, "type")
    return {
        "type": kind,
        "id": text(message, "id"),
        "what": what,
        "text": text(message, "text") if what == "text" else "",
        "answers": text(message, "quotedMessageId"),
        "who": text(source, "userId"),
        "where": next((f"{name}:{text(source, name)}" for name in ROOMS if text(source, name)), ""),
        "at": number(event, "timestamp"),
    }


def _message(item: Item) -> RemoteComment:
    what = item["what"]
    kind, name = KINDS.get(what, UNKNOWN_KIND)
    return RemoteComment(
        remote_id=item["id"],
        post=RemotePostRef(remote_id=f"chat:{item['where']}"),
        author=RemoteAuthor(key=item["who"]),
        text=item["text"],
        created_at=instant(item["at"] / 1000) or EPOCH,
        raw=raw(item),
        parent_id=item["answers"],
        attachments=() if what == "text" else (RemoteAttachment(kind, "", name),),
    )
