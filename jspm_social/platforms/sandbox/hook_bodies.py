"""The bodies of the platforms' webhooks, in the shapes that their documentation shows. Pure."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from .wire import TIME_Z

Body = dict[str, Any]


def x_post(
    kind: str,
    *,
    own: str,
    post_id: str,
    text: str,
    author: Mapping[str, str],
    conversation: str,
    parent: str,
    at: datetime,
    versions: list[str] | None = None,
    bare: bool = False,
) -> Body:
    """A post.reply.create or post.mention.create; `bare` without what stands beside the post."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    payload = {
        "id": post_id,
        "text": escaped,
        "author_id": author["id"],
        "created_at": at.astimezone(UTC).strftime(TIME_Z),
        "conversation_id": conversation,
        "in_reply_to_tweet_id": parent,
        "in_reply_to_user_id": own,
        "referenced_tweets": [{"type": "replied_to", "id": parent}],
        "edit_history_tweet_ids": versions or [post_id],
        "lang": "ja",
    }
    return x_event(kind, own=own, payload=payload, users=[] if bare else [dict(author)])


def x_event(kind: str, *, own: str, payload: Body, users: list[Body]) -> Body:
    """Any event of the Activity API; its uuid follows from what it tells."""
    told = repr((kind, sorted(payload.items(), key=lambda pair: pair[0])))
    number = int.from_bytes(hashlib.sha256(told.encode("utf-8", "replace")).digest()[:8], "big")
    return {
        "data": {
            "event_uuid": str(number),
            "filter": {"user_id": own},
            "event_type": kind,
            "tag": "console",
            "payload": payload,
            "includes": {"users": users} if users else {},
        }
    }


def x_direct_message(*, own: str, text: str, sender: str) -> Body:
    message = {"sender_id": sender, "target": {"recipient_id": own}, "message_data": {"text": text}}
    event = {"id": "1", "created_timestamp": "1", "message_create": message}
    payload = {"direct_message_events": [event], "users": {sender: {"id": sender}}}
    return x_event("dm.received", own=own, payload=payload, users=[])


def facebook_comment(
    verb: str,
    *,
    own: str,
    comment_id: str,
    post_id: str,
    parent_id: str,
    author: Mapping[str, str],
    text: str,
    at: datetime,
    now: datetime,
) -> Body:
    """A change of the Page's feed: add, edited, remove, hide or unhide."""
    value: Body = {
        "item": "comment",
        "verb": verb,
        "comment_id": comment_id,
        "post_id": post_id,
        "parent_id": parent_id or post_id,
        "from": {"id": author["id"], "name": author["name"]},
    }
    if verb != "remove":
        value |= {"created_time": int(at.timestamp()), "message": text}
    change = {"field": "feed", "value": value}
    return {"object": "page", "entry": [{"id": own, "time": _seconds(now), "changes": [change]}]}


def messenger(*, kind: str, own: str, text: str, sender: str, now: datetime) -> Body:
    """A direct message to a Page (kind 'page') or an Instagram account ('instagram')."""
    message = {
        "sender": {"id": sender},
        "recipient": {"id": own},
        "timestamp": _seconds(now) * 1000,
        "message": {"mid": f"m_{sender}", "text": text},
    }
    entry = {"id": own, "time": _seconds(now) * 1000, "messaging": [message]}
    return {"object": kind, "entry": [entry]}


def instagram_comment(
    *,
    own: str,
    comment_id: str,
    media_id: str,
    parent_id: str,
    author: Mapping[str, str],
    text: str,
    now: datetime,
) -> Body:
    value: Body = {
        "id": comment_id,
        "text": text,
        "from": {"id": author["id"], "username": author["username"]},
        "media": {"id": media_id, "media_product_type": "FEED"},
    }
    if parent_id:
        value["parent_id"] = parent_id
    change = {"field": "comments", "value": value}
    entry = {"id": own, "time": _seconds(now), "changes": [change]}
    return {"object": "instagram", "entry": [entry]}


def threads_reply(
    *,
    own: str,
    own_name: str,
    reply_id: str,
    root_id: str,
    parent_id: str,
    username: str,
    text: str,
    at: datetime,
    now: datetime,
) -> Body:
    value = {
        "id": reply_id,
        "username": username,
        "text": text,
        "media_type": "TEXT_POST",
        "permalink": f"https://www.threads.net/@{username}/post/{reply_id}",
        "replied_to": {"id": parent_id or root_id},
        "root_post": {"id": root_id, "owner_id": own, "username": own_name},
        "shortcode": reply_id[-6:],
        "timestamp": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"),
    }
    return {
        "app_id": "1",
        "topic": "moderate",
        "target_id": own,
        "time": _seconds(now),
        "subscription_id": "1",
        "has_uid_field": False,
        "values": {"value": value, "field": "replies"},
    }


def line_events(own: str, *events: Body) -> Body:
    """A delivery of LINE; without events it is the connection test."""
    return {"destination": own, "events": list(events)}


def line_message(
    message_id: str,
    *,
    user: str,
    text: str = "",
    kind: str = "text",
    at: datetime,
    group: str = "",
    again: bool = False,
) -> Body:
    """A message event; tokens to answer with come along, as they do from LINE."""
    message: Body = {"id": message_id, "type": kind, "markAsReadToken": f"read-{message_id}"}
    if kind == "text":
        message |= {"text": text, "quoteToken": f"quote-{message_id}"}
    event = _line_event("message", f"m{message_id}", user=user, at=at, group=group, again=again)
    return event | {"message": message, "replyToken": f"reply-{message_id}"}


def line_unsend(message_id: str, *, user: str, at: datetime, group: str = "") -> Body:
    event = _line_event("unsend", f"u{message_id}", user=user, at=at, group=group)
    return event | {"unsend": {"messageId": message_id}}


def _line_event(
    kind: str, name: str, *, user: str, at: datetime, group: str = "", again: bool = False
) -> Body:
    source = {"type": "group", "groupId": group} if group else {"type": "user"}
    return {
        "type": kind,
        "mode": "active",
        "timestamp": int(at.timestamp() * 1000),
        "source": source | {"userId": user},
        "webhookEventId": hashlib.sha256(name.encode()).hexdigest()[:26].upper(),
        "deliveryContext": {"isRedelivery": again},
    }


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
