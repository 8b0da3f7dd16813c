"""Which schools an organisation answers for."""

from django.db.models import Q

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from schools.models import SchoolUnit


def owned_by(organisation: Organisation) -> Q:
    """Return the condition on rows with authority and school unit that they are the organisation's."""
    if organisation.kind == OrganisationKind.SCHOOL_UNIT:
        return Q(school_unit=organisation.pk)
    return Q(authority=organisation.pk) if organisation.kind == OrganisationKind.AUTHORITY else Q(pk__in=())


def own_units(organisation: Organisation) -> list[SchoolUnit]:
    """Return the unit itself, an authority's units by name, or none."""
    units = SchoolUnit.objects.select_related("authority").order_by("name")
    if organisation.kind == OrganisationKind.SCHOOL_UNIT:
        return list(units.filter(organisation_id=organisation.pk))
    if organisation.kind == OrganisationKind.AUTHORITY:
        return list(units.filter(authority_id=organisation.pk))
    return []
