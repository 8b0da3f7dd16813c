"""The demo region: built once for the module, in a transaction that is rolled back."""

from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, Sum
from django.test import Client, override_settings
from django.utils import timezone

from accounts.models import Organisation
from core.outbox.models import OutboxMessage
from core.tenancy import SystemReason, system_scope
from core.weeks import today
from dashboards.demo.build import DemoBuilder
from dashboards.demo.people import PASSWORD, SignIn
from employers.models import Slot, SlotWeek, WorkplaceWeek
from employers.selectors.supply import supply_by_week
from guidance.models import GuidancePlan
from placements.models import AllocationRun, Choice, Placement, PlacementWeek, Round
from placements.selectors.rights import sharing_schools
from placements.selectors.rounds import phase, weeks_of_round
from schools.models import Guardian, Learner, PlacementPeriod, SchoolAuthority
from schools.selectors.periods import demand_by_week


@pytest.fixture(scope="module")
def sign_ins(django_db_setup: None, django_db_blocker) -> Iterator[list[SignIn]]:
    with django_db_blocker.unblock(), transaction.atomic():
        built = DemoBuilder(size="tenth", today=today(), say=lambda _line: None).build()
        with system_scope(SystemReason.SEED):
            yield built.sign_ins
        transaction.set_rollback(True)


def norrang(class_name: str) -> dict[str, object]:
    return {"school_unit__name": "Norrängsskolan", "class_name": class_name}


def test_every_authority_has_its_code(sign_ins):
    codes = SchoolAuthority.objects.filter(kind="municipal").values_list("municipality_code", flat=True)
    assert sorted(codes) == ["1442", "1443", "1452", "1463", "1465", "1466", "1490", "1491"]
    assert SchoolAuthority.objects.filter(kind="independent").count() == 1


def test_rounds_are_in_every_phase(sign_ins):
    now = timezone.now()
    phases = {phase(each, now, weeks_of_round(each)) for each in Round.objects.all()}
    assert {"viewing", "choosing", "closed", "confirming", "started", "finished"} <= phases


def test_slots_are_in_every_state(sign_ins):
    states = set(Slot.objects.values_list("status", flat=True))
    assert states == {"draft", "submitted", "published", "paused", "expired"}


def test_placements_are_where_the_season_is(sign_ins):
    states = set(Placement.objects.values_list("status", flat=True))
    assert {"reserved", "employer_confirmed", "declined_employer", "active", "completed"} <= states
    assert set(Placement.objects.filter(**norrang("9B")).values_list("status", flat=True)) <= {
        "active",
        "withdrawn_learner",
    }
    waiting = set(Placement.objects.filter(**norrang("9C")).values_list("status", flat=True))
    assert waiting == {"reserved", "employer_confirmed", "declined_employer"}


def test_a_result_waits_to_be_published_and_a_round_to_be_run(sign_ins):
    drafts = AllocationRun.objects.filter(status="draft", is_trial=False, round__school_unit__name="Norrängsskolan")
    assert [run.round.title for run in drafts] == ["Prao 8A"]
    assert sharing_schools(drafts[0].round) == []  # so that the guide's counsellor may publish it
    closed = [each for each in Round.objects.filter(runs=None) if phase(each, timezone.now()) == "closed"]
    assert closed


def test_seats_taken_are_placements(sign_ins):
    live = PlacementWeek.objects.filter(live=True)
    held = dict(live.values_list("placement__slot").annotate(n=Count("pk")).values_list("placement__slot", "n"))
    taken = dict(SlotWeek.objects.filter(taken__gt=0).values_list("slot").annotate(Sum("taken")))
    assert taken == held
    ended = PlacementWeek.objects.filter(live=True).exclude(placement__ended_at=None)
    assert ended.count() == 0


def test_caps_hold_what_their_slots_hold(sign_ins):
    for row in WorkplaceWeek.objects.filter(taken__gt=0).select_related("workplace"):
        taken = SlotWeek.objects.filter(slot__workplace=row.workplace, week_on=row.week_on).aggregate(n=Sum("taken"))
        assert row.taken == taken["n"]


def test_some_weeks_are_short_and_others_have_plenty(sign_ins):
    weeks = sorted(set(PlacementPeriod.objects.filter(kind="prao").values_list("weeks__week_on", flat=True)))
    supply, demand = supply_by_week(weeks=weeks, kind="prao"), demand_by_week(weeks=weeks, kind="prao")
    short = [week for week in weeks if demand[week] > supply[week].seats]
    plenty = [week for week in weeks if demand[week] * 2 < supply[week].seats]
    assert short
    assert plenty
    assert len(short) < len(weeks) / 2


def test_wishes_are_skewed_as_real_ones(sign_ins):
    def pressure(**which: object) -> float:
        wishes = Choice.objects.filter(**{f"slot__{name}": value for name, value in which.items()}).count()
        return wishes / Slot.objects.filter(status="published", **which).count()

    assert pressure(occupation_field="it") > 2 * pressure(occupation_field="social")
    assert pressure(occupation_field="culture_media") > 2 * pressure(occupation_field="industry")
    boys = Choice.objects.filter(learner__sex="man", slot__occupation_field="construction").count()
    girls = Choice.objects.filter(learner__sex="woman", slot__occupation_field="construction").count()
    assert boys > 2 * girls


def test_no_mail_waits_to_go_out(sign_ins):
    assert OutboxMessage.objects.exclude(status="sent").count() == 0
    assert OutboxMessage.objects.filter(event="placements/employer_digest").count() > 0


def test_petra_has_learners_to_answer_for(sign_ins):
    assert Placement.objects.filter(employer__name="Hulta Bageri", status="reserved").count() > 0


def test_guardians_have_languages_and_schools_have_plans(sign_ins):
    assert set(Guardian.objects.values_list("language", flat=True)) >= {"sv", "ar", "so"}
    assert GuidancePlan.objects.count() == 4


def test_everybody_on_the_list_can_sign_in(sign_ins):
    members = [each for each in sign_ins if each.password == PASSWORD]
    assert len(members) == 7
    for each in members:
        client = Client()
        answer = client.post("/konto/login/", {"login": each.user, "password": PASSWORD})
        assert answer.status_code == 302, each.user
        assert client.get(each.page).status_code == 200, each.user


def test_learners_on_the_list_have_codes_that_work(sign_ins):
    learners = [each for each in sign_ins if each.role.startswith("Elev")]
    assert len(learners) == 3
    for each in learners:
        assert Learner.objects.filter(school_class__code=each.user, personal_code=each.password).count() == 1


def test_the_same_day_gives_the_same_region(sign_ins):
    again = DemoBuilder(size="tenth", today=today(), say=lambda _line: None)
    schools, _apl_classes = again._schools()
    drawn = {(one.pk, str(one)) for held in schools.learners.values() for one in held}
    assert drawn == {(one.pk, str(one)) for one in Learner.objects.all()}


def test_the_command_writes_the_sign_ins(sign_ins, tmp_path: Path):
    Organisation.objects.filter(kind="region").update(name="En annan region")
    out = StringIO()
    with override_settings(BRYGGAN_DEMO=True, VAR_DIR=tmp_path), transaction.atomic():
        call_command("seed_demo", today=date(2026, 3, 4), stdout=out)
        transaction.set_rollback(True)
    Organisation.objects.filter(kind="region").update(name="Sjuhärad")
    written = (tmp_path / "signins.txt").read_text(encoding="utf-8")
    assert written in out.getvalue()
    assert "malin.ekdahl@norrangsskolan-2.example" in written


def test_it_refuses_where_it_does_not_belong(sign_ins):
    with override_settings(BRYGGAN_DEMO=False), pytest.raises(CommandError, match="BRYGGAN_DEMO=1"):
        call_command("seed_demo")
    with override_settings(BRYGGAN_DEMO=True), pytest.raises(CommandError, match="finns redan"):
        call_command("seed_demo")
    with override_settings(BRYGGAN_DEMO=True), pytest.raises(CommandError, match="framåt i tiden"):
        call_command("seed_demo", today=date(2099, 1, 1))
