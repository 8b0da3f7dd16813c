"""Results, another place, cards, and the employer's list."""

import re
import shutil
import subprocess
import zlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.enums import Role
from accounts.models import AccessLog
from core.tenancy import SystemReason, scope, system_scope
from core.weeks import NBSP, range_days, range_label
from placements.models import Placement
from placements.selectors.placements import declined_waiting
from placements.services.answers import Answer, answer
from schools.models import Learner
from tests.factories.published import Season, make_season


@pytest.fixture
def season(region: Any, weeks: list[date], seeding: Any) -> Season:
    with seeding():
        return make_season(region, weeks).publish()


def give(season: Season, *answers: bool) -> None:
    with system_scope(SystemReason.SEED):
        rows = Placement.objects.order_by("learner_name")
        given = [Answer(row.pk, yes=yes) for row, yes in zip(rows, answers, strict=False)]
    with scope(season.employers[0].organisation.scope()):
        answer(answers=given, actor=season.employer_actor())


def unpacked(pdf: bytes) -> bytes:
    """The file with its streams inflated, where the objects of the structure lie."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return pdf + b"".join(zlib.decompressobj().decompress(each) for each in streams if each[:1] == b"x")


def page(season: Season, name: str, *args: Any) -> str:
    return reverse(f"placements:{name}", args=[season.school.organisation.slug, *args])


def test_result_class_shows_the_missing_first(season: Season, member_client: Any) -> None:
    give(season, True)
    client = member_client(season.school, Role.CAREER_COUNSELLOR)

    response = client.get(page(season, "result_class", season.period.pk))

    assert [(str(row.learner), row.key, row.wish) for row in response.context["rows"]] == [
        ("Viktor Warsame", "unplaced", ""),
        ("Elias Warsame", "waiting", "val 1"),
        ("Amina Warsame", "confirmed", "val 1"),
    ]


def test_result_class_exports_what_it_shows(season: Season, member_client: Any, tmp_path: Any) -> None:
    client = member_client(season.school, Role.CAREER_COUNSELLOR)

    response = client.get(page(season, "result_class", season.period.pk), {"state": "unplaced", "export": "xlsx"})

    book = tmp_path / "resultat.xlsx"
    book.write_bytes(response.content)
    rows = list(load_workbook(book).active.values)
    assert [row[0] for row in rows] == ["Elev", "Viktor Warsame"]


def test_result_learner_shows_history_and_is_logged(season: Season, member_client: Any) -> None:
    give(season, False)
    client = member_client(season.school, Role.CAREER_COUNSELLOR)

    response = client.get(page(season, "result_learner", season.period.pk, season.learners[0].pk))

    assert [line.text for line in response.context["history"]] == [
        "Nekad av arbetsplatsen: Hulta Bageri",
        "Plats reserverad hos Hulta Bageri",
    ]
    with system_scope(SystemReason.SEED):
        assert AccessLog.objects.get().subject_id == season.learners[0].pk


def test_place_choose_leaves_out_the_one_that_said_no(season: Season, member_client: Any) -> None:
    give(season, False)
    client = member_client(season.school, Role.CAREER_COUNSELLOR)

    response = client.get(page(season, "place_choose", season.period.pk, season.learners[0].pk))

    assert [(each.slot.title, each.rank, each.left) for each in response.context["openings"]] == [
        ("Viskadalens Åkeri", 2, 5)
    ]
    assert [(wish.rank, wish.why) for wish in response.context["lost"]] == [(1, "Arbetsplatsen har tackat nej.")]


def test_place_choose_places_the_learner(season: Season, member_client: Any) -> None:
    client = member_client(season.school, Role.CAREER_COUNSELLOR)
    url = page(season, "place_choose", season.period.pk, season.learners[2].pk)

    client.post(url, {"slot": season.slots[1].pk})

    with system_scope(SystemReason.SEED):
        placement = season.placement(2)
    assert (placement.slot_id, placement.status, placement.rank) == (season.slots[1].pk, "reserved", 2)


def test_place_choose_says_when_the_slot_is_full(
    region: Any, weeks: list[date], seeding: Any, member_client: Any
) -> None:
    with seeding():
        season = make_season(region, weeks, seats=2).publish()
    client = member_client(season.school, Role.CAREER_COUNSELLOR)

    response = client.post(
        page(season, "place_choose", season.period.pk, season.learners[2].pk), {"slot": season.slots[0].pk}
    )

    assert response.status_code == 422
    assert response.context["form"].non_field_errors()[0].startswith("Hulta Bageri har inte så många lediga platser")


def test_declined_waiting_ends_with_another_place(season: Season, member_client: Any) -> None:
    give(season, False)
    organisation = season.school.organisation
    with scope(organisation.scope()):
        before = declined_waiting(organisation)
    client = member_client(season.school, Role.CAREER_COUNSELLOR)
    client.post(page(season, "place_choose", season.period.pk, season.learners[0].pk), {"slot": season.slots[1].pk})
    with scope(organisation.scope()):
        after = declined_waiting(organisation)

    assert [(row.class_name, row.employer_name, row.learners) for row in before] == [
        ("8B", "Hulta Bageri", [(season.learners[0].pk, "Amina Warsame")])
    ]
    assert after == []


def test_cards_are_tagged(season: Season, member_client: Any) -> None:
    give(season, True, True)
    client = member_client(season.school, Role.CAREER_COUNSELLOR)

    response = client.get(page(season, "card_class", season.period.pk))

    assert response["Content-Type"] == "application/pdf"
    content = unpacked(response.content)
    assert [mark for mark in (b"/StructTreeRoot", b"/MarkInfo", b"/Lang", b"pdfuaid:part") if mark not in content] == []


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils reads the text back")
def test_cards_hold_what_is_needed_and_no_birth_date(season: Season, member_client: Any, tmp_path: Path) -> None:
    give(season, True, True)
    client = member_client(season.school, Role.CAREER_COUNSELLOR)
    card = tmp_path / "kort.pdf"
    card.write_bytes(client.get(page(season, "card_class", season.period.pk)).content)

    text = subprocess.run(["pdftotext", "-layout", str(card), "-"], capture_output=True, text=True, check=True).stdout

    when = [range_label(season.weeks), f"Måndag–fredag {range_days(season.weeks)}", "08.00–15.00"]
    words = ["Amina Warsame, 8B", "Elias Warsame, 8B", *when]
    assert [word for word in words if word not in text.replace("v. ", f"v.{NBSP}")] == []
    assert "2012" not in text


def test_card_of_an_unanswered_place_does_not_exist(season: Season, member_client: Any) -> None:
    client = member_client(season.school, Role.CAREER_COUNSELLOR)

    assert client.get(page(season, "card_learner", season.period.pk, season.learners[0].pk)).status_code == 404


def test_coming_list_answers_for_all(season: Season, member_client: Any) -> None:
    client = member_client(season.employers[0], Role.EMPLOYER_ADMINISTRATOR, "Petra Holm")
    url = reverse("placements:coming_list", args=[season.employers[0].organisation.slug])
    waiting = client.get(url).context["waiting"]

    response = client.post(url, {"yes_to_all": "1"}, follow=True)

    assert len(waiting) == 2
    (group,) = response.context["groups"]
    assert (group.weeks, [guest.placement.learner_name for guest in group.guests]) == (
        season.weeks,
        ["Amina Warsame", "Elias Warsame"],
    )


def test_coming_list_lets_an_answer_be_changed(season: Season, member_client: Any) -> None:
    give(season, True, True)
    client = member_client(season.employers[0], Role.EMPLOYER_ADMINISTRATOR, "Petra Holm")
    url = reverse("placements:coming_list", args=[season.employers[0].organisation.slug])
    shown = [len(client.get(url, query).context["form"].rows) for query in ({}, {"andra": "1"})]
    with system_scope(SystemReason.SEED):
        placement = season.placement()

    client.post(url, {f"answer_{placement.pk.hex}": "no"})

    with system_scope(SystemReason.SEED):
        placement.refresh_from_db()
    assert (shown, placement.status) == ([0, 2], "withdrawn_employer")


def test_employer_sees_copied_fields_and_no_learner(season: Season) -> None:
    with scope(season.employers[0].organisation.scope()):
        names = sorted(Placement.objects.values_list("learner_name", flat=True))
        learners = Learner.objects.count()
    with scope(season.employers[1].organisation.scope()):
        others = Placement.objects.count()

    assert (names, learners, others) == (["Amina Warsame", "Elias Warsame"], 0, 0)


def test_run_publish_shows_the_numbers_and_publishes(
    region: Any, weeks: list[date], seeding: Any, member_client: Any
) -> None:
    with seeding():
        season = make_season(region, weeks)
    client = member_client(season.school, Role.CAREER_COUNSELLOR)
    url = page(season, "run_publish", season.run.pk)

    preview = client.get(url).context["preview"]
    codes = [client.post(url, {"when": "now"}).status_code for _time in range(2)]

    assert (preview.placed, preview.unplaced, preview.learners_written, preview.guardians_written) == (2, 1, 3, 3)
    assert (preview.employers, preview.obstacle, codes) == (1, "", [302, 409])


@pytest.mark.parametrize("name", ["result_list", "result_class", "place_choose", "run_publish", "coming_list"])
def test_lists_ask_as_often_for_one_row_as_for_three(
    region: Any, weeks: list[date], seeding: Any, member_client: Any, name: str
) -> None:
    counts = []
    for learners in (2, 4):
        with seeding():
            season = make_season(region, weeks, learners=learners, seats=5).publish()
        owner, role = season.school, Role.CAREER_COUNSELLOR
        if name == "coming_list":
            owner, role = season.employers[0], Role.EMPLOYER_ADMINISTRATOR
        args = {
            "result_class": [season.period.pk],
            "place_choose": [season.period.pk, season.learners[-1].pk],
            "run_publish": [season.run.pk],
        }
        client = member_client(owner, role)
        with CaptureQueriesContext(connection) as asked:
            response = client.get(reverse(f"placements:{name}", args=[owner.organisation.slug, *args.get(name, [])]))
        assert response.status_code == 200
        counts.append(len(asked))

    assert counts[0] == counts[1]
