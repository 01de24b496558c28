"""Who is calling, for the throttle of the log-in."""

from django.conf import settings
from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """Return the caller's address. Behind our own proxy it is the one that the proxy added.

    Only the last entry counts: the ones before it were sent by the caller and can say anything.
    """
    if settings.BEHIND_PROXY:
        forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if forwarded:
            return forwarded
    return str(request.META.get("REMOTE_ADDR", ""))
