"""The sandbox's page for people: each post with its comments and what became of them."""

from collections.abc import Iterator
from html import escape
from zoneinfo import ZoneInfo

from .model import GONE, HIDDEN, REMOVED, SPAM, VISIBLE, Comment, Post, World
from .store import SandboxStore

TOKYO = ZoneInfo("Asia/Tokyo")
NAMES = {
    "x": "X",
    "facebook": "Facebook",
    "youtube": "YouTube",
    "instagram": "Instagram",
    "threads": "Threads",
    "bluesky": "Bluesky",
    "mastodon": "Mastodon",
    "line": "LINE",
}
STATES = {
    VISIBLE: "表示中",
    HIDDEN: "非表示",
    REMOVED: "削除",
    SPAM: "スパムの疑い",
    GONE: "投稿者が削除",
}
MEDIA = {"image": "画像", "video": "動画"}
STYLE = """
body{font-family:sans-serif;line-height:1.7;margin:2rem auto;max-width:60rem;padding:0 1rem;
overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}td,th{border:1px solid #999;padding:.4rem;text-align:left;
vertical-align:top}.text{white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:isolate}
tr.hidden,tr.removed,tr.gone{background:#eee}.state{font-weight:bold;white-space:nowrap}
"""


def render(store: SandboxStore, only: str = "") -> str:
    """Return the page; `only` is one platform, or '' for the list of all."""
    with store.lock:
        worlds = {n: w for n, w in store.worlds.items() if only in {"", n}}
        parts = [line for name, world in worlds.items() for line in _platform(name, world, only)]
    return (
        '<!doctype html><html lang="ja"><head><meta charset="utf-8">'
        f"<title>練習用サンドボックス</title><style>{STYLE}</style></head><body><h1>練習用サンドボックス</h1>"
        "<p>公式アカウントの代わりに動く、練習用の場所です。実在の SNS にはつながっていません。</p>"
        f"{''.join(parts)}</body></html>"
    )


def _platform(name: str, world: World, only: str) -> Iterator[str]:
    counts = dict.fromkeys(STATES, 0)
    for comment in world.comments.values():
        counts[comment.state] += 1
    summary = "・".join(f"{label} {counts[state]}" for state, label in STATES.items())
    yield f'<h2 id="{name}"><a href="/?platform={name}">{NAMES[name]}</a></h2>'
    yield f"<p>コメント {len(world.comments)} 件({summary})・ブロック {len(world.blocked)} 人</p>"
    if not only:
        return
    by_post: dict[str, list[Comment]] = {}
    for comment in sorted(world.comments.values(), key=lambda c: c.created_at, reverse=True):
        by_post.setdefault(comment.post_id, []).append(comment)
    for post in sorted(world.posts.values(), key=lambda p: p.created_at, reverse=True):
        yield f'<h3 class="text" id="post-{_safe(post.id)}">{_safe(post.text)}</h3>'
        yield from _sent(post)
        if post.id in by_post:
            yield "<table><thead><tr><th>日時</th><th>投稿者</th>"
            yield "<th>コメント</th><th>状態</th></tr></thead><tbody>"
            yield from (_row(world, comment) for comment in by_post[post.id])
            yield "</tbody></table>"


def _sent(post: Post) -> Iterator[str]:
    """Say what was published with the text, each medium with its alternative text."""
    sent = post.sent
    if sent is None:
        return
    when = post.created_at.astimezone(TOKYO).strftime("%Y-%m-%d %H:%M")
    yield f"<p>このコンソールから {when} に公開</p><ul>"
    for item in sent["media"]:
        kind = MEDIA.get(str(item.get("kind")), "ファイル")
        alt = _safe(str(item.get("alt") or "")) or "なし"
        yield f"<li>{kind}({int(item.get('size') or 0):,} バイト)・代替テキスト:{alt}</li>"
    if sent["card"]:
        title, url = (_safe(str(sent["card"].get(key, ""))) for key in ("title", "url"))
        yield f"<li>リンクのカード:{title} {url}</li>"
    if sent["poll"]:
        options = "、".join(_safe(str(option)) for option in sent["poll"]["options"])
        yield f"<li>投票:{options}</li>"
    yield "</ul>"


def _row(world: World, comment: Comment) -> str:
    person = world.people[comment.author_id]
    marks = [STATES[comment.state]]
    marks += ["ブロック"] if comment.author_id in world.blocked else []
    marks += ["ミュート"] if comment.author_id in world.muted else []
    marks += ["編集あり"] if len(comment.versions) > 1 else []
    when = comment.created_at.astimezone(TOKYO).strftime("%Y-%m-%d %H:%M")
    return (
        f'<tr class="{comment.state}" id="{_safe(comment.source_id)}"><td>{when}</td>'
        f"<td>{_safe(person.name)}<br>{_safe(person.handle)}</td>"
        f'<td class="text">{_safe(comment.text)}</td>'
        f'<td class="state">{"<br>".join(marks)}</td></tr>'
    )


def _safe(text: str) -> str:
    """Escape for HTML; NUL and lone surrogates cannot stand in a page and show as U+FFFD."""
    clean = (
        text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )
    return escape(clean)
