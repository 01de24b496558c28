"""Writing a draft of the policy, clause by clause. Nothing that was typed is lost."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from jspm_social.diff import compare
from jspm_social.templatetags.ja import day_text
from policy.errors import Overtaken, Refused
from policy.models import Clause, PolicyVersion
from policy.numbering import WITH_HEADING, Level
from policy.presenters.versions import mark_of
from policy.queries import version_before
from policy.services import drafting
from policy.states import VersionState
from policy.version_forms import AboutForm, ClauseForm, NewClauseForm
from policy.views.versions import page_of


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.MANAGE_POLICY)
def clause(request: AuthenticatedHttpRequest, pk: int, anchor: str) -> HttpResponse:
    """Show one clause for writing; save it."""
    version = _draft(pk)
    row = get_object_or_404(Clause, version=version, anchor=anchor)
    if version.state != VersionState.DRAFT:
        messages.info(request, f"「{version.get_state_display()}」の版は編集できません。")
        return redirect("versions:version", pk)
    if request.method != "POST":
        return _editor(request, version, row, _form_of(row))
    form = ClauseForm(request.POST, has_heading=_has_heading(row))
    if not form.is_valid():
        return _editor(request, version, row, form, status=422)
    try:
        _save(request, version, row, form)
    except Overtaken as error:
        return _conflict(request, version, anchor, form, str(error))
    except Refused as error:
        return _editor(request, version, row, form, error=str(error), status=409)
    messages.success(request, f"{row.code} を保存しました。")
    return redirect(_place(pk, anchor))


@require_POST
@require(Capability.MANAGE_POLICY)
def autosave(request: AuthenticatedHttpRequest, pk: int, anchor: str) -> HttpResponse:
    """Keep what is typed, and answer with what it changes."""
    version = _draft(pk)
    row = get_object_or_404(Clause, version=version, anchor=anchor)
    form = ClauseForm(request.POST, has_heading=_has_heading(row))
    if not form.is_valid():
        told = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return _live(request, version, row, error=f"まだ保存していません。{told}")
    try:
        row = _save(request, version, row, form)
    except Refused as error:
        return _live(request, version, row, error=f"保存していません。{error}", status=409)
    return _live(request, version, row, saved=True)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Capability.MANAGE_POLICY)
def add(request: AuthenticatedHttpRequest, pk: int, anchor: str) -> HttpResponse:
    """Add a clause behind another."""
    version = _draft(pk)
    after = get_object_or_404(Clause, version=version, anchor=anchor)
    form = NewClauseForm(request.POST or None, initial={"level": after.level})
    status, error = 200, ""
    if request.method == "POST":
        status = 422
        if form.is_valid():
            typed = form.cleaned_data
            try:
                new = drafting.add_clause(
                    actor=request.user,
                    version=version,
                    after=anchor,
                    level=Level(typed["level"]),
                    heading=typed["heading"],
                    text=typed["text"],
                )
            except Refused as refused:
                status, error = 409, str(refused)
            else:
                messages.success(request, f"{new.code} を加えました。")
                return redirect(_place(pk, new.anchor))
    context = {"version": version, "after": after, "form": form, "error": error}
    return render(request, "policy/add.html", context, status=status)


@require_POST
@require(Capability.MANAGE_POLICY)
def move(request: AuthenticatedHttpRequest, pk: int, anchor: str) -> HttpResponse:
    down = request.POST.get("way") == "down"
    try:
        drafting.move_clause(actor=request.user, version=_draft(pk), anchor=anchor, down=down)
    except Refused as error:
        messages.error(request, str(error))
    return redirect(_place(pk, anchor))


@require_POST
@require(Capability.MANAGE_POLICY)
def remove(request: AuthenticatedHttpRequest, pk: int, anchor: str) -> HttpResponse:
    version, base = _draft(pk), request.POST.get("base", "")
    try:
        drafting.remove_clause(
            actor=request.user,
            version=version,
            anchor=anchor,
            base=int(base) if base.isdecimal() else 0,
        )
    except Refused as error:
        messages.error(request, str(error))
        return redirect(_place(pk, anchor))
    messages.success(request, "条項を削除しました。文は監査記録に残っています。")
    return redirect("versions:version", pk)


@require_POST
@require(Capability.MANAGE_POLICY)
def describe(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Set title, day of effect and summary."""
    version = _draft(pk)
    form = AboutForm(request.POST)
    if not form.is_valid():
        return page_of(request, version, about_form=form, status=422)
    try:
        drafting.describe(actor=request.user, version=version, **form.cleaned_data)
    except Refused as error:
        theirs = _draft(pk)
        data = request.POST.copy()
        data["base"] = str(theirs.edit_number)  # saving again is now a decision of the person
        form = AboutForm(data)
        stands = (
            f"いま保存されている施行日は{theirs.effective_from}、要点は「{theirs.summary}」です。"
        )
        form.is_valid()
        form.add_error(None, f"{error}{stands if isinstance(error, Overtaken) else ''}")
        return page_of(request, theirs, about_form=form, status=409)
    messages.success(request, "保存しました。")
    return redirect("versions:version", pk)


def _stands(theirs: PolicyVersion) -> str:
    """What somebody else saved, in the message for whoever came second."""
    since = day_text(theirs.effective_from)
    return f"いま保存されている施行日は{since}、要点は「{theirs.summary}」です。"


def _draft(pk: int) -> PolicyVersion:
    return get_object_or_404(PolicyVersion, pk=pk)


def _place(pk: int, anchor: str) -> str:
    return f"{reverse('versions:version', args=[pk])}#{anchor}"


def _has_heading(row: Clause) -> bool:
    return row.level in WITH_HEADING


def _form_of(row: Clause) -> ClauseForm:
    initial = {"base": row.edit_number, "heading": row.heading, "text": row.text}
    return ClauseForm(initial=initial, has_heading=_has_heading(row))


def _save(
    request: AuthenticatedHttpRequest, version: PolicyVersion, row: Clause, form: ClauseForm
) -> Clause:
    typed = form.cleaned_data
    return drafting.save_clause(
        actor=request.user,
        version=version,
        anchor=row.anchor,
        heading=typed.get("heading", ""),
        text=typed["text"],
        base=typed["base"],
    )


def _conflict(
    request: AuthenticatedHttpRequest,
    version: PolicyVersion,
    anchor: str,
    form: ClauseForm,
    error: str,
) -> HttpResponse:
    """Somebody saved first: show what they wrote beside what was typed, and lose neither."""
    theirs = Clause.objects.select_related("edited_by").get(version=version, anchor=anchor)
    data = request.POST.copy()
    data["base"] = str(theirs.edit_number)  # saving again is now a decision of the person
    again = ClauseForm(data, has_heading=_has_heading(theirs))
    again.is_valid()
    context = {"theirs": theirs, "pieces": compare(theirs.text, form.cleaned_data["text"])}
    return _editor(request, version, theirs, again, error=error, status=409, **context)


def _editor(
    request: AuthenticatedHttpRequest,
    version: PolicyVersion,
    row: Clause,
    form: ClauseForm,
    *,
    error: str = "",
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {"form": form, "error": error, **_looks(version, row), **more}
    return render(request, "policy/clause.html", context, status=status)


def _live(
    request: AuthenticatedHttpRequest,
    version: PolicyVersion,
    row: Clause,
    *,
    error: str = "",
    saved: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "error": error,
        "saved_at": timezone.now() if saved else None,
        "oob": saved,
        **_looks(version, row),
    }
    return render(request, "policy/_live.html", context, status=status)


def _looks(version: PolicyVersion, row: Clause) -> dict[str, Any]:
    """The clause as it stands, beside the one in force."""
    before = version_before(version)
    old = before.clauses.filter(anchor=row.anchor).first() if before else None
    return {
        "version": version,
        "clause": row,
        "mark": mark_of(row.code, row.level),
        "old": old,
        "before": before,
        "changed": compare(old.text if old else "", row.text),
        "changed_heading": compare(old.heading if old else "", row.heading),
    }
