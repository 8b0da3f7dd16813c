"""Authorities, schools, classes, learners and periods."""

from collections.abc import Iterable
from datetime import date
from itertools import count
from typing import Any

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.weeks import school_year, today
from schools.models import (
    ClosedWeek,
    Guardian,
    Learner,
    PeriodWeek,
    PlacementPeriod,
    SchoolAuthority,
    SchoolClass,
    SchoolUnit,
)
from tests.factories.accounts import make_organisation

_number = count(1)


def make_authority(region: Organisation, name: str = "Borås Stad", municipality_code: str = "1490") -> SchoolAuthority:
    organisation = make_organisation(OrganisationKind.AUTHORITY, region, name, municipality_code)
    return SchoolAuthority.objects.create(
        organisation=organisation, region=region, name=name, municipality_code=municipality_code
    )


def make_school(authority: SchoolAuthority, name: str = "Norrängsskolan") -> SchoolUnit:
    organisation = make_organisation(
        OrganisationKind.SCHOOL_UNIT, authority.organisation, name, authority.municipality_code
    )
    return SchoolUnit.objects.create(
        organisation=organisation,
        region_id=authority.region_id,
        authority=authority,
        name=name,
        municipality_code=authority.municipality_code,
        city="Borås",
        phone="033-00 00 02",
    )


def make_class(school: SchoolUnit, name: str = "8D", grade_level: int = 8, learners: int = 0) -> SchoolClass:
    made = SchoolClass.objects.create(
        region_id=school.region_id,
        authority_id=school.authority_id,
        school_unit=school,
        name=name,
        grade_level=grade_level,
        school_year=school_year(today()),
        code=f"{name}-{next(_number)}",
        mentor_name="Karin Åberg",
    )
    for _ in range(learners):
        make_learner(made)
    return made


def make_learner(school_class: SchoolClass, first_name: str = "", **fields: Any) -> Learner:
    number = next(_number)
    values: dict[str, Any] = {
        "last_name": "Warsame",
        "birth_date": date(2012, 5, 4),
        "email": f"elev{number}@example.se",
        "personal_code": f"K{number}",
    }
    return Learner.objects.create(
        region_id=school_class.region_id,
        authority_id=school_class.authority_id,
        school_unit_id=school_class.school_unit_id,
        school_class=school_class,
        first_name=first_name or f"Elev{number}",
        **{**values, **fields},
    )


def make_guardian(learner: Learner, **fields: Any) -> Guardian:
    values: dict[str, Any] = {"name": "Hodan Warsame", "email": f"vh{next(_number)}@example.se"}
    return Guardian.objects.create(
        region_id=learner.region_id, authority_id=learner.authority_id, learner=learner, **{**values, **fields}
    )


def make_period(school_class: SchoolClass, weeks: Iterable[date], learners: int = 0) -> PlacementPeriod:
    period = PlacementPeriod.objects.create(
        region_id=school_class.region_id,
        authority_id=school_class.authority_id,
        school_unit_id=school_class.school_unit_id,
        school_class=school_class,
        label=school_class.name,
        learners=learners or max(1, school_class.learners.count()),
    )
    for week in weeks:
        PeriodWeek.objects.create(
            region_id=period.region_id, authority_id=period.authority_id, period=period, week_on=week
        )
    return period


def make_closed_week(
    region: Organisation, week: date, reason: str = "höstlov", municipality_codes: Iterable[str] = ()
) -> ClosedWeek:
    return ClosedWeek.objects.create(
        region=region, week_on=week, reason=reason, municipality_codes=list(municipality_codes)
    )
