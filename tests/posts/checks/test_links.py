"""What was found behind the links is judged without a network."""

from posts.checks import Draft, LinkFact, examine_links

URL = "https://www.jspm.ne.jp/event/"


def judged(fact: LinkFact, text: str = f"詳細 {URL} へ") -> list[tuple[str, str, str]]:
    return [
        (one.check, one.severity.value, text[one.start : one.end])
        for one in examine_links(Draft(text), [fact])
    ]


def test_a_page_that_answers_is_fine() -> None:
    assert judged(LinkFact(URL, 200, URL, "催し")) == []


def test_a_dead_link_blocks() -> None:
    assert judged(LinkFact(URL, 404, URL)) == [("J16", "block", URL)]


def test_a_link_that_ends_on_another_site_blocks() -> None:
    assert judged(LinkFact(URL, 200, "https://casino.example/x")) == [("J16", "block", URL)]


def test_a_move_within_the_site_is_fine() -> None:
    assert judged(LinkFact(URL, 200, "https://jspm.ne.jp/event/index.html")) == []


def test_a_link_that_could_not_be_opened_warns() -> None:
    assert judged(LinkFact(URL, 0, URL)) == [("J16", "warn", URL)]


def test_a_link_without_its_scheme_is_judged_too() -> None:
    fact = LinkFact("https://www.jspm.ne.jp/x", 500, "https://www.jspm.ne.jp/x")
    assert judged(fact, "www.jspm.ne.jp/x へ") == [("J16", "block", "www.jspm.ne.jp/x")]
