"""Bodies that are streamed, and addresses that a platform names, through the outgoing door."""

import io
import tracemalloc
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from jspm_social.platforms.errors import OutcomeUnknown, Rejected, Transient
from jspm_social.platforms.http import ChannelHttp, Upload

from .test_http import Server, door, http, server  # noqa: F401 - fixtures

ANY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

JPEG = b"\xff\xd8\xff\0--\r\n" + bytes(range(256)) * 500


class Zeros(io.RawIOBase):
    """Gives as many zeros as are asked for and holds none."""

    def read(self, size: int = -1) -> bytes:
        return bytes(size)


def test_raw_body_arrives_byte_for_byte(server: Server, http: ChannelHttp) -> None:  # noqa: F811
    upload = Upload(io.BytesIO(JPEG), size=len(JPEG), mime="image/jpeg")
    assert http.call("POST", "api", "/blob", upload=upload).ok
    ((_, _, headers),) = server.asked
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Content-Length"] == str(len(JPEG))
    assert server.bodies == [JPEG]


def test_only_the_wanted_part_of_a_file_is_sent(server: Server, http: ChannelHttp) -> None:  # noqa: F811
    stream = io.BytesIO(JPEG)
    stream.seek(10)
    http.call("PUT", "api", "/part", upload=Upload(stream, size=20, mime="video/mp4"))
    assert server.bodies == [JPEG[10:30]]
    stream.seek(10)
    assert b"".join(Upload(stream, size=20, mime="video/mp4")) == JPEG[10:30]


@ANY_MACHINE
@given(
    st.binary(max_size=200_000),
    st.dictionaries(st.sampled_from("abc"), st.text(st.characters(codec="utf-8"))),
    st.integers(1, 100_000),
)
def test_form_reads_as_it_was_written(file: bytes, fields: dict[str, str], block: int) -> None:
    upload = Upload.form(
        io.BytesIO(file),
        size=len(file),
        mime="image/png",
        name="file",
        filename="image.png",
        fields=fields,
    )
    body = b"".join(iter(lambda: upload.read(block), b""))
    assert len(body) == len(upload)
    message = BytesParser(EmailMessage, policy=HTTP).parsebytes(
        f"Content-Type: {upload.mime}\r\n\r\n".encode() + body
    )
    mark = message.get_boundary()
    assert mark
    parts = body.split(f"--{mark}".encode())
    values = [part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for part in parts[1:-1]]
    assert values == [*(v.encode() for v in fields.values()), file]
    assert parts[0] == b""
    assert parts[-1] == b"--\r\n"
    assert b'name="file"; filename="image.png"\r\nContent-Type: image/png' in parts[-2]


def test_a_large_file_is_not_taken_into_memory(server: Server, http: ChannelHttp) -> None:  # noqa: F811
    upload = Upload(Zeros(), size=200_000_000, mime="video/mp4")  # type: ignore[arg-type]
    tracemalloc.start()
    while upload.read():
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_file_shorter_than_said_breaks_the_request_off(
    server: Server,  # noqa: F811
    http: ChannelHttp,  # noqa: F811
) -> None:
    with pytest.raises(Rejected, match="shorter"):
        http.call(
            "POST", "api", "/blob", upload=Upload(io.BytesIO(b"abc"), size=9, mime="image/png")
        )
    http.close()
    assert all(len(body) < 9 for body in server.bodies)  # broken off: nobody acts on a part


def test_lost_answer_to_an_upload(server: Server, http: ChannelHttp) -> None:  # noqa: F811
    server.reply = (503, {}, b"{}")
    for changes, error in ((None, OutcomeUnknown), (False, Transient)):
        upload = Upload(io.BytesIO(b"a"), size=1, mime="image/png")
        with pytest.raises(error):
            http.call("POST", "api", "/blob", upload=upload, changes=changes)


def test_upload_that_wants_more_is_an_answer_and_a_redirection_is_not(
    server: Server,  # noqa: F811
    http: ChannelHttp,  # noqa: F811
) -> None:
    server.reply = (308, {"Range": "bytes=0-99"}, b"")
    answer = http.call("PUT", "api", "/session")
    assert (answer.status, answer.body, answer.headers["Range"]) == (308, None, "bytes=0-99")
    assert not answer.ok
    server.reply = (308, {"Location": f"{server.url}/x/else"}, b"")
    with pytest.raises(Rejected):
        http.call("PUT", "api", "/session")


# --- addresses that a platform names


def test_address_of_an_own_host_is_located() -> None:
    found = door("", api="https://api.example", upload="https://up.example/v1/")
    assert found.locate("https://up.example/v1/videos?id=a%2Fb&x=1") == (
        "upload",
        "/videos?id=a%2Fb&x=1",
    )
    assert found.locate("https://api.example/") == ("api", "/")


def test_address_is_used_below_base_url(server: Server) -> None:  # noqa: F811
    opened = door(f"{server.url}/y", api="https://api.example", upload="https://up.example")
    for address in (f"{server.url}/y/session/1?key=k", "https://up.example/session/1?key=k"):
        host, path = opened.locate(address)
        opened.call("PUT", host, path)
    opened.close()
    assert [path for _, path, _ in server.asked] == ["/y/session/1?key=k"] * 2


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/session",
        "https://up.example",
        "http://up.example/a",
        "https://up.example.evil/a",
        "https://up.example@evil.example/a",
        "https://up.example:444/a",
        "https://evil.example/https://up.example/a",
        "https://evil.example/?https://up.example/",
        "https://up.example/../a",
        "https://up.example/a/%2e%2e/b",
        "https://up.example/a/..%2Fb",
        "https://up.example/a\\..\\b",
        "https://up.example/a/./b",
        "https://up.example/a b",
        "https://up.example/a\r\nX: y",
        "https://up.example/a#b",
        "https://up.example/日本",
        "http://127.0.0.1/a",
        "http://169.254.169.254/latest/meta-data",
    ],
)
def test_any_other_address_is_refused(address: str) -> None:
    with pytest.raises(Rejected):
        door("", api="https://api.example", upload="https://up.example").locate(address)


def test_address_above_base_url_is_refused(server: Server) -> None:  # noqa: F811
    opened = door(f"{server.url}/y", api="https://api.example")
    for path in ("/z/a", "/", "/yy/a", "/y/../z"):
        with pytest.raises(Rejected):
            opened.locate(server.url + path)


def test_no_error_tells_the_secret_of_an_address(server: Server, http: ChannelHttp) -> None:  # noqa: F811
    server.reply = (503, {}, b"{}")
    with pytest.raises(OutcomeUnknown) as caught:
        http.call("PUT", *http.locate(f"{server.url}/x/session?upload_id=hush"))
    assert "/session" in caught.value.detail
    assert "hush" not in caught.value.detail
