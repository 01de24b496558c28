"""The templates keep the content security policy: no inline script, style or handler."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent / "templates"
TEMPLATES = sorted(path for path in ROOT.rglob("*") if path.is_file())
FORBIDDEN = {
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "inline style": re.compile(r"<style\b", re.IGNORECASE),
    "style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "event handler": re.compile(r"<[^>]*\s(?:on[a-z]+|hx-on[:\w-]*)\s*=", re.IGNORECASE),
    "script address": re.compile(r"javascript:", re.IGNORECASE),
    "unescaped text": re.compile(r"\|\s*safe\b|\|\s*safeseq\b|autoescape\s+off"),
    "evaluated words": re.compile(r"\bhx-vals\s*=\s*[\"']js:", re.IGNORECASE),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_has(what: str) -> None:
    found = [str(path) for path in TEMPLATES if FORBIDDEN[what].search(path.read_text("utf-8"))]
    assert len(TEMPLATES) > 30
    assert found == []


@pytest.mark.parametrize(
    ("what", "sample"),
    [
        ("inline script", "<script>alert(1)</script>"),
        ("inline style", "<style>a{}</style>"),
        ("style attribute", '<p class="a" style="color:red">'),
        ("event handler", '<p class="a" onclick="x()">'),
        ("script address", '<a href="JavaScript:x()">'),
        ("unescaped text", "{{ text | safe }}"),
        ("evaluated words", "<p hx-vals='js:{}'>"),
    ],
)
def test_pattern_finds_what_it_is_for(what: str, sample: str) -> None:
    assert FORBIDDEN[what].search(sample)
