"""Which schools an organisation answers for."""

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from schools.models import SchoolUnit


def own_units(organisation: Organisation) -> list[SchoolUnit]:
    """Return the unit itself, an authority's units by name, or none."""
    units = SchoolUnit.objects.select_related("authority").order_by("name")
    if organisation.kind == OrganisationKind.SCHOOL_UNIT:
        return list(units.filter(organisation_id=organisation.pk))
    if organisation.kind == OrganisationKind.AUTHORITY:
        return list(units.filter(authority_id=organisation.pk))
    return []
