"""The platforms' signatures, against vectors that were computed elsewhere."""

import pytest

from jspm_social.platforms.webhooks import signatures
from jspm_social.platforms.webhooks.wires import WIRES

SECRET = "test_secret"
BODY = '{"events":[],"text":"こんにちは"}'.encode()
LINE = "6zmkSa56SSurykbrKTd0Hl0SGJrMPt5DpgAroThgT/I="
META = "sha256=eb39a449ae7a492babca46eb2937741e5d12189acc3ede43a6002ba138604ff2"


def test_the_body_is_the_one_of_the_vectors() -> None:
    assert len(BODY) == 38


def test_x() -> None:
    assert signatures.x(SECRET, BODY) == f"sha256={LINE}"


def test_x_crc() -> None:
    assert signatures.x(SECRET, b"abc123") == "sha256=ys7Oy2CI5dDDBGQ6Q1k8gCw+eVEZt1mdpGG6/l++NHw="


def test_meta() -> None:
    assert signatures.meta(SECRET, BODY) == META


def test_line() -> None:
    assert signatures.line(SECRET, BODY) == LINE


@pytest.mark.parametrize("platform", WIRES)
def test_only_the_exact_signature_counts(platform: str) -> None:
    sign = WIRES[platform].sign
    right = sign(SECRET, BODY)
    assert signatures.is_signed(sign, SECRET, BODY, right)
    for wrong in ("", right[:-1], right + " ", right.swapcase(), "sha256=", "ü" * 64):
        assert not signatures.is_signed(sign, SECRET, BODY, wrong)
    assert not signatures.is_signed(sign, SECRET, BODY + b" ", right)
    assert not signatures.is_signed(sign, "other", BODY, right)


@pytest.mark.parametrize("platform", WIRES)
def test_without_a_secret_nothing_is_signed(platform: str) -> None:
    sign = WIRES[platform].sign
    assert not signatures.is_signed(sign, "", BODY, sign("", BODY))
