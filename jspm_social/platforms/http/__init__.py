"""The only outgoing doors of the console: one for channel hosts, one for content addresses, and
one for a service that the operator named (an optional judge outside the house).
"""

from jspm_social.platforms.metering import Answer

from .channel import ChannelHttp, url_path
from .content import Content, ContentRefused, fetch_content
from .endpoint import post_json
from .upload import Upload

__all__ = [
    "Answer",
    "ChannelHttp",
    "Content",
    "ContentRefused",
    "Upload",
    "fetch_content",
    "post_json",
    "url_path",
]
