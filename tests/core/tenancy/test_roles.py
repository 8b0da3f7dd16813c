"""The role that web, workers and tests connect as, and the callers that may step outside the wall."""

import ast
from collections import Counter
from pathlib import Path

from django.conf import settings
from django.db import connection

from core.tenancy import SystemReason

ROOT = Path(__file__).resolve().parents[3]
SOURCES = [path for app in settings.BRYGGAN_APPS for path in (ROOT / app).rglob("*.py")]

# How many places open the system scope for each reason. A new one is a decision: change the number knowingly.
CALLERS = {
    "RESOLVE_ACTOR": 2,  # the seat in one organisation; all seats for the switcher
    "SIGN_IN_LEARNER": 1,
    "ANSWER_INVITATION": 2,  # read it, then accept it
    "OPEN_ANSWER_LINK": 1,
    "DELIVER_OUTBOX": 3,  # claim, build and mark, each in a transaction of its own
    "SWEEP_RUNS": 2,  # allocation runs, and season forecasts
    "TELL_PUBLISHED": 1,
    "COUNT_APPLICANTS": 1,
    "COUNT_HELD_SEATS": 1,
    "SEASON_FIGURES": 1,
    "REGION_AGGREGATES": 1,
    "SEED": 2,  # the demo region, and a region from files
    "BENCHMARK": 1,
}


def test_app_role_compiles_no_statements(db) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)


def test_app_role_owns_nothing_and_bypasses_nothing(db) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = current_user")
        privileges = cursor.fetchone()
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)"
        )
        owned = cursor.fetchone()
    assert (privileges, owned) == ((False, False, False), (0,))


def test_every_tenant_table_has_row_security(db) -> None:
    from core.tenancy.checks import tenant_models

    tables = [model._meta.db_table for model in tenant_models()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relname = ANY(%s)", [tables])
        assert sorted(name for (name,) in cursor.fetchall()) == sorted(tables)


def test_every_caller_of_the_system_scope_is_known() -> None:
    found = Counter(name for path in SOURCES for name in _reasons(path))
    assert dict(found) == CALLERS


def test_every_reason_is_used() -> None:
    assert sorted(CALLERS) == sorted(reason.name for reason in SystemReason)


def _reasons(path: Path) -> list[str]:
    """Names of the reasons given to system_scope(…), or to a task, in a file."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "system_scope" and node.args:
            found.append(_reason(node.args[0]))
        if isinstance(node, ast.keyword) and node.arg == "reason":  # of a task whose base is SystemTask
            found.append(_reason(node.value))
    return [name for name in found if name]


def _reason(node: ast.expr) -> str:
    named = isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "SystemReason"
    return node.attr if named else ""
