"""Which platforms have a webhook, and how each signs, is sifted and is read."""

from collections.abc import Mapping
from dataclasses import dataclass

from jspm_social.platforms.names import Platform

from . import line, meta, signatures, x
from .news import Read, Sift
from .signatures import Sign


@dataclass(frozen=True, slots=True)
class Wire:
    """`secret` is the name of the key among the channel's secrets, `header` where the
    signature stands.
    """

    secret: str
    header: str
    sign: Sign
    sift: Sift
    read: Read


_META = "X-Hub-Signature-256"
WIRES: Mapping[str, Wire] = {
    Platform.X: Wire(
        "consumer_secret", "x-twitter-webhooks-signature", signatures.x, x.sift, x.read
    ),
    Platform.FACEBOOK: Wire(
        "app_secret", _META, signatures.meta, meta.sift_facebook, meta.read_facebook
    ),
    Platform.INSTAGRAM: Wire(
        "app_secret", _META, signatures.meta, meta.sift_instagram, meta.read_instagram
    ),
    Platform.THREADS: Wire(
        "app_secret", _META, signatures.meta, meta.sift_threads, meta.read_threads
    ),
    Platform.LINE: Wire(
        "channel_secret", "x-line-signature", signatures.line, line.sift, line.read
    ),
}
META = frozenset({Platform.FACEBOOK, Platform.INSTAGRAM, Platform.THREADS})
