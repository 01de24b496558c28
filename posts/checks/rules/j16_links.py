"""J16: links that hide, are unsafe, look like ours, or differ from the record.

Whether a link still answers is not asked here: posts.services.links fetches, and `judge_fact`
below judges what it brought back.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from rapidfuzz.distance import DamerauLevenshtein

from posts.checks.draft import Found, Severity
from posts.checks.language.links import Link
from posts.checks.lexicon import Lexicon, Registry
from posts.checks.reading import Reading

_BROKEN = re.compile(
    r"(?<![A-Za-z])(?:h?ttps?:/(?!/)|h?ttps?//|http[sS]?;//|https?:\\\\|https?\.//|(?:hhtps?|htps?|httsp|htpps?|htttps?|ttps?|httpss)://|https?://\s|https?:\s?//\s|https?://(?:https?|www\.?\s|/))\S{0,40}"
    r"|https?://[A-Za-z0-9-]+(?=[\s、。」)]|$)|(?<![A-Za-z])ww?\.[a-z0-9-]+\.[a-z]{2,}|(?<![A-Za-z])wwww\.\S+|(?<![A-Za-z./])www,[a-z]\S*|https?://\S*(?:,(?:jp|com|org)|\.{2,})\S*",
    re.IGNORECASE,
)
_PRIVATE = re.compile(
    r"localhost|127\.0\.0\.1|192\.168\.|10\.\d+\.\d+\.\d+|\.local\b|(?:^|//|\.)(?:dev|stg|staging|test|preview|demo|sandbox)[.-]|[?&]preview=|/wp-admin|/edit(?:[?#/]|$)|/preview(?:[?#/]|$)|file:/|usp=drive|drive\.google\.com/drive|dropbox\.com/home|docs\.google\.com/\w+/d/[^/]+/edit|[?&]draft=",
    re.IGNORECASE,
)
_MEETING_ROOM = re.compile(
    r"zoom\.us/(?:j|s)/|teams\.microsoft\.com/l/meetup|meet\.google\.com/|webex\.com/(?:meet|j)",
    re.IGNORECASE,
)
_CONFUSABLE = re.compile(r"xn--", re.IGNORECASE)
_NEAR = 2  # letters by which a host or a page may differ and still be meant as ours
_ALIKE = 0.72  # likeness of two addresses that are meant to be the same
_EXAMPLE = re.compile(r"(?:^|\.)example\.(?:com|org|net|jp|co\.jp|ne\.jp)$")


@dataclass(frozen=True, slots=True)
class LinkFact:
    """What was found when a link was opened. `status` 0: it could not be reached."""

    url: str
    status: int
    final_url: str
    title: str = ""


def look(reading: Reading, lexicon: Lexicon) -> Iterator[Found]:
    """Every link by itself, then the record's address."""
    registry = lexicon.registry
    yield from _broken(reading)
    for link in reading.links:
        yield from _one(link, registry)
    yield from _record(reading)


def _broken(reading: Reading) -> Iterator[Found]:
    fine = [(link.start, link.end) for link in reading.links if "." in link.host and not link.bare]
    for match in _BROKEN.finditer(reading.plain):
        start, end = match.span()
        inside = any(s <= start and end <= e for s, e in fine)
        if inside and not re.search(r",(?:jp|com|org)|\.\.", match[0]):
            continue
        reason = f"「{reading.quote(start, end)}」は、リンクとして開けない形です。"
        yield Found(start, end, reason, "https:// で始まる正しいアドレスに直してください。")


def _one(link: Link, registry: Registry) -> Iterator[Found]:
    host, place = link.host, (link.start, link.end)
    if host in registry.shorteners or f"{host}" in registry.shorteners:
        reason = f"「{link.url}」は短縮URLで、行き先が分かりません（国の指針でも原則使いません）。"
        yield Found(*place, reason, "もとのアドレスを書いてください。")
        return
    lookalike = _looks_like_ours(host, registry)
    if lookalike:
        reason = (
            f"「{link.url}」の「{host}」は、本学会のドメイン（{registry.own_domain}）に似た別の"
            "ドメインです。"
        )
        yield Found(*place, reason, f"「{registry.own_domain}」の誤りではありませんか。")
        return
    if _PRIVATE.search(link.url):
        reason = f"「{link.url}」は、編集用・確認用など、一般の方が開けないアドレスのようです。"
        yield Found(*place, reason, "公開用のアドレスに替えてください。")
        return
    if _CONFUSABLE.search(host):
        reason = f"「{link.url}」は、紛らわしい文字を使ったドメインのおそれがあります。"
        yield Found(*place, reason, "正しいサイトか、ご確認ください。", Severity.WARN)
    if link.url.lower().startswith("http://"):
        reason = f"「{link.url}」は暗号化されていない http のリンクです。"
        yield Found(
            *place, reason, "https のアドレスがあれば、そちらに替えてください。", Severity.WARN
        )
    if _MEETING_ROOM.search(link.url):
        reason = f"「{link.url}」は会議室に直接入るアドレスです。公開すると誰でも入れます。"
        yield Found(*place, reason, "申込ページのアドレスに替えてください。", Severity.WARN)
    yield from _page(link, registry)
    if not _known(host, registry) and not _EXAMPLE.search(host):
        reason = f"「{host}」は、名簿にないドメインです。"
        yield Found(*place, reason, "開いて、目当てのページかご確認ください。", Severity.INFO)


def _looks_like_ours(host: str, registry: Registry) -> bool:
    own = registry.own_domain
    if not host or host == own or host.endswith("." + own):
        return False
    if own in host or own.replace(".", "-") in host:  # jspm.ne.jp.evil.com
        return True
    name = own.partition(".")[0]
    labels = host.split(".")
    if labels[0] == name or (len(labels) > 2 and labels[-3] == name):
        return True  # jspm.or.jp, jspm.com
    distance = DamerauLevenshtein.distance(host, own, score_cutoff=_NEAR)
    return distance <= _NEAR and host.rpartition(".")[2] == "jp" and abs(len(host) - len(own)) <= 1


def _page(link: Link, registry: Registry) -> Iterator[Found]:
    """A page of ours, mistyped by a letter or two."""
    if link.host != registry.own_domain:
        return
    mine = _address(link.url)
    pages = [_address(page) for page in registry.pages]
    if mine in pages:
        return
    for page in pages:
        if len(page) > len(registry.own_domain) + 8:
            distance = DamerauLevenshtein.distance(mine, page, score_cutoff=_NEAR)
            if 0 < distance <= _NEAR:
                reason = f"「{link.url}」は、本学会の「https://www.{page}」の書き誤りのようです。"
                yield Found(
                    link.start,
                    link.end,
                    reason,
                    f"「https://www.{page}」ではありませんか。",
                    Severity.WARN,
                )


def _known(host: str, registry: Registry) -> bool:
    return any(host == domain or host.endswith("." + domain) for domain in registry.known_domains)


def _record(reading: Reading) -> Iterator[Found]:
    event = reading.draft.event
    if event is None or not event.url or not reading.links:
        return
    right = _address(event.url)
    there = [(link, _address(link.url)) for link in reading.links]
    if any(address == right for _, address in there):
        return
    link, address = max(there, key=lambda item: _likeness(item[1], right))
    alike = _likeness(address, right)
    same_host = address.partition("/")[0] == right.partition("/")[0]
    reason = f"「{link.url}」は、催しの記録のアドレス（{event.url}）と違います。"
    suggestion = f"「{event.url}」ではありませんか。"
    if alike >= _ALIKE or (same_host and len(there) == 1):
        yield Found(link.start, link.end, reason, suggestion)
    elif len(there) == 1:
        yield Found(link.start, link.end, reason, suggestion, Severity.WARN)


def _address(url: str) -> str:
    """Host and path without scheme, www, campaign parameters, index page and last slash."""
    try:
        parts = urlsplit(url if "//" in url else f"https://{url}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return url
    query = "&".join(
        p for p in parts.query.split("&") if p and not p.startswith(("utm_", "fbclid", "gclid"))
    )
    path = parts.path.rstrip("/")
    return f"{host}{path}" + (f"?{query}" if query else "")


def _likeness(one: str, other: str) -> float:
    return float(DamerauLevenshtein.normalized_similarity(one, other))


def judge_fact(link: Link, fact: LinkFact) -> Iterator[Found]:
    """What a link's answer says about it. Pure: the answer was fetched elsewhere."""
    place = (link.start, link.end)
    if fact.status == 0:
        reason = f"「{link.url}」を開いて確かめることができませんでした。"
        yield Found(*place, reason, "ご自分で開いて、ご確認ください。", Severity.WARN)
    elif fact.status >= 400:
        reason = f"「{link.url}」は開けません（{fact.status}）。リンク切れです。"
        yield Found(*place, reason, "正しいアドレスに直してください。")
    elif _site(fact.final_url) != _site(link.url):
        reason = f"「{link.url}」は、別のサイト「{_site(fact.final_url)}」に移ります。"
        yield Found(*place, reason, "移った先が正しければ、そのアドレスを書いてください。")


def _site(url: str) -> str:
    return _address(url).partition("/")[0].partition("?")[0]
