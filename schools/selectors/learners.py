"""Learners looked for by words."""

from functools import reduce
from operator import and_, or_

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.enums import OrganisationKind
from accounts.models import Organisation

NAMES = ("first_name", "last_name")
PLACES = ("school_class__name", "school_unit__name")


def matching(search: str, organisation: Organisation, *, learner: str = "") -> Q:
    """Return the condition that every word is in the learner's name, or for an authority in the class's or school's.

    `learner` leads to the learner from what is filtered, as "learner__". No words make no condition: an empty Q.
    """
    names = NAMES if organisation.kind == OrganisationKind.SCHOOL_UNIT else NAMES + PLACES
    said = (reduce(or_, (Q(**{f"{learner}{name}__icontains": word}) for name in names)) for word in search.split())
    return reduce(and_, said, Q())


def search_label(organisation: Organisation) -> str:
    """Return what `matching` looks through."""
    if organisation.kind == OrganisationKind.SCHOOL_UNIT:
        return _("Sök elev")
    return _("Sök elev, klass eller skola")
