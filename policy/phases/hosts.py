"""シ: links whose host dresses up: look-alikes of the society's site, odd scripts, bare numbers."""

from collections.abc import Iterator

import re2
from rapidfuzz.distance import DamerauLevenshtein
from tldextract import TLDExtract

from policy.criteria import Criterion
from policy.links import Link
from policy.normalise import fold
from policy.ruleset import CompiledRuleSet

from .finding import Finding
from .subject import Subject

_RULE = "phase:hosts"

OFFICIAL = "jspm.ne.jp"  # the society's own site
_NAME = "jspm"
_ADDRESS = re2.compile(r"h(?:tt|xx)ps?://[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:[:/][^\s]*)?")
# The list of public suffixes that the package carries: nothing is fetched.
_split = TLDExtract(suffix_list_urls=(), cache_dir=None)


def judge(subject: Subject, rules: CompiledRuleSet) -> Iterator[Finding]:
    """One finding per link that a careful reader would not open."""
    del rules
    for link in subject.links:
        why = _suspicious(link)
        if why:
            yield Finding(Criterion.MALWARE, 0.6, link.start, link.end, why, _RULE)
    for match in _ADDRESS.finditer(subject.folded.text):
        start, end = subject.folded.span(*match.span())
        why = "名前のない番号だけの宛先へのリンクです"
        yield Finding(Criterion.MALWARE, 0.5, start, end, why, _RULE)


def _suspicious(link: Link) -> str:
    host = link.url.split("://")[-1].split("/")[0].lower()
    parts = _split(host)
    if parts.top_domain_under_public_suffix == OFFICIAL:
        return ""
    if looks_like_the_society(parts.domain) or looks_like_the_society(parts.subdomain):
        return f"学会のサイト（{OFFICIAL}）に似せた別の宛先です（{host}）"
    if any(label.startswith("xn--") for label in host.split(".")) and parts.suffix != "jp":
        return f"日本語などの文字を使った、見分けにくい宛先です（{host}）"
    return ""


def looks_like_the_society(label: str) -> bool:
    """True for a label one of whose words is the society's name, or all but one letter of it."""
    words = re2.sub(r"[^a-z0-9]+", " ", fold(label).text).split()
    return any(word.startswith(_NAME) or _near(word) for word in words)


def _near(word: str) -> bool:
    distance: int = DamerauLevenshtein.distance(word.replace("rn", "m"), _NAME)
    return len(word) >= len(_NAME) and distance <= 1
