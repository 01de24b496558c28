"""What X charges, in millionths of a dollar. Data only; the source of each is beside it.

Source: platform documentation of pay-per-use, as read in 2026-11. Reads are charged per thing in
the answer, writes per request. "Owned" are reads of one's own lists by the app's owner. The same
thing is charged once per UTC day (X calls that a soft guarantee).
"""

from collections.abc import Mapping
from typing import Final

POST_READ: Final = 5_000
OWNED_READ: Final = 1_000  # /2/users/{me}/mentions, /tweets, /blocking, /muting
USER_READ: Final = 10_000
MEDIA_READ: Final = 5_000
POST_CREATE: Final = 15_000
POST_CREATE_WITH_URL: Final = 200_000
OWNED_LISTS: Final = frozenset({"mentions", "tweets", "blocking", "muting"})

# (method, last part of the address) → price of the request
WRITES: Final[Mapping[tuple[str, str], int]] = {
    ("PUT", "hidden"): 5_000,  # "Content: Manage"
    ("POST", "muting"): 15_000,
    ("POST", "retweets"): 15_000,  # what a repost costs is not told: like any interaction
    ("POST", "metadata"): 5_000,
}
DELETE_MUTE: Final = 5_000
DELETE_OTHER: Final = 10_000  # "Interaction: Delete"; what deleting a post costs is not told
