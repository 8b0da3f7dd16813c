from datetime import date, time, timedelta

import pytest

from accounts.enums import PlacementKind
from employers.enums import SlotStatus
from employers.models import Slot, Workplace
from placements import eligibility
from placements.eligibility import ClassFacts, Hours, LearnerFacts, reasons_against, remarks

WEEKS = [date(2027, 4, 12), date(2027, 4, 19)]
TODAY = date(2027, 3, 4)


def make_slot(risk_assessed_on: date | None = date(2026, 8, 17), **fields) -> Slot:
    values = {
        "kinds": [PlacementKind.PRAO],
        "grades": [8, 9],
        "starts_at": time(8),
        "ends_at": time(15),
        "status": SlotStatus.PUBLISHED,
        "workplace": Workplace(risk_assessed_on=risk_assessed_on),
    }
    return Slot(**{**values, **fields})


def learner(**fields) -> LearnerFacts:
    return LearnerFacts(**{"grade_level": 8, "birth_date": date(2013, 4, 13), **fields})


def against(facts, slot, **more) -> list[str]:
    return [found.code for found in reasons_against(facts=facts, slot=slot, weeks=WEEKS, today=TODAY, **more)]


def test_ordinary_slot_has_nothing_against_it():
    assert against(learner(), make_slot()) == []


@pytest.mark.parametrize(
    ("facts", "fields", "expected"),
    [
        ({}, {"kinds": [PlacementKind.APL]}, ["kind"]),
        ({}, {"grades": [9]}, ["grade"]),
        ({}, {"grades": []}, []),
        ({}, {"min_age": 14}, ["age"]),
        ({"birth_date": date(2013, 4, 12)}, {"min_age": 14}, []),
        ({}, {"status": SlotStatus.PAUSED}, ["published"]),
        ({}, {"starts_at": time(5, 59), "ends_at": time(12)}, ["hours"]),
        ({}, {"starts_at": time(14), "ends_at": time(20, 1)}, ["hours"]),
        ({}, {"ends_at": time(15, 45), "break_minutes": 45}, []),
        ({}, {"ends_at": time(15, 46), "break_minutes": 45}, ["hours"]),
        ({"protected": True}, {}, ["protected"]),
    ],
)
def test_each_rule_at_its_limit(facts, fields, expected):
    assert against(learner(**facts), make_slot(**fields)) == expected


def test_class_is_told_why_in_a_sentence():
    [reason] = reasons_against(facts=ClassFacts("8D", 8), slot=make_slot(min_age=16), weeks=WEEKS, today=TODAY)
    assert reason.message == "Kan inte bokas för 8D: platsen kräver fyllda 16."
    assert reason.reference == "Arbetsmiljölagen 5 kap. 2–3 §§"


def test_unknown_birth_date_leaves_a_remark_where_the_grade_does_not_decide():
    unknown = learner(birth_date=None)
    slot = make_slot(min_age=15)
    assert against(unknown, slot) == []
    [remark] = remarks(facts=unknown, slot=slot, weeks=WEEKS, today=TODAY)
    assert remark.message == "Kontrollera åldern, platsen kräver fyllda 15."


def test_unknown_birth_date_is_stopped_where_nobody_of_the_grade_is_old_enough():
    assert against(learner(birth_date=None), make_slot(min_age=16)) == ["age"]


def test_seats_and_weeks_name_the_weeks():
    slot = make_slot()
    free = {(slot.pk, WEEKS[0]): 0}
    reasons = reasons_against(facts=learner(), slot=slot, weeks=WEEKS, today=TODAY, free=free)
    assert [reason.clause for reason in reasons] == [
        "platsen erbjuds inte v.\u00a016",
        "platsen är fullbokad v.\u00a015",
    ]


def test_old_or_missing_risk_assessment_is_a_remark_and_stops_nothing():
    for made, sentence in (
        (None, "Arbetsplatsen har ingen riskbedömning."),
        (WEEKS[0] - timedelta(days=731), "Riskbedömningen är äldre än två år."),
    ):
        slot = make_slot(risk_assessed_on=made)
        assert against(learner(), slot) == []
        assert [found.message for found in remarks(facts=learner(), slot=slot, weeks=WEEKS, today=TODAY)] == [sentence]


def test_same_place_as_before_is_stopped():
    slot = make_slot()
    assert against(learner(earlier_slots=frozenset({slot.pk})), slot) == ["earlier_place"]


def test_the_stricter_of_law_and_tenant_holds():
    local = Hours(timedelta(hours=6), timedelta(hours=40), time(5), time(22))
    slot = make_slot(ends_at=time(15), break_minutes=45)
    [reason] = reasons_against(facts=learner(), slot=slot, weeks=WEEKS, today=TODAY, tenant_hours=local)
    assert reason.clause == "arbetsdagen är längre än 6 timmar"
    assert against(learner(), make_slot(starts_at=time(5, 30), ends_at=time(10)), tenant_hours=local) == ["hours"]


def test_the_law_of_the_day_is_cited():
    slot = make_slot(starts_at=time(5), ends_at=time(10))
    before, after = [date(2024, 12, 9)], [date(2025, 1, 6)]
    references = [
        reasons_against(facts=learner(), slot=slot, weeks=weeks, today=TODAY)[0].reference for weeks in (before, after)
    ]
    assert references == ["AFS 2012:3", "AFS 2023:2, minderåriga"]


def test_apl_has_the_caps_of_youths():
    slot = make_slot(kinds=[PlacementKind.APL], ends_at=time(16, 45), grades=[])
    assert against(learner(kind=PlacementKind.APL), slot) == []


def test_every_rule_has_its_own_code():
    codes = [rule.code for rule in eligibility.RULES]
    assert codes == list(dict.fromkeys(codes))
