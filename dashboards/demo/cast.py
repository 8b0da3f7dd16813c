"""Who is who in the demo: the people of the guide, and staff at every school and authority."""

from datetime import datetime, timedelta
from typing import Final

from accounts.enums import Role
from accounts.models import Organisation, User
from dashboards.demo.employers import EmployerRows
from dashboards.demo.people import PeopleMaker, member_actor
from dashboards.demo.schools import NORRANG, SchoolRows
from placements.models import Choice, ChoiceList, Placement
from schools.models import SchoolClass, SchoolUnit

HULTA: Final = "Hulta Bageri"
HOME: Final = "Borås Stad"
MENTOR: Final = "Karin Åberg"
MENTORS_CLASS: Final = "8B"


def make_cast(people: PeopleMaker, region: Organisation, schools: SchoolRows, employers: EmployerRows) -> User:
    """Make everybody with a sign-in. Returns the regional coordinator."""
    sara = people.member(
        region, Role.REGIONAL_COORDINATOR, "Sara Nyqvist", "regionens tillgång och behov, kvalitetssäkring"
    )
    _authorities(people, schools)
    units = {organisation.pk: organisation for organisation in schools.unit_organisations}
    for unit in schools.units:
        _school(people, unit, units[unit.pk])
    _mentor_of_class(schools)
    hulta = employers.organisations[HULTA]
    people.member(hulta, Role.EMPLOYER_ADMINISTRATOR, "Petra Holm", "elever att svara om, egna platser")
    people.member(hulta, Role.SUPERVISOR, "Lars Rydén", "vilka elever som kommer")
    employers.returned_by = member_actor(sara, region, Role.REGIONAL_COORDINATOR)
    return sara


def _authorities(people: PeopleMaker, schools: SchoolRows) -> None:
    for name, organisation in schools.authorities.items():
        if name == HOME:
            shows = "huvudmannens omgångar, resultat och rapporter"
            people.member(organisation, Role.AUTHORITY_COORDINATOR, "Johan Lindqvist", shows)
        else:
            people.member(organisation, Role.AUTHORITY_COORDINATOR)


def _school(people: PeopleMaker, unit: SchoolUnit, organisation: Organisation) -> None:
    if unit.name != NORRANG:
        people.member(organisation, Role.CAREER_COUNSELLOR)
        return
    people.member(organisation, Role.CAREER_COUNSELLOR, "Malin Ekdahl", "varje fas: val, fördelning, svar, pågående")
    people.member(organisation, Role.PRINCIPAL, "Anna Sjöberg", "skolans klasser och studie- och yrkesvägledningsplan")
    people.member(organisation, Role.MENTOR, MENTOR, f"klass {MENTORS_CLASS}, som väljer nu")


def _mentor_of_class(schools: SchoolRows) -> None:
    for each in schools.classes:
        if each.name == MENTORS_CLASS and each.school_unit.name == NORRANG:
            each.mentor_name = MENTOR


def leave_invitations(
    people: PeopleMaker, schools: SchoolRows, employers: EmployerRows, by: User, now: datetime
) -> None:
    """Leave some people invited and unanswered: a few employers, a school's mentor, and one whose link has run out."""
    for days, organisation in zip((1, 3, 6, 11), list(employers.organisations.values())[8:12], strict=False):
        email = f"kontakt@{organisation.slug[:50]}.example"
        people.invite(organisation, Role.EMPLOYER_ADMINISTRATOR, email, by, now - timedelta(days=days))
    school = schools.unit_organisations[0]
    for days, email in ((2, "mentor.8a@norrangsskolan.example"), (20, "praoansvarig@norrangsskolan.example")):
        people.invite(
            school, Role.MENTOR, email, people.staff[school.pk, Role.CAREER_COUNSELLOR], now - timedelta(days=days)
        )


def learner_sign_ins(people: PeopleMaker, schools: SchoolRows) -> None:
    """List a learner who has begun to choose, one who has not, and one who has got a place."""
    choosing, placed = _norrang_class(schools, "8B"), _norrang_class(schools, "9C")
    lists = ChoiceList.objects.filter(learner__school_class=choosing)
    begun = set(Choice.objects.filter(choice_list__in=lists).values_list("learner_id", flat=True))
    sent = set(lists.filter(submitted_at__isnull=False).values_list("learner_id", flat=True))
    has_place = set(
        Placement.objects.filter(learner__school_class=placed, ended_at=None, rank__gt=1).values_list(
            "learner_id", flat=True
        )
    )
    for school_class, among, shows in (
        (choosing, begun - sent, "har börjat välja, inte skickat in"),
        (choosing, {each.pk for each in schools.learners[choosing.pk]} - begun, "väljer nu, har inte börjat"),
        (placed, has_place, "har fått en plats"),
    ):
        found = next((each for each in schools.learners[school_class.pk] if each.pk in among), None)
        if found:
            people.learner(found, school_class, shows)


def _norrang_class(schools: SchoolRows, name: str) -> SchoolClass:
    return next(each for each in schools.classes if each.name == name and each.school_unit.name == NORRANG)
