"""The same steps without JavaScript, and with the keyboard alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from core.tenancy import SystemReason, system_scope
from placements.models import Choice
from schools.models import Learner
from tests.factories import employers, placements, schools
from tests.factories.published import make_season as make_published
from tests.journeys.pages import Visitor, first_link
from tests.journeys.season import TERMINAL, WORKSHOP, Season, make_season
from tests.journeys.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BAKERY = "Hulta Bageri"
WISHES = [BAKERY, WORKSHOP, TERMINAL]


def test_a_learner_ranks_without_javascript(stack: Stack, visitor: Callable[..., Visitor]):
    amina = _learner_in_an_open_round(make_season())
    at_phone = visitor("Amina", phone=True, java_script_enabled=False)

    at_phone.sign_in_as_learner(_codes(amina))
    for wish in reversed(WISHES):
        at_phone.go("Platser")
        at_phone.press(f"Lägg till {wish}")
    at_phone.go("Mina val")
    at_phone.press(f"Flytta upp {BAKERY}")
    at_phone.press(f"Flytta upp {BAKERY}")
    at_phone.press(f"Flytta upp {WORKSHOP}")
    at_phone.press("Skicka in mina val")

    expect(at_phone.page.get_by_role("button", name="Skicka in mina val")).to_have_count(0)
    assert _sent_in(amina) == WISHES


def test_an_employer_answers_without_javascript(stack: Stack, visitor: Callable[..., Visitor]):
    season = make_season()
    with system_scope(SystemReason.SEED):
        published = make_published(season.region, season.weeks)
    published.publish()
    stack.wait_until(lambda: _digests(stack), "the employer has got the mail")
    at_desk = visitor("Petra", java_script_enabled=False)

    at_desk.open(first_link(_digests(stack)[0]))
    at_desk.answer("Amina Warsame", "Ja")
    at_desk.answer("Elias Warsame", "Nej")
    at_desk.press("Skicka svar")

    at_desk.sees("Tack, en elev kommer till er")
    found = "SELECT learner_name, status FROM placements_placement ORDER BY learner_name"
    assert stack.rows(found) == [("Amina Warsame", "employer_confirmed"), ("Elias Warsame", "declined_employer")]


def test_a_learner_ranks_with_the_keyboard_alone(stack: Stack, visitor: Callable[..., Visitor]):
    amina = _learner_in_an_open_round(make_season())
    at_keys = visitor("Amina")

    at_keys.sign_in_as_learner(_codes(amina))
    for wish in reversed(WISHES):
        at_keys.go("Platser")
        at_keys.tab_to(f"Lägg till {wish}")
        at_keys.press_enter()
    at_keys.go("Mina val")
    at_keys.tab_to(f"Flytta upp {BAKERY}")
    at_keys.page.keyboard.press("Enter")
    expect(at_keys.page.locator("#announce")).to_have_text(f"{BAKERY}, nu val 2 av 3")
    # The focus has followed the wish, so the same key moves it on; at the top only the way down is left.
    expect(at_keys.page.get_by_role("button", name=f"Flytta upp {BAKERY}")).to_be_focused()
    at_keys.page.keyboard.press("Enter")
    expect(at_keys.page.get_by_role("button", name=f"Flytta ned {BAKERY}")).to_be_focused()
    at_keys.tab_to(f"Flytta upp {WORKSHOP}")
    at_keys.page.keyboard.press("Enter")
    expect(at_keys.page.locator("#announce")).to_have_text(f"{WORKSHOP}, nu val 2 av 3")
    at_keys.tab_to("Skicka in mina val")
    at_keys.press_enter()

    expect(at_keys.page.get_by_role("button", name="Skicka in mina val")).to_have_count(0)
    assert _sent_in(amina) == WISHES


def _learner_in_an_open_round(season: Season) -> Learner:
    with system_scope(SystemReason.SEED):
        slot = employers.make_slot(employers.make_workplace(employers.make_employer(season.region, BAKERY)))
        employers.make_seats(slot, season.weeks)
        school_class = schools.make_class(season.school, "8B")
        amina = schools.make_learner(school_class, "Amina")
        placements.make_round(schools.make_period(school_class, season.weeks))
        return amina


def _codes(learner: Learner) -> tuple[str, str]:
    return learner.school_class.code, learner.personal_code


def _sent_in(learner: Learner) -> list[str]:
    with system_scope(SystemReason.SEED):
        sent = Choice.objects.filter(learner=learner, choice_list__submitted_at__isnull=False).order_by("rank")
        return list(sent.values_list("slot__workplace__name", flat=True))


def _digests(stack: Stack) -> list[str]:
    bodies = [mail.get_body(("plain",)).get_content() for mail in stack.mails() if "Kan ni" in mail["Subject"]]
    return [body for body in bodies if "Amina" in body]
