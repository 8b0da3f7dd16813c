"""The start page of each kind of organisation."""

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.permissions import Actor
from dashboards.selectors.today.employer import employer_tasks
from dashboards.selectors.today.region import region_tasks, short_weeks
from dashboards.selectors.today.school import school_tasks
from dashboards.selectors.today.tasks import Today, today_page


def today_for(actor: Actor, organisation: Organisation) -> Today:
    """Return what needs the actor in the organisation, urgency first."""
    if organisation.kind == OrganisationKind.EMPLOYER:
        return today_page(employer_tasks(actor, organisation))
    if organisation.kind == OrganisationKind.REGION:
        return today_page(region_tasks(actor, organisation))
    found = list(school_tasks(actor, organisation))
    if organisation.kind == OrganisationKind.AUTHORITY:
        found += short_weeks(organisation)
    return today_page(found)
