"""Which platform has a sign-in, and which. Bluesky and LINE have none: keys are typed there."""

from collections.abc import Mapping
from typing import Final

from jspm_social.platforms.names import Platform

from . import google, mastodon, meta, threads, x
from .flow import Flow

FLOWS: Final[Mapping[Platform, Flow]] = {
    Platform.X: x.FLOW,
    Platform.FACEBOOK: meta.FACEBOOK,
    Platform.INSTAGRAM: meta.INSTAGRAM,
    Platform.YOUTUBE: google.FLOW,
    Platform.THREADS: threads.FLOW,
    Platform.MASTODON: mastodon.FLOW,
}
