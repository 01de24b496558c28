"""Deleting a post of our own on Facebook, Instagram and Threads."""

from jspm_social.platforms.adapters.reading import obj
from jspm_social.platforms.contract import Achieved, Receipt
from jspm_social.platforms.errors import OutcomeUnknown, Unsupported
from jspm_social.platforms.http import url_path
from jspm_social.platforms.names import Effect

from .errors import seems_gone
from .graph import Graph
from .refusals import publishing_problem


def delete(graph: Graph, remote_id: str, *, name: str) -> Receipt:
    """Delete a post. One that is gone already, as a second look proves, is no deletion of ours.

    Raises Unsupported when Meta refuses although the post is there, OutcomeUnknown when the
    answer does not say whether it was deleted.
    """
    answer = graph.send("DELETE", url_path(remote_id))
    if seems_gone(answer):
        if graph.look([remote_id], "id"):
            raise Unsupported(f"{name}: refused although it is there: a permission?")
        return Receipt(Effect.DELETE, Achieved.GONE)
    problem = publishing_problem(answer, visible=True, name=name)
    if problem:
        raise problem
    if obj(answer.body).get("success") is not True:
        raise OutcomeUnknown(f"{name}: the answer does not say success")
    return Receipt(Effect.DELETE, Achieved.APPLIED)
