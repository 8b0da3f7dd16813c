from datetime import timedelta

from django.core import mail
from django.utils import timezone

from core.outbox.models import OutboxMessage
from core.outbox.services import deliver_due
from placements.models import ChoiceList
from placements.services.rounds import remind_learners
from tests.factories.employers import make_employer, make_slot, make_workplace
from tests.factories.placements import make_choices, make_round
from tests.factories.schools import make_learner, make_period


def make_due(seeding):
    with seeding():
        OutboxMessage.objects.update(due_at=timezone.now() - timedelta(seconds=1))


def test_reminder_reaches_those_who_still_have_not_sent_in(
    school, school_class, region, weeks, actor_of, as_org, seeding, settings
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with seeding():
        found = make_round(make_period(school_class, weeks))
        slot = make_slot(make_workplace(make_employer(region)))
        late, quick = (make_learner(school_class, name) for name in ("Amina", "Viktor"))
        school_class.learners.exclude(pk__in=[late.pk, quick.pk]).delete()
        for learner in (late, quick):
            make_choices(found, learner, [slot], submitted=False)
    with as_org(school):
        assert remind_learners(round=found, actor=actor_of(school)).sent == 2
    with seeding():
        ChoiceList.objects.filter(learner=quick).update(submitted_at=timezone.now())
    make_due(seeding)
    deliver_due()
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == ([late.email], "Du har inte skickat in dina val")
    assert "Du har 1 val sparat, men det är inte inskickat." in sent.body
    assert "/elev/val/" in sent.body
