"""Reading posts: what each channel would be sent."""

from jspm_social.platforms.models import Channel
from jspm_social.platforms.names import Platform
from posts.models import MediaFile, Post
from posts.payload import Payload, PayloadMedia, payload_for


def channels_of(post: Post) -> dict[int, Channel]:
    """The channels that the draft is meant for, by id, in the order of the list of channels."""
    return {channel.pk: channel for channel in Channel.objects.filter(pk__in=post.draft.channels)}


def files_of(post: Post) -> dict[int, MediaFile]:
    """The media files of the draft, of all its channels together."""
    draft = post.draft
    wanted = {pk for channel in draft.channels for pk in draft.media_for(channel)}
    return MediaFile.objects.in_bulk(wanted | set(draft.media))


def payloads_of(post: Post) -> dict[int, Payload]:
    """What every channel would be sent for the draft as it stands, by channel."""
    draft, files = post.draft, {pk: as_sent(file) for pk, file in files_of(post).items()}
    return {
        pk: payload_for(draft, pk, Platform(channel.platform), files)
        for pk, channel in channels_of(post).items()
    }


def as_sent(file: MediaFile) -> PayloadMedia:
    return PayloadMedia(
        id=file.pk, kind=file.kind, sha256=file.sha256, alt=file.alt, credit=file.credit
    )
