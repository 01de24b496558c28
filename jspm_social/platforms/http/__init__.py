"""The only outgoing doors of the console: one for channel hosts, one for content addresses."""

from jspm_social.platforms.metering import Answer

from .channel import ChannelHttp, url_path
from .content import Content, ContentRefused, fetch_content
from .upload import Upload

__all__ = [
    "Answer",
    "ChannelHttp",
    "Content",
    "ContentRefused",
    "Upload",
    "fetch_content",
    "url_path",
]
