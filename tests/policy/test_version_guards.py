"""The database itself keeps a version's text, whoever asks: the application, or the tables' owner."""

from collections.abc import Iterator

import pytest
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from policy import carried
from policy.models import PolicyVersion
from policy.services import approving, load_version_1
from policy.states import VersionState
from tests.conftest import let_tests_truncate
from tests.people import People, make_people
from tests.policy import versions as made

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

TABLES = ("policy_policyversion", "policy_clause", "policy_policyversion_contributors")
CLAUSE = "(SELECT min(id) FROM policy_clause WHERE version_id = %(version)s)"
CHANGES = [
    f"UPDATE policy_clause SET text = 'x' WHERE id = {CLAUSE}",
    f"UPDATE policy_clause SET heading = 'x' WHERE id = {CLAUSE}",
    f"UPDATE policy_clause SET anchor = 'cx' WHERE id = {CLAUSE}",
    f"UPDATE policy_clause SET position = 9999 WHERE id = {CLAUSE}",
    # Into another version, and out of it
    f"UPDATE policy_clause SET version_id = %(draft)s WHERE id = {CLAUSE}",
    (
        "UPDATE policy_clause SET version_id = %(version)s, code = 'z', anchor = 'cz', position = 9999"
        " WHERE id = (SELECT min(id) FROM policy_clause WHERE version_id = %(draft)s)"
    ),
    f"DELETE FROM policy_clause WHERE id = {CLAUSE}",
    (
        "INSERT INTO policy_clause (version_id, code, anchor, heading, text, position, edit_number)"
        " VALUES (%(version)s, 'z', 'cz', '', 'x', 9999, 1)"
    ),
    "UPDATE policy_policyversion SET title = 'x' WHERE id = %(version)s",
    "UPDATE policy_policyversion SET summary = 'x' WHERE id = %(version)s",
    "UPDATE policy_policyversion SET effective_from = '2020-01-01' WHERE id = %(version)s",
    "UPDATE policy_policyversion SET source_sha256 = repeat('0', 64) WHERE id = %(version)s",
    "UPDATE policy_policyversion SET number = 77 WHERE id = %(version)s",
    "UPDATE policy_policyversion SET in_force_at = now() WHERE id = %(version)s",
    "UPDATE policy_policyversion SET state = 'draft', title = 'x' WHERE id = %(version)s",
    "UPDATE policy_policyversion SET state = 'dropped' WHERE id = %(version)s",
    "DELETE FROM policy_policyversion WHERE id = %(version)s",
    (
        "DELETE FROM policy_policyversion_contributors WHERE policyversion_id = %(version)s"
        " AND EXISTS (SELECT FROM policy_policyversion WHERE id = %(version)s AND number > 1)"
    ),
    (
        "INSERT INTO policy_policyversion_contributors (policyversion_id, user_id)"
        " VALUES (%(version)s, %(person)s)"
    ),
]
NOBODY_SKIPS = [
    ("draft", "in_force"),
    ("draft", "approved"),
    ("draft", "retired"),
    ("review", "in_force"),
    ("review", "dropped"),
    ("in_force", "draft"),
    ("in_force", "approved"),
    ("retired", "in_force"),
    ("retired", "draft"),
]


@pytest.fixture(autouse=True)
def few_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carried, "carried_rules", lambda: carried_few)


carried_few = [r for r in carried.carried_rules() if not (r.requires or r.unless)][:3]


@pytest.fixture
def cast(transactional_db: None) -> People:
    load_version_1()
    return make_people()


@pytest.fixture(params=["review", "approved", "in_force", "retired"])
def fixed(request: pytest.FixtureRequest, cast: People) -> PolicyVersion:
    """A version in each state in which its text may not change any more."""
    if request.param == "review":
        return made.submitted(cast.admin, made.draft(cast.admin))
    version = made.approved(cast)
    if request.param != "approved":
        version = made.in_force_from(version)
    if request.param == "retired":
        return PolicyVersion.objects.get(number=1)
    return version


@pytest.fixture(params=["default", "owner"])
def anybody(request: pytest.FixtureRequest, cast: People) -> Iterator[BaseDatabaseWrapper]:
    """The connection of the application's role, and that of the tables' owner."""
    yield connections[request.param]
    connections["owner"].close()


def values(version: PolicyVersion, cast: People) -> dict[str, int]:
    """Another draft stands beside; one that a service would not let begin meanwhile."""
    draft = PolicyVersion.objects.filter(state=VersionState.DRAFT).first()
    if draft is None:
        draft = PolicyVersion.objects.create(
            number=50, title="t", effective_from="2030-01-01", source_sha256="0" * 64
        )
        draft.clauses.create(code="1", anchor="c1", heading="h", position=1)
    return {"version": version.pk, "draft": draft.pk, "person": cast.auditor.pk}


def image(version: PolicyVersion) -> list[object]:
    row = PolicyVersion.objects.filter(pk=version.pk).values().get()
    people = sorted(version.contributors.values_list("pk", flat=True))
    return [row, list(version.clauses.values()), people]


def test_nothing_of_a_version_can_be_changed(
    fixed: PolicyVersion, cast: People, anybody: BaseDatabaseWrapper
) -> None:
    before, given, changed = image(fixed), values(fixed, cast), []
    for change in CHANGES:
        if fixed.number == 1 and change.startswith("DELETE FROM policy_policyversion_contrib"):
            continue  # the first version is nobody's work
        with anybody.cursor() as cursor:
            try:
                cursor.execute(change, given)
            except IntegrityError:
                continue
        changed.append(change)
    assert changed == []
    assert image(fixed) == before


@pytest.mark.parametrize(("start", "to"), NOBODY_SKIPS)
def test_no_state_is_skipped(
    cast: People, anybody: BaseDatabaseWrapper, start: str, to: str
) -> None:
    version = made.draft(cast.admin)
    if start == "review":
        version = made.submitted(cast.admin, version)
    if start in {"in_force", "retired"}:
        version = PolicyVersion.objects.get(number=1)
    if start == "retired":
        approved = made.submitted(cast.admin, PolicyVersion.objects.get(number=2))
        made.approve(cast.member, approved)
        made.in_force_from(made.approve(cast.chair, approved))
    with pytest.raises(IntegrityError), anybody.cursor() as cursor:
        cursor.execute("UPDATE policy_policyversion SET state = %s WHERE id = %s", [to, version.pk])
    version.refresh_from_db()
    assert version.state == start


@pytest.mark.parametrize("state", ["review", "approved", "in_force", "retired", "dropped"])
def test_nothing_is_born_finished(cast: People, anybody: BaseDatabaseWrapper, state: str) -> None:
    with pytest.raises(IntegrityError, match="keeps its text"), anybody.cursor() as cursor:
        cursor.execute(
            "INSERT INTO policy_policyversion (number, title, effective_from, summary,"
            " source_sha256, state, edit_number, created_at)"
            " VALUES (60, 't', now(), '', repeat('0', 64), %s, 1, now())",
            [state],
        )


def test_a_clause_cannot_slip_in_while_a_version_is_put_up(cast: People) -> None:
    version = made.draft(cast.admin)
    other = connections.create_connection("owner")
    try:
        with transaction.atomic():
            made.submitted(cast.admin, version)
            with other.cursor() as cursor:
                # It waits for the version, sees no more than the draft, and gives up.
                cursor.execute("SET lock_timeout = '300ms'")
                with pytest.raises(Exception, match="lock timeout"):
                    cursor.execute(
                        "UPDATE policy_clause SET text = 'x' WHERE version_id = %s", [version.pk]
                    )
    finally:
        other.close()


def test_a_draft_can_be_changed(cast: People, anybody: BaseDatabaseWrapper) -> None:
    version = made.draft(cast.admin)
    with anybody.cursor() as cursor:
        cursor.execute(
            "UPDATE policy_clause SET text = 'x' WHERE version_id = %s AND code = '8'",
            [version.pk],
        )
    assert version.clauses.get(code="8").text == "x"


def test_taken_back_it_can_be_changed_again(cast: People) -> None:
    version = made.submitted(cast.admin, made.draft(cast.admin))
    approving.take_back(actor=cast.admin, version=version)
    made.write(cast.admin, made.again(version), "c8", "直した文")


def test_the_application_empties_no_table(cast: People) -> None:
    role = connection.settings_dict["USER"]
    for table in TABLES:
        with connections["owner"].cursor() as owner:
            owner.execute(f'REVOKE TRUNCATE ON {table} FROM "{role}"')
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"TRUNCATE {table} CASCADE")
    let_tests_truncate()
    connections["owner"].close()


def test_the_owner_empties_no_table(cast: People) -> None:
    triggers = {
        "policy_policyversion": "policy_version_no_truncate",
        "policy_clause": "policy_clause_no_truncate",
        "policy_policyversion_contributors": "policy_contributor_no_truncate",
    }
    try:
        with connections["owner"].cursor() as cursor:
            for table, trigger in triggers.items():
                cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
                with pytest.raises(IntegrityError, match=r"TRUNCATE on .* refused"):
                    cursor.execute(f"TRUNCATE {table} CASCADE")
    finally:
        let_tests_truncate()
        connections["owner"].close()


def test_triggers_always_fire(cast: People) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'A'"
            " AND (tgtype & 32) = 0 AND tgrelid = ANY(%s::regclass[])",
            [list(TABLES)],
        )
        assert cursor.fetchall() == []
