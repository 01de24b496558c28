"""The versions of the policy for the committee: list, text, comparison, Word files."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.models import User
from jspm_social.accounts.roles import Capability
from jspm_social.approvals.queries import latest_for
from policy import announcements, word
from policy.comparison import Row, comparison
from policy.errors import Refused
from policy.models import PolicyVersion
from policy.presenters import gate, versions as show_as
from policy.queries import content_hash, upcoming, version_before
from policy.services import approving, drafting
from policy.states import PUBLIC, VersionState
from policy.version_forms import AboutForm, NoteForm

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@require_safe
@require(Capability.READ_POLICY)
def index(request: AuthenticatedHttpRequest) -> HttpResponse:
    """Every version, the newest first."""
    rows = PolicyVersion.objects.select_related("created_by").order_by("-number", "-pk")
    context = {
        "rows": [(row, show_as.TONES[VersionState(row.state)]) for row in rows],
        "can_begin": request.user.can(Capability.MANAGE_POLICY) and upcoming() is None,
    }
    return render(request, "policy/versions.html", context)


@require_POST
@require(Capability.MANAGE_POLICY)
def begin(request: AuthenticatedHttpRequest) -> HttpResponse:
    try:
        version = drafting.begin(actor=request.user)
    except Refused as error:
        messages.error(request, str(error))
        return redirect("versions:index")
    messages.success(request, "施行中の版を写して、改定案を作りました。")
    return redirect("versions:version", version.pk)


@require_safe
@require(Capability.READ_POLICY)
def show(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    return page_of(request, get_object_or_404(PolicyVersion, pk=pk))


def page_of(
    request: AuthenticatedHttpRequest,
    version: PolicyVersion,
    *,
    about_form: AboutForm | None = None,
    answer_form: NoteForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render a version's page; a form that was refused comes back as it was typed."""
    may = show_as.steps(version, request.user)
    in_force = version.state in PUBLIC
    context = {
        "version": version,
        "tone": show_as.TONES[VersionState(version.state)],
        "may": may,
        "before": version_before(version),
        "clauses": show_as.shown(version.clauses.all(), _changes(version)),
        "about_form": about_form or AboutForm(initial=AboutForm.initial_of(version)),
        "unready": approving.unready(version) if may["edit"] else [],
        "seen": content_hash(version),
        "slots": show_as.wanted(approving.slots()),
        "dead_end": _dead_end(version, request.user),
        "may_appoint": request.user.can(Capability.MANAGE_POSTING),
        "approval": show_as.approval(version, request.user),
        "answer_form": answer_form or NoteForm(),
        "drafted": announcements.drafted(version) if in_force else [],
        "notice": announcements.notice_of(version) if in_force and version.created_by_id else None,
    }
    return render(request, "policy/version.html", context, status=status)


@require_safe
@require(Capability.READ_POLICY)
def compare(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """The 新旧対照表 of a version and the one that it replaces."""
    version = get_object_or_404(PolicyVersion, pk=pk)
    whole = "whole" in request.GET
    before = version_before(version)
    context = {
        "version": version,
        "before": before,
        **show_as.labels(version, before),
        "rows": show_as.table(_compared(version), whole=whole),
        "whole": whole,
    }
    return render(request, "policy/comparison.html", context)


@require_safe
@require(Capability.READ_POLICY)
def text_file(_request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    version = get_object_or_404(PolicyVersion, pk=pk)
    clauses = show_as.shown(version.clauses.all())
    return _file(word.text(version, clauses), f"policy_v{version.number}.docx")


@require_safe
@require(Capability.READ_POLICY)
def comparison_file(_request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    version = get_object_or_404(PolicyVersion, pk=pk)
    rows = show_as.table(_compared(version))
    content = word.compared(version, version_before(version), rows)
    return _file(content, f"policy_v{version.number}_comparison.docx")


@require_POST
@require(Capability.MANAGE_POLICY)
def drop(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    version = get_object_or_404(PolicyVersion, pk=pk)
    try:
        drafting.drop(
            actor=request.user, version=version, reason=request.POST.get("reason", "")[:500]
        )
    except Refused as error:
        messages.error(request, str(error))
        return redirect("versions:version", pk)
    messages.success(request, "改定案を取りやめました。")
    return redirect("versions:index")


def _dead_end(version: PolicyVersion, person: User) -> gate.DeadEnd | None:
    """Who is missing for an approval, before it is asked for and while it is under way."""
    asked = latest_for(version)
    if version.state == VersionState.REVIEW and asked is not None:
        return gate.while_asked(asked)
    if show_as.steps(version, person)["edit"]:
        return gate.before_asking(version, person, approving.slots())
    return None


def _compared(version: PolicyVersion) -> list[Row]:
    before = version_before(version)
    old = list(before.clauses.all()) if before else []
    return comparison(old, list(version.clauses.all()))


def _changes(version: PolicyVersion) -> dict[str, str]:
    """What a version that is not in force yet changes, in a word per clause."""
    if version.state in PUBLIC:
        return {}
    return {row.anchor: show_as.CHANGES.get(row.change, "") for row in _compared(version)}


def _file(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=WORD,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
