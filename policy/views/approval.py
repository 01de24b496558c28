"""The committee's approval of a version."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from jspm_social.accounts.access import AuthenticatedHttpRequest, require
from jspm_social.accounts.roles import Capability
from jspm_social.approvals.states import Choice
from policy.errors import Refused
from policy.models import PolicyVersion
from policy.services import approving
from policy.states import VersionState
from policy.version_forms import NoteForm
from policy.views.versions import page_of

ANSWERED = {
    "approve": "承認しました。",
    "send_back": "差し戻しました。",
    "recuse": "辞退しました。",
}


@require_POST
@require(Capability.MANAGE_POLICY)
def submit(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    version = get_object_or_404(PolicyVersion, pk=pk)
    try:
        approving.submit(
            actor=request.user, version=version, seen_hash=request.POST.get("seen", "")
        )
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "承認を依頼しました。承認できる方にメールでお知らせします。")
    return redirect("versions:version", pk)


@require_POST
@require(Capability.APPROVE_POLICY)
def answer(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    """Approve, send back, or step aside; bound to the hash that the page showed."""
    version = get_object_or_404(PolicyVersion, pk=pk)
    form = NoteForm(request.POST)
    verb = request.POST.get("verb", "")
    if not form.is_valid() or verb not in ANSWERED:
        return page_of(request, version, answer_form=form, status=422)
    note, seen = form.cleaned_data["note"], request.POST.get("seen", "")
    try:
        if verb == "recuse":
            approving.recuse(actor=request.user, version=version, reason=note)
        else:
            choice = Choice.APPROVE if verb == "approve" else Choice.REJECT
            version = approving.answer(
                actor=request.user, version=version, seen_hash=seen, choice=choice, note=note
            )
    except Refused as error:
        form.add_error(None, str(error))
        version = get_object_or_404(PolicyVersion, pk=pk)
        return page_of(request, version, answer_form=form, status=409)
    done = version.state == VersionState.APPROVED
    messages.success(
        request, "承認がそろいました。施行日に切り替わります。" if done else ANSWERED[verb]
    )
    return redirect("versions:version", pk)


@require_POST
@require(Capability.MANAGE_POLICY)
def take_back(request: AuthenticatedHttpRequest, pk: int) -> HttpResponse:
    version = get_object_or_404(PolicyVersion, pk=pk)
    try:
        approving.take_back(actor=request.user, version=version)
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "案に戻しました。集まっていた承認は無効になります。")
    return redirect("versions:version", pk)
