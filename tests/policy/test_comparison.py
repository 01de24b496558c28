"""The 新旧対照表: both texts can be read from it, whatever changed."""

from dataclasses import dataclass

from hypothesis import given, strategies as st

from policy.comparison import Change, Side, comparison
from policy.presenters.versions import table


@dataclass(frozen=True)
class Written:
    anchor: str
    code: str
    heading: str
    text: str


words = st.text(alphabet="緩和ケアは週2回、です。abc \n", max_size=30)
anchors = st.lists(st.sampled_from([f"c{n}" for n in range(1, 9)]), unique=True)


@st.composite
def texts(draw: st.DrawFn) -> list[Written]:
    return [
        Written(anchor, str(number), draw(words), draw(words))
        for number, anchor in enumerate(draw(anchors), start=1)
    ]


def read(anchor: str, side: Side) -> Written:
    heading = "".join(piece.text for piece in side.heading)
    return Written(anchor, side.code, heading, "".join(piece.text for piece in side.text))


@given(old=texts(), new=texts())
def test_both_versions_can_be_read_from_the_rows(old: list[Written], new: list[Written]) -> None:
    rows = comparison(old, new)
    assert [read(row.anchor, row.new) for row in rows if row.new] == new
    told = [read(row.anchor, row.old) for row in rows if row.old]
    assert sorted(told, key=old.index) == old
    assert len(rows) == len({row.anchor for row in rows})


@given(old=texts(), gone=st.sets(st.integers(0, 7)))
def test_what_was_removed_stands_where_it_stood(old: list[Written], gone: set[int]) -> None:
    new = [clause for number, clause in enumerate(old) if number not in gone]
    rows = comparison(old, new)
    assert [row.anchor for row in rows] == [clause.anchor for clause in old]
    assert {row.change for row in rows if row.new is None} <= {Change.REMOVED}


@given(old=texts(), new=texts())
def test_columns_hold_only_their_own_marks(old: list[Written], new: list[Written]) -> None:
    for row in comparison(old, new):
        sides = [(row.old, {"same", "old"}), (row.new, {"same", "new"})]
        for side, kinds in sides:
            if side is not None:
                assert {piece.kind for piece in (*side.heading, *side.text)} <= kinds


@given(old=texts(), new=texts())
def test_the_short_table_leaves_out_only_what_did_not_change(
    old: list[Written], new: list[Written]
) -> None:
    rows = comparison(old, new)
    shown = [row.anchor for row in table(rows) if not row.skipped]
    assert shown == [row.anchor for row in rows if row.change is not Change.SAME]
    assert len(table(rows, whole=True)) == len(rows)


def test_kinds_of_change() -> None:
    old = [
        Written("c1", "1", "あ", ""),
        Written("c2", "2", "い", "文"),
        Written("c3", "3", "う", ""),
        Written("c4", "4", "え", ""),
    ]
    new = [
        Written("c1", "1", "あ", ""),
        Written("c5", "2", "お", ""),
        Written("c2", "3", "い", "別の文"),
        Written("c4", "5", "え", ""),
    ]
    assert [(row.anchor, row.change) for row in comparison(old, new)] == [
        ("c1", Change.SAME),
        ("c5", Change.ADDED),
        ("c2", Change.CHANGED),
        ("c3", Change.REMOVED),
        ("c4", Change.RENUMBERED),
    ]
