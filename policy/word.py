"""The policy and its 新旧対照表 as Word files (.docx). Reads no database, writes no file."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from jspm_social.diff import Piece
from jspm_social.templatetags.ja import day_text
from policy.models import PolicyVersion
from policy.numbering import DEPTH, Level
from policy.presenters.versions import ShownClause, ShownRow, ShownSide

FONT = "Yu Mincho"
HEADINGS = {Level.SECTION: 1, Level.SUBSECTION: 2}
MARGIN = Mm(20)
INK = RGBColor(0, 0, 0)


def text(version: PolicyVersion, clauses: Iterable[ShownClause]) -> bytes:
    """The whole text of a version, with headings that Word's navigation knows."""
    document = _document(f"{version.title}（{version}）")
    document.add_heading(version.title, level=0)
    document.add_paragraph(
        f"{version}（{version.get_state_display()}）　施行日 {day_text(version.effective_from)}"
    )
    for clause in clauses:
        level = HEADINGS.get(clause.level)
        if level is not None:
            document.add_heading(f"{clause.mark} {clause.heading}".strip(), level=level)
            lines = clause.text.split("\n") if clause.text else []
        else:
            first, *rest = clause.text.split("\n")
            lines = [f"{clause.mark} {first}".strip(), *rest]
        for line in lines:
            paragraph = document.add_paragraph(line)
            if clause.level not in HEADINGS:
                paragraph.paragraph_format.left_indent = Mm(6 * DEPTH[clause.level])
    return _bytes(document)


def compared(version: PolicyVersion, before: PolicyVersion | None, rows: list[ShownRow]) -> bytes:
    """Both versions side by side: what is new underlined, what was taken out struck through."""
    document = _document(f"{version.title} 新旧対照表（{version}）")
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width
    document.add_heading(f"{version.title}　新旧対照表", level=0)
    document.add_paragraph(f"施行日 {day_text(version.effective_from)}")
    if version.summary:
        document.add_paragraph(version.summary)
    table = document.add_table(rows=1, cols=2, style="Table Grid")
    _repeat(table.rows[0])
    for cell, words in zip(
        table.rows[0].cells,
        (f"改定後（{version}）", f"改定前（{before}）" if before else "改定前"),
        strict=True,
    ):
        cell.paragraphs[0].add_run(words).bold = True
    for row in rows:
        new, old = table.add_row().cells
        if row.skipped:
            new.text = old.text = f"{row.skipped}（略）"
            continue
        _fill(new, row.new, "（削除）")
        _fill(old, row.old, "（新設）")
    return _bytes(document)


def _fill(cell: Any, side: ShownSide | None, absent: str) -> None:
    paragraph = cell.paragraphs[0]
    if side is None:
        paragraph.add_run(absent)
        return
    mark = paragraph.add_run(f"{side.mark} " if side.mark else "")
    mark.underline = side.renumbered or None
    if side.heading:
        _write(paragraph, side.heading)
        if side.text:
            paragraph = cell.add_paragraph()
    _write(paragraph, side.text)


def _write(paragraph: Any, pieces: Iterable[Piece]) -> None:
    for piece in pieces:
        run = paragraph.add_run(piece.text)  # a line end becomes a line break
        run.underline = True if piece.kind == "new" else None
        run.font.strike = True if piece.kind == "old" else None


def _document(title: str) -> Any:
    document = Document()
    document.core_properties.title = title
    document.core_properties.author = "日本緩和医療学会 広報委員会"
    document.core_properties.language = "ja-JP"
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = MARGIN
    section.top_margin = section.bottom_margin = MARGIN
    for name, size in (("Normal", 10.5), ("Title", 18), ("Heading 1", 13), ("Heading 2", 11)):
        _set_font(document.styles[name], size)
    return document


def _set_font(style: Any, size: float) -> None:
    """Word looks up Japanese signs by a font of their own, and themes by yet another name."""
    style.font.name, style.font.size, style.font.color.rgb = FONT, Pt(size), INK
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(theme), None)
    fonts.set(qn("w:eastAsia"), FONT)


def _repeat(row: Any) -> None:
    """Let the head of the table stand on every page."""
    properties = row._tr.get_or_add_trPr()  # noqa: SLF001 -- the library has no name for it
    properties.append(properties.makeelement(qn("w:tblHeader"), {qn("w:val"): "true"}))


def _bytes(document: Any) -> bytes:
    written = BytesIO()
    document.save(written)
    return written.getvalue()
