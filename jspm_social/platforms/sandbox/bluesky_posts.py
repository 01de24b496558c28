"""The sandbox's Bluesky, as far as posting goes: blobs, the video service, what a post may hold.

The video service wants a token that the server made for it, works for a while, and takes the same
file only once. A record that answers or quotes is refused.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import regex

from . import ids
from .model import World
from .store import SandboxStore
from .wire import Reply, Request

OWN = ids.OWN_IDS["bluesky"]
POST = "app.bsky.feed.post"
FIELDS = {"$type", "text", "createdAt", "langs", "facets", "embed", "tags"}
MOST_BLOB = 2_000_000  # of an image; a video comes from the service
UPLOAD = "com.atproto.repo.uploadBlob"


# --- records


def refusal(world: World, record: Mapping[str, Any]) -> str:
    """Say what is wrong with a post, '' for nothing."""
    text = str(record.get("text", ""))
    raw = text.encode("utf-8", "replace")
    embed = record.get("embed") or {}
    files = _files(embed)
    if set(record) - FIELDS or "record" in embed:
        return "Record has fields that no post of ours has"
    if len(raw) > 3000 or len(regex.findall(r"\X", text)) > 300:
        return "Record/text must not be longer than 300 graphemes"
    if not all(_is_sound(raw, facet) for facet in record.get("facets", [])):
        return "Record/facets: an index is out of range or within a letter"
    if not all(_cid_of(blob) in world.uploads for blob, _ in files):
        return "Could not find blob"
    if len(files) > 4:
        return "Record/embed/images must not have more than 4 elements"
    return ""


def _is_sound(raw: bytes, facet: Mapping[str, Any]) -> bool:
    index = facet.get("index") or {}
    start, end = int(index.get("byteStart", -1)), int(index.get("byteEnd", -1))
    if not 0 <= start < end <= len(raw):
        return False
    try:
        raw[:start].decode(), raw[start:end].decode()
    except UnicodeDecodeError:
        return False
    return bool(facet.get("features"))


def publish(store: SandboxStore, uri: str, record: Mapping[str, Any]) -> None:
    world, embed = store.world("bluesky"), record.get("embed") or {}
    media = [{**world.uploads[_cid_of(blob)], "alt": alt} for blob, alt in _files(embed)]
    external = embed.get("external")
    card = {"title": external["title"], "url": external["uri"]} if external else None
    more = {"facets": record.get("facets", []), "embed": embed, "langs": record.get("langs", [])}
    store.publish("bluesky", uri, str(record.get("text", "")), media=media, card=card, more=more)
    store.saw_call("bluesky", "publish", uri)


def _files(embed: Mapping[str, Any]) -> list[tuple[dict[str, Any], str]]:
    """Return the blobs of an embed, each with its alternative text."""
    found = [(i.get("image") or {}, str(i.get("alt", ""))) for i in embed.get("images", [])]
    return found + ([(embed["video"], str(embed.get("alt", "")))] if "video" in embed else [])


def _cid_of(blob: Mapping[str, Any]) -> str:
    return str((blob.get("ref") or {}).get("$link", ""))


# --- blobs


def upload_blob(request: Request, store: SandboxStore) -> Reply:
    if not request.body or len(request.body) > MOST_BLOB:
        return _error(400, "BlobTooLarge")
    mime = request.headers.get("content-type", "")
    kind = "video" if mime.startswith("video/") else "image"
    return Reply(body={"blob": _keep(store, request.body, kind=kind, mime=mime)})


def _keep(store: SandboxStore, content: bytes, *, kind: str, mime: str) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    cid = f"bafkrei{digest[:52]}"
    store.upload("bluesky", cid, kind=kind, mime=mime, size=len(content), sha256=digest)
    return _blob(cid, mime, len(content))


def _blob(cid: str, mime: str, size: int) -> dict[str, Any]:
    return {"$type": "blob", "ref": {"$link": cid}, "mimeType": mime, "size": size}


# --- people and services


def resolve_handle(request: Request, store: SandboxStore) -> Reply:
    handle = request.query.get("handle", "")
    people = store.world("bluesky").people.values()
    found = next(
        (p.id for p in people if handle and handle in {p.handle, f"{p.handle}.example"}), ""
    )
    if found:
        return Reply(body={"did": found})
    ours = handle.endswith(".example")  # the domain of this server's own handles
    name = "HandleNotFound" if ours else "InvalidRequest"
    return _error(400, name, "Unable to resolve handle")


def service_auth(request: Request, store: SandboxStore) -> Reply:
    wanted = {name: request.query.get(name, "") for name in ("aud", "lxm", "exp")}
    if not wanted["aud"].startswith("did:web:") or not wanted["exp"].isdigit():
        return _error(400, "InvalidRequest", "aud, exp")
    token = f"service-{len(store.world('bluesky').uploads)}"
    store.upload("bluesky", token, **wanted)
    return Reply(body={"token": token})


# --- the video service


def upload_video(request: Request, store: SandboxStore) -> Reply:
    world = store.world("bluesky")
    allowed = world.uploads.get(request.bearer, {}).get("lxm") == UPLOAD
    if not allowed or request.query.get("did") != OWN:
        return _error(401, "AuthMissing")
    if not request.body or request.headers.get("content-type") != "video/mp4":
        return _error(400, "InvalidRequest", "video/mp4")
    job = "job" + hashlib.sha256(request.body).hexdigest()[:20]
    if job in world.uploads:
        return Reply(409, {**_status(world, job), "error": "already_exists"})
    blob = _keep(store, request.body, kind="video", mime="video/mp4")
    store.upload("bluesky", job, blob=blob, state="JOB_STATE_CREATED")
    return Reply(body={"jobStatus": _status(world, job)})


def job_status(request: Request, store: SandboxStore) -> Reply:
    """The first look finds the service at work, the second finds it done."""
    world, job = store.world("bluesky"), request.query.get("jobId", "")
    if job not in world.uploads:
        return _error(400, "InvalidRequest", "no such job")
    state = world.uploads[job]["state"]
    following = {"JOB_STATE_CREATED": "JOB_STATE_ENCODING"}.get(state, "JOB_STATE_COMPLETED")
    store.upload("bluesky", job, state=following)
    return Reply(body={"jobStatus": _status(world, job)})


def _status(world: World, job: str) -> dict[str, Any]:
    known = world.uploads[job]
    if "failed" in known:
        return dict(known["failed"])
    done = known["state"] == "JOB_STATE_COMPLETED"
    status = {"jobId": job, "did": OWN, "state": known["state"]}
    return status | ({"blob": known["blob"]} if done else {"progress": 50})


def _error(status: int, name: str, message: str = "") -> Reply:
    return Reply(status, {"error": name, "message": message or name})


READS = {
    "com.atproto.identity.resolveHandle": resolve_handle,
    "com.atproto.server.getServiceAuth": service_auth,
}
WRITES = {UPLOAD: upload_blob}
VIDEO = {
    ("POST", "app.bsky.video.uploadVideo"): upload_video,
    ("GET", "app.bsky.video.getJobStatus"): job_status,
}
