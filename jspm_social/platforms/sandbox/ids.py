"""Platform-shaped ids, made stably from the ids of the labelled records.

The same record with the same time always gets the same id; X's increase with time.
"""

import base64
import hashlib
import re
from datetime import datetime

X_EPOCH_MS = 1_288_834_974_657
OWN_IDS = {
    "x": "1100000000000000001",
    "facebook": "100000000000001",
    "youtube": "UCsandbox0jspm0official1",
    "instagram": "17841400000000001",
    "threads": "25600000000000001",
    "bluesky": "did:plc:jspmsandbox2official2222",
    "mastodon": "110000000000000001",
    "line": "U0123456789abcdef0123456789abcdef",
}
INSTANCE = "https://mastodon.sandbox.example"
SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"  # base32 whose order is that of the numbers
OWN_HANDLE = "jspm_sandbox"
OWN_NAME = "日本緩和医療学会（練習用）"


def _digits(seed: str, length: int) -> str:
    number = int.from_bytes(hashlib.sha256(seed.encode("utf-8", "replace")).digest()[:12], "big")
    return str(number % 10 ** (length - 1) + 10 ** (length - 1))


def _letters(seed: str, length: int) -> str:
    digest = hashlib.sha256(seed.encode("utf-8", "replace")).digest()
    return base64.urlsafe_b64encode(digest).decode()[:length]


def _base32(seed: str, length: int) -> str:
    digest = hashlib.sha256(seed.encode("utf-8", "replace")).digest()
    return base64.b32encode(digest).decode().lower()[:length]


def snowflake(at: datetime, seed: str) -> str:
    """Return an id as X makes them: milliseconds in the high bits, 22 bits below."""
    low = int.from_bytes(hashlib.sha256(seed.encode("utf-8", "replace")).digest()[:3], "big") >> 2
    return str((int(at.timestamp() * 1000) - X_EPOCH_MS) << 22 | low)


def tid(at: datetime, seed: str) -> str:
    """Return a record key as AT Protocol makes them: microseconds, then ten bits, in base32."""
    low = int.from_bytes(hashlib.sha256(seed.encode("utf-8", "replace")).digest()[:4], "big")
    number = (int(at.timestamp() * 1000) * 1000 + low % 1000) << 10 | low >> 22
    return "".join(SORTABLE[number >> 5 * place & 31] for place in range(12, -1, -1))


def record_uri(did: str, at: datetime, seed: str) -> str:
    return f"at://{did}/app.bsky.feed.post/{tid(at, seed)}"


def status_uri(account: str, at: datetime, seed: str) -> str:
    return f"{INSTANCE}/users/{account}/statuses/{snowflake(at, seed)}"


URIS = {"bluesky": record_uri, "mastodon": status_uri}


def post_id(platform: str, source_id: str, at: datetime) -> str:
    if platform in URIS:
        return URIS[platform](OWN_IDS[platform], at, source_id)
    if platform == "x":
        return snowflake(at, source_id)
    if platform == "facebook":
        return f"{OWN_IDS['facebook']}_{_digits(source_id, 15)}"
    if platform in {"instagram", "threads"}:
        return f"18{_digits(source_id, 15)}"
    return _letters(source_id, 11)


def published_id(platform: str, seed: str, at: datetime) -> str:
    """Return the id of a post that was published here; `seed` is different for each."""
    return post_id(platform, f"published {seed}", at)


def upload_id(seed: str) -> str:
    """Return the id of something that is not published yet: a container, a photo, a session."""
    return f"19{_digits(seed, 15)}"


def comment_id(
    platform: str, source_id: str, at: datetime, post: str, parent: str, *, author: str = ""
) -> str:
    if platform in URIS:
        return URIS[platform](author, at, source_id)
    if platform == "x":
        return snowflake(at, source_id)
    if platform == "facebook":
        return f"{post.partition('_')[2]}_{_digits(source_id, 16)}"
    if platform in {"instagram", "threads"}:
        return f"17{_digits(source_id, 15)}"
    if parent:
        return f"{parent}.{_letters(source_id, 22)}"
    return f"Ugx{_letters(source_id, 23)}"


def person_id(platform: str, source_id: str) -> str:
    """Keep an id that already has the platform's shape, else make one."""
    if platform == "threads":  # which tells no id but the username
        return source_id
    if platform == "bluesky":
        kept = re.fullmatch(r"did:plc:[a-z2-7]{24}", source_id)
        return source_id if kept else "did:plc:" + _base32(source_id, 24)
    if platform == "youtube":
        return (
            source_id if re.fullmatch(r"UC[\w-]{22}", source_id) else "UC" + _letters(source_id, 22)
        )
    return source_id if re.fullmatch(r"[1-9]\d{5,19}", source_id) else _digits(source_id, 17)
