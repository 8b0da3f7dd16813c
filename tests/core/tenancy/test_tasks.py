"""Tasks act inside the scope they were given."""

from celery import shared_task

from core.tenancy import SystemReason, current_scope
from core.tenancy.tasks import SystemTask, TenantTask, scope_of


@shared_task(name="tests.tenant", base=TenantTask)
def tenant_task(*, word: str):
    return word, current_scope()


@shared_task(name="tests.system", base=SystemTask, reason=SystemReason.SEED)
def system_task():
    return current_scope().party


def test_tenant_task_runs_in_the_organisations_scope(school) -> None:
    assert tenant_task(organisation_id=str(school.pk), word="hej") == ("hej", school.organisation.scope())


def test_system_task_runs_in_the_named_scope(db) -> None:
    assert system_task() == "system"


def test_a_task_leaves_no_scope_behind(school) -> None:
    tenant_task(organisation_id=str(school.pk), word="hej")
    assert (current_scope(), scope_of(school.pk)) == (None, school.organisation.scope())
