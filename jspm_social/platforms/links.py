"""Where on the platform's own pages a person does by hand what the API does not offer.

The addresses are those that the platforms' own pages use; where none leads to the very switch,
the page that holds it. Names and ids come from outside and are quoted.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from .names import Effect, Platform

LONGEST: Final = 500  # characters; a name from outside can make an address longer
AIMED_AT_PEOPLE: Final = frozenset({Effect.BLOCK, Effect.UNBLOCK, Effect.MUTE})


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of a comment, its author and our account; anything may be ''."""

    platform: Platform
    comment_url: str = ""
    post_id: str = ""
    author_key: str = ""
    author_handle: str = ""
    author_url: str = ""
    account_id: str = ""
    account_name: str = ""
    base_url: str = ""


def page_for(effect: Effect, place: Place) -> str:
    """Return the address of the page where a person performs `effect`; '' when none is known."""
    pages = [place.comment_url]
    if effect in AIMED_AT_PEOPLE:
        pages = [_person_page(effect, place), place.author_url, *pages]
    if effect == Effect.UNHIDE:
        pages = [_hidden_page(place), *pages]
    return next((page for page in pages if 0 < len(page) <= LONGEST), "")


def _person_page(effect: Effect, place: Place) -> str:  # noqa: PLR0911 - one per platform
    handle = quote(place.author_handle, safe="@")
    match place.platform:
        case Platform.X:
            return f"https://x.com/{handle}" if handle else ""
        case Platform.FACEBOOK:  # a Page blocks at the comment, and lifts it in its settings
            unblocking = effect == Effect.UNBLOCK
            return "https://www.facebook.com/settings?tab=blocking" if unblocking else ""
        case Platform.INSTAGRAM:
            return f"https://www.instagram.com/{handle}/" if handle else ""
        case Platform.THREADS:
            return f"https://www.threads.net/@{handle}" if handle else ""
        case Platform.YOUTUBE:  # hidden people are a list in the channel's community settings
            studio = (
                f"https://studio.youtube.com/channel/{quote(place.account_id or 'UC', safe='')}"
            )
            return f"{studio}?d=sd&sds=community" if effect == Effect.UNBLOCK else place.comment_url
        case Platform.LINE:
            return "https://chat.line.biz/"
        case Platform.BLUESKY:
            did = quote(place.author_key, safe=":")
            return f"https://bsky.app/profile/{did}" if did else ""
        case Platform.MASTODON:  # as seen from our own server: only there we can block
            return f"{place.base_url.rstrip('/')}/@{handle}" if handle and place.base_url else ""


def _hidden_page(place: Place) -> str:
    """Where what we hid is listed, on platforms that keep it out of sight."""
    if place.platform == Platform.X and place.account_name and place.post_id:
        own, post = quote(place.account_name, safe=""), quote(place.post_id, safe="")
        return f"https://x.com/{own}/status/{post}/hidden"
    if place.platform == Platform.YOUTUBE and place.account_id:
        channel = quote(place.account_id, safe="")
        return f"https://studio.youtube.com/channel/{channel}/comments/inbox"
    return ""
