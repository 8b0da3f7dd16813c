"""An allocation told from the dry run to the repair, in real browsers with a real worker."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from core.tenancy import SystemReason, system_scope
from core.weeks import today
from placements.models import Round
from schools.models import Learner
from tests.factories import employers, placements, schools
from tests.journeys.pages import Visitor, first_link
from tests.journeys.season import PASSWORD, WORKSHOP, Season, make_season
from tests.journeys.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CLINIC, BAKERY, GARAGE, CARE, MILL = "Djurkliniken", "Hulta Bageri", "Verkstaden", "Solhem", "Sågverket"
BALANCED, MOST_FIRST = "Balanserad", "Flest förstahandsval"
STAY, LEAST = "Rör ingen annan", "Flytta så få som möjligt"
# A balanced allocation gives Amina, Elias and Noor wishes 1, 2 and 2, the one with most first wishes 1, 1 and 3: for
# Amina nothing but her first can be had, and a place outside the wishes is worse than either.
WISHES = {
    "Amina": (CLINIC, MILL, WORKSHOP),
    "Elias": (BAKERY, GARAGE, MILL),
    "Noor": (CLINIC, BAKERY, GARAGE),
    "Viktor": (),
}


@dataclass
class Story:
    """The season's round and the codes that its learners sign in with."""

    season: Season
    round: Round
    codes: dict[str, tuple[str, str]]


def test_an_allocation_is_tried_published_explained_broken_and_repaired(
    stack: Stack, visitor: Callable[..., Visitor]
) -> None:
    story = _story()
    malin = visitor("Malin")
    malin.sign_in(story.season.counsellor.email, PASSWORD)

    _try(malin, BALANCED)
    _lock(malin, "Viktor", CARE)
    _try(malin, MOST_FIRST)
    _compare(malin)
    _run(malin)
    _review(malin)
    _publish(malin, "Publicera 4 placeringar")
    _let_the_undo_window_pass(stack, "full")

    noor = visitor("Noor", phone=True)
    noor.sign_in_as_learner(story.codes["Noor"])
    _reads(noor, "Du fick Hulta Bageri, ditt andra val", why=CLINIC)
    _answer(stack, visitor("Verkstaden via länken"), GARAGE, "Elias", "Ja")
    _answer(stack, visitor("Bageriet via länken"), BAKERY, "Noor", "Nej")

    _repair(malin)
    _ask_what_if(malin)
    _choose_the_repair(malin)
    _publish(malin, "Publicera 2 placeringar")
    _let_the_undo_window_pass(stack, "repair")
    _assert_only_the_chosen_repair_stands(stack)
    _reads(noor, "Du fick Verkstaden, ditt tredje val", why=CLINIC)
    _assert_the_class_has_its_places(malin)


def _story() -> Story:
    """A closed round of four learners, and five workplaces with a seat each; the mill is for those of sixteen."""
    season = make_season()
    with system_scope(SystemReason.SEED):
        slots = {}
        for name in (CLINIC, BAKERY, GARAGE, CARE, MILL):
            risk_assessed_on = None if name == CARE else today() - timedelta(days=30)
            place = employers.make_workplace(
                employers.make_employer(season.region, name), risk_assessed_on=risk_assessed_on
            )
            slots[name] = employers.make_slot(place, min_age=16 if name == MILL else None)
            employers.make_seats(slots[name], season.weeks)
        for full in season.haulier.slots.all():
            full.weeks.update(seats=0)
            slots[full.title] = full
        school_class = schools.make_class(season.school, "8B")
        born = {"Elias": today() - timedelta(days=17 * 366)}
        learners = {
            name: schools.make_learner(school_class, name, **({"birth_date": born[name]} if name in born else {}))
            for name in WISHES
        }
        made = placements.make_round(schools.make_period(school_class, season.weeks), phase="closed")
        for name, wishes in WISHES.items():
            if wishes:
                placements.make_choices(made, learners[name], [slots[wish] for wish in wishes])
        return Story(season, made, {name: _codes(learner) for name, learner in learners.items()})


def _codes(learner: Learner) -> tuple[str, str]:
    return learner.school_class.code, learner.personal_code


def _open_the_round(malin: Visitor) -> None:
    malin.go("Fördelning")
    malin.follow("Prao åk 8")


def _try(malin: Visitor, policy: str) -> None:
    _open_the_round(malin)
    malin.check(policy)
    malin.press("Provkör")
    expect(malin.page.get_by_role("link", name="Ny körning")).to_be_visible(timeout=120_000)


def _lock(malin: Visitor, name: str, place: str) -> None:
    malin.follow("Elev för elev")
    malin.page.get_by_role("row").filter(has_text=name).get_by_role("link", name="Lås plats").click()
    slots = malin.field("Plats")
    slots.select_option(slots.locator("option", has_text=place).get_attribute("value"))
    malin.fill(Orsak="Nära hemmet, enligt överenskommelse")
    malin.press("Lås platsen")


def _compare(malin: Visitor) -> None:
    malin.follow("Jämför med en annan körning, ned till vem som byter")
    malin.sees("2 elever får en annan plats")
    moves = {row[0].partition(" ")[0]: row[2:4] for row in malin.table("Elever med olika plats i körningarna")}
    assert moves == {
        "Elias": [f"{GARAGE}, val 2", f"{BAKERY}, val 1"],
        "Noor": [f"{BAKERY}, val 2", f"{GARAGE}, val 3"],
    }


def _run(malin: Visitor) -> None:
    _open_the_round(malin)
    malin.press("Kör fördelningen")
    expect(malin.page.get_by_role("link", name="Gå igenom en varning")).to_be_visible(timeout=60_000)
    expect(malin.page.get_by_role("region", name="Resultat")).to_contain_text("4 av 4")


def _review(malin: Visitor) -> None:
    """The care home lacks a risk assessment: somebody must say that it has been seen."""
    malin.page.get_by_role("button", name="Godta").click()
    malin.press("Markera som granskad")
    malin.follow("Förhandsgranska publicering")


def _publish(malin: Visitor, button: str) -> None:
    malin.press(button)
    expect(malin.page.get_by_role("link", name="Ångra publiceringen")).to_be_visible(timeout=60_000)


def _let_the_undo_window_pass(stack: Stack, purpose: str) -> None:
    """Let the time pass in which it could be taken back; then the mails go out."""
    stack.write(
        "UPDATE placements_allocationrun SET undo_until = now(), results_at = now()"
        f" WHERE status = 'published' AND purpose = '{purpose}'"
    )
    stack.write("UPDATE placements_placement SET shown_at = now()")
    told = f"SELECT id FROM placements_allocationrun WHERE purpose = '{purpose}' AND told_at IS NOT NULL"
    stack.wait_until(lambda: stack.rows(told), "everybody has been told", 60)


def _reads(noor: Visitor, heading: str, *, why: str) -> None:
    """Her place, which wish it is and why no better one; and nobody else's name."""
    noor.go("Min plats")
    noor.sees(heading)
    main = noor.page.get_by_role("main")
    expect(main.get_by_role("listitem").filter(has_text=why).first).to_be_visible()
    for other in ("Amina", "Elias", "Viktor"):
        expect(main).not_to_contain_text(other)


def _answer(stack: Stack, employer: Visitor, place: str, learner: str, word: str) -> None:
    """By the link of the mail, without an account."""
    stack.wait_until(lambda: _digest(stack, place), f"{place} has got the mail", 60)
    employer.open(first_link(_digest(stack, place)))
    employer.answer(f"{learner} Warsame", word)
    employer.press("Skicka svar")
    expect(employer.page.get_by_role("heading", level=1)).to_contain_text("Tack")


def _digest(stack: Stack, place: str) -> str:
    """The text of the mail that asks the workplace."""
    mails = [mail for mail in stack.mails() if "Kan ni" in mail["Subject"]]
    bodies = [mail.get_body(("plain",)).get_content() for mail in mails]
    return next((body for body in bodies if place in body), "")


def _repair(malin: Visitor) -> None:
    malin.go("Idag")
    expect(malin.page.get_by_role("main")).to_contain_text("Prao åk 8: en elev har förlorat sin plats")
    malin.follow("Reparera")
    malin.sees("En elev har förlorat sin plats")
    malin.press("Reparera")
    expect(_option(malin, LEAST)).to_be_visible(timeout=60_000)
    assert [_figures(malin, option) for option in (STAY, LEAST)] == [["0 av 1", "0", "1"], ["1 av 1", "1", "0"]]
    moved = _option(malin, LEAST)
    expect(moved).to_contain_text("Elias Warsame")
    expect(moved).to_contain_text("Bekräftad av arbetsplatsen")


def _option(malin: Visitor, name: str):
    return malin.page.get_by_role("region", name=name)


def _figures(malin: Visitor, option: str) -> list[str]:
    return _option(malin, option).locator(".figure-value").all_inner_texts()


def _ask_what_if(malin: Visitor) -> None:
    """Amina's only wish, given to Noor instead: exactly whose place it is."""
    back = malin.page.url
    malin.go("Resultat")
    malin.follow("8B")
    malin.follow("Noor Warsame")
    malin.follow("Vad skulle ett annat val kosta?")
    malin.page.get_by_role("link", name=f"Räkna ut {CLINIC}").click()
    expect(malin.page.get_by_role("list", name="Vad som händer, i ordning")).to_contain_text("Amina Warsame")
    malin.open(back)


def _choose_the_repair(malin: Visitor) -> None:
    malin.press(f"Publicera reparationen {LEAST}")
    expect(malin.page.get_by_role("main")).to_contain_text("En elev byter plats.")


def _assert_only_the_chosen_repair_stands(stack: Stack) -> None:
    runs = "SELECT option, status FROM placements_allocationrun WHERE purpose = 'repair' ORDER BY number"
    assert stack.rows(runs) == [("stay", "discarded"), ("least", "published")]


def _assert_the_class_has_its_places(malin: Visitor) -> None:
    malin.go("Resultat")
    malin.follow("8B")
    places = {row[0].partition(" ")[0]: row[1].partition(",")[0] for row in malin.table("Placeringar i 8B")}
    assert places == {"Amina": CLINIC, "Elias": MILL, "Noor": GARAGE, "Viktor": CARE}
