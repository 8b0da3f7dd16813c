"""Mail: delivered once per key, the address found at delivery, no names in the subject."""

from datetime import date
from typing import Any

import pytest
from django.core import mail

from core.outbox.models import OutboxMessage
from core.outbox.services import deliver_due
from core.tenancy import SystemReason, scope, system_scope
from core.weeks import NBSP, range_label
from employers.models import ContactPerson
from placements.services.answers import Answer, answer
from schools.models import Guardian
from tests.factories.published import Season, make_season


@pytest.fixture
def season(region: Any, weeks: list[date], seeding: Any) -> Season:
    with seeding():
        return make_season(region, weeks).publish()


def delivered(start: str = "") -> list[Any]:
    while deliver_due():
        pass
    return [found for found in mail.outbox if found.subject.startswith(start)]


def test_every_message_is_sent_once(season: Season) -> None:
    delivered()
    again = deliver_due()

    with system_scope(SystemReason.SEED):
        statuses = set(OutboxMessage.objects.values_list("status", flat=True))
    assert (len(mail.outbox), again, statuses) == (7, 0, {"sent"})
    assert len({found.extra_headers["Message-ID"] for found in mail.outbox}) == 7


def test_employer_digest_lists_all_learners_and_one_link(season: Season) -> None:
    with system_scope(SystemReason.SEED):
        ContactPerson.objects.filter(employer=season.employers[0]).update(email="ny@hulta.example")

    (found,) = delivered("Kan ni")

    assert (found.subject, found.to) == ("Kan ni ta emot 2 elever på prao?", ["ny@hulta.example"])
    assert found.body.count("/svar/") == 1
    listed = [line for line in found.body.splitlines() if line.startswith("- ")]
    assert listed == [
        "- Amina Warsame, 8B, Norrängsskolan, 033-00 00 02. Plats: Hulta Bageri",
        "- Elias Warsame, 8B, Norrängsskolan, 033-00 00 02. Plats: Hulta Bageri",
    ]


def test_learner_result_says_which_wish(season: Season) -> None:
    first, second, none = sorted(delivered("Du har fått") + delivered("Besked om din"), key=lambda found: found.body)

    assert first.body.splitlines()[2] == "Du fick Hulta Bageri, ditt första val."
    assert second.body.splitlines()[2] == "Du fick Hulta Bageri, ditt första val."
    assert none.body.splitlines()[2].startswith("Ingen av platserna du önskade räckte till.")


@pytest.mark.parametrize(
    ("language", "start"),
    [("sv", "Hej Hodan Warsame,"), ("so", "This letter is about your child's work experience, prao, week")],
)
def test_guardian_result_in_the_guardians_language(season: Season, language: str, start: str) -> None:
    with system_scope(SystemReason.SEED):
        guardian = season.learners[0].guardians.get()
        Guardian.objects.filter(pk=guardian.pk).update(language=language)

    (found,) = [each for each in delivered() if each.to == [guardian.email]]

    assert found.subject == f"Besked om prao {range_label(season.weeks)}".replace(NBSP, " ")
    assert found.body.splitlines()[0].startswith(start)


def test_subjects_hold_no_names(season: Season) -> None:
    names = [*map(str, season.learners), "Hodan", "Petra"]

    assert [found.subject for found in delivered() if any(name in found.subject for name in names)] == []


def test_school_declined_names_the_learner_and_the_reason(season: Season) -> None:
    with system_scope(SystemReason.SEED):
        placement = season.placement()
    with scope(season.employers[0].organisation.scope()):
        answer(answers=[Answer(placement.pk, yes=False, reason="Ombyggnad")], actor=season.employer_actor())

    (found,) = delivered("En arbetsplats")

    assert found.subject == "En arbetsplats sa nej: en elev behöver en ny plats"
    assert f"- Amina Warsame, 8B, {range_label(season.weeks)}. Orsak: Ombyggnad" in found.body.splitlines()
    assert f"/resultat/{season.period.pk}/" in found.body


def test_employer_digest_is_withdrawn_when_nobody_is_coming(season: Season) -> None:
    with system_scope(SystemReason.SEED):
        placements = list(season.employers[0].placements.all())
    with scope(season.employers[0].organisation.scope()):
        answer(answers=[Answer(row.pk, yes=False) for row in placements], actor=season.employer_actor())

    assert delivered("Kan ni") == []
