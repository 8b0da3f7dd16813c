"""One season in real browsers, with a real worker: from an invitation to places, and every mail counted."""

import re
import zlib
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from core.weeks import range_label, today, week_label
from tests.journeys.pages import Visitor, first_link, tidy
from tests.journeys.season import PASSWORD, SEATS, TERMINAL, WORKSHOP, Season, make_season
from tests.journeys.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BAKERY, BAKERY_PLACE = "Hulta Bageri", "Bageri och butik"
PETRA, HAULIER = "petra@hulta.example", "petra@viskadalens-akeri.example"
# An invitation, a published place, then two employers, three learners with an address and four guardians.
MAILS_AT_PUBLISHING = 11
WISHES = {
    "Amina Warsame": (BAKERY, WORKSHOP, TERMINAL),
    "Elias Lindqvist": (BAKERY, TERMINAL, WORKSHOP),
    "Noor Haddad": (WORKSHOP, BAKERY, TERMINAL),
}


def test_a_class_goes_from_weeks_to_places(stack: Stack, visitor: Callable[..., Visitor]):
    season = make_season()
    anna, malin = visitor("Anna"), visitor("Malin")
    anna.sign_in(season.coordinator.email, PASSWORD)
    malin.sign_in(season.counsellor.email, PASSWORD)

    petra = _invite_the_bakery(stack, anna, visitor)
    _offer_a_place(petra, season)
    _assure_the_place(anna)

    _import_the_class(malin, season)
    _book_the_weeks(malin, season)
    _open_the_round(malin)
    codes = _codes(malin)
    for name, wishes in WISHES.items():
        _wish(visitor(name, phone=True), codes[name], wishes)

    _run(malin, trial=True)
    _close_the_round(stack)
    _run(malin)
    _lock(malin, "Viktor Ek", TERMINAL)
    _run(malin)
    _publish(malin)
    _let_the_undo_window_pass(stack)
    _wait_for_mail(stack, MAILS_AT_PUBLISHING)

    _answer(stack, visitor("Petra via länken"))
    _wait_for_mail(stack, MAILS_AT_PUBLISHING + 1)
    _choose_again(malin, "Elias Lindqvist", WORKSHOP)
    _assert_every_mail_came_once(stack, season)

    _assert_the_class_sees_its_places(malin, season)
    _assert_the_card_is_tagged(malin)
    _assert_the_learner_sees_the_place(visitor("Amina igen", phone=True), codes["Amina Warsame"])
    _assert_the_plan_counts_the_places(malin, season)
    _assert_the_region_sees_the_numbers(anna, season)


def _invite_the_bakery(stack: Stack, anna: Visitor, visitor: Callable[..., Visitor]) -> Visitor:
    anna.go("Arbetsgivare")
    anna.page.locator("a[href$='/bjud-in/']").first.click()
    anna.fill(Kontaktperson="Petra Holm", **{"Arbetsgivarens namn": BAKERY, "Kontaktpersonens e-post": PETRA})
    anna.press("Skicka inbjudan")
    anna.sees(BAKERY)

    _wait_for_mail(stack, 1)
    (invitation,) = stack.mails()
    petra = visitor("Petra")
    petra.open(first_link(invitation.get_body(("plain",)).get_content()))
    petra.sees(BAKERY)
    petra.fill(**{"Ditt namn": "Petra Holm", "Lösenord": PASSWORD})
    petra.press("Kom igång")
    return petra


def _offer_a_place(petra: Visitor, season: Season) -> None:
    petra.go("Arbetsplatser")
    petra.page.locator("a[href$='/arbetsplatser/ny/']").first.click()
    petra.fill(**{"Arbetsplatsens namn": BAKERY, "Gatuadress": "Hultagatan 14", "Postnummer": "50742"})
    petra.fill(Ort="Borås", **{"Riskbedömning gjord": str(today() - timedelta(days=60))})
    petra.choose(Kommun="Borås")
    petra.press("Spara")

    petra.go("Platser")
    petra.page.locator("a[href$='/platser/ny/']").first.click()
    petra.fill(Rubrik=BAKERY_PLACE, Arbetsuppgifter="Du bakar, packar och möter kunder.")
    petra.fill(Börjar="08:00", Slutar="15:00", Handledare="Petra Holm", **{"Handledarens telefon": "033-00 00 01"})
    petra.check("prao", "årskurs 8")
    petra.choose(Yrkesområde="Hantverk")
    petra.press("Spara och skriv veckor")
    petra.sees("Hur många elever kan ni ta emot?")
    for week in season.weeks:
        petra.page.locator(f"#id_week_{week}").fill(str(SEATS))
    petra.press("Spara veckorna")
    petra.sees(BAKERY_PLACE)
    petra.press("Skicka in platsen")
    expect(petra.page.get_by_text("Samordnaren har fått platsen.")).to_be_visible()


def _assure_the_place(anna: Visitor) -> None:
    anna.go("Kvalitetssäkring")
    anna.sees("En plats väntar på kvalitetssäkring")
    anna.follow(BAKERY_PLACE)
    anna.check("Arbetsuppgifterna passar eleverna och är tillåtna för deras ålder")
    anna.press("Kvalitetssäkra och publicera")
    anna.go("Kvalitetssäkring")
    anna.sees("Inget väntar på kvalitetssäkring")


def _import_the_class(malin: Visitor, season: Season) -> None:
    malin.go("Klasser")
    malin.follow("Läs in en klass")
    malin.fill(Klass="8B", Mentor="Karin Åberg")
    malin.choose(Årskurs="Årskurs 8", Läsår=season.school_year_label)
    file = {"name": "8B.csv", "mimeType": "text/csv", "buffer": season.class_list}
    malin.field("Klasslista").set_input_files(file)
    malin.press("Förhandsgranska")
    malin.sees("8B blir en ny klass med 4 elever")
    malin.press("Spara 8B")


def _book_the_weeks(malin: Visitor, season: Season) -> None:
    malin.go("Veckor")
    if season.term.label not in malin.heading():
        malin.follow(season.term.label)
    first, last = season.weeks
    malin.choose(Klass="8B", Från=week_label(first), Till=week_label(last))
    malin.press("Visa")
    malin.press(f"Boka {range_label(season.weeks)} för 8B")
    booked = malin.table(f"Våra bokade veckor, {season.term.label}")
    assert [row[:4] for row in booked] == [["8B", tidy(range_label(season.weeks)), "prao", "4"]]


def _open_the_round(malin: Visitor) -> None:
    malin.go("Val")
    malin.page.locator("a[href$='/omgangar/ny/']").first.click()
    day = timedelta(days=1)
    malin.fill(**{"Platserna visas": f"{today() - 2 * day}T08:00", "Valet öppnar": f"{today() - day}T08:00"})
    malin.fill(**{"Valet stänger": f"{today() + day}T16:00"})
    malin.fill(**{"Arbetsplatserna svarar senast": str(today() + 7 * day)})
    malin.press("Skapa omgången")
    expect(malin.page.get_by_role("heading", level=1)).to_have_text(re.compile(r"0 av 4 har skickat in"))


def _codes(malin: Visitor) -> dict[str, tuple[str, str]]:
    """The two codes on each learner's card."""
    malin.go("Klasser")
    malin.follow("8B")
    malin.page.locator("a[href$='/koder/']").first.click()
    malin.sees("Koder för 8B")
    cards = malin.page.locator(".code-card")
    names, codes = cards.get_by_role("heading").all_inner_texts(), cards.locator(".code").all_inner_texts()
    return {name: (codes[2 * place], codes[2 * place + 1]) for place, name in enumerate(names)}


def _wish(learner: Visitor, codes: tuple[str, str], wishes: tuple[str, ...]) -> None:
    learner.sign_in_as_learner(codes)
    learner.go("Platser")
    for wish in reversed(wishes):
        learner.page.get_by_role("button", name=f"Lägg till {wish}").click()
        learner.go("Platser")
    learner.go("Mina val")
    # They lie in the wrong order: the first wish is moved up from the bottom, the second after it.
    learner.page.get_by_role("button", name=f"Flytta upp {wishes[0]}").click()
    expect(_ranked(learner).nth(1)).to_have_text(wishes[0])
    learner.page.get_by_role("button", name=f"Flytta upp {wishes[0]}").click()
    expect(_ranked(learner).first).to_have_text(wishes[0])
    learner.page.get_by_role("button", name=f"Flytta upp {wishes[1]}").click()
    expect(_ranked(learner).nth(1)).to_have_text(wishes[1])
    learner.press("Skicka in mina val")
    expect(learner.page.get_by_role("button", name="Skicka in mina val")).to_have_count(0)
    assert _ranked(learner).all_inner_texts() == list(wishes)


def _ranked(learner: Visitor):
    return learner.page.locator(".rank-row .rank-name")


def _run(malin: Visitor, *, trial: bool = False) -> None:
    malin.go("Fördelning")
    malin.page.get_by_role("row").nth(1).get_by_role("link").first.click()
    malin.press("Provkör" if trial else "Kör fördelningen")
    after = ("link", "Ny körning") if trial else ("button", "Markera som granskad")
    # The first run may have to compile the engine.
    expect(malin.page.get_by_role(after[0], name=after[1])).to_be_visible(timeout=120_000)
    expect(malin.page.get_by_role("region", name="Resultat")).to_contain_text("4")


def _close_the_round(stack: Stack) -> None:
    """Let the time pass: everything that lies ahead of the round's closing has happened."""
    stack.write("UPDATE placements_round SET close_at = now() - interval '1 minute'")


def _lock(malin: Visitor, name: str, place: str) -> None:
    malin.follow("Elev för elev")
    malin.page.get_by_role("row").filter(has_text=name).get_by_role("link", name="Lås plats").click()
    slots = malin.field("Plats")
    slots.select_option(slots.locator("option", has_text=place).get_attribute("value"))
    malin.fill(Orsak="Nära hemmet, enligt överenskommelse")
    malin.press("Lås platsen")


def _publish(malin: Visitor) -> None:
    malin.press("Markera som granskad")
    malin.follow("Förhandsgranska publicering")
    expect(malin.page.get_by_role("main")).to_contain_text("3 elever, 4 vårdnadshavare och 2 arbetsgivare får brev.")
    shares = malin.table("Elever per arbetsplats")
    assert sorted(row[0::2] for row in shares) == [[BAKERY, "2"], [TERMINAL, "1"], [WORKSHOP, "1"]]
    malin.press("Publicera 4 placeringar")
    expect(malin.page.get_by_role("link", name="Ångra publiceringen")).to_be_visible(timeout=120_000)
    malin.go("Resultat")
    assert [row[3:6] for row in malin.table("Klasser med publicerade placeringar")] == [["4", "0", "4"]]


def _let_the_undo_window_pass(stack: Stack) -> None:
    """Nobody is written to while the publishing can be taken back."""
    stack.write("UPDATE placements_allocationrun SET undo_until = now(), results_at = now() WHERE status = 'published'")
    stack.write("UPDATE placements_placement SET shown_at = now()")


def _answer(stack: Stack, petra: Visitor) -> None:
    """Yes to one and no to another, by the link alone."""
    (digest,) = [mail for mail in stack.mails() if mail["To"] == PETRA and "elever" in mail["Subject"]]
    petra.open(first_link(digest.get_body(("plain",)).get_content()))
    petra.sees("Kan ni ta emot 2 elever?")
    petra.answer("Amina Warsame", "Ja")
    petra.answer("Elias Lindqvist", "Nej")
    petra.field("Varför inte?").locator("visible=true").fill("Vi har bara en ugn den veckan")
    petra.press("Skicka svar")
    petra.sees("Tack, en elev kommer till er")


def _choose_again(malin: Visitor, name: str, place: str) -> None:
    malin.go("Resultat")
    malin.follow("8B")
    malin.sees("8B: en elev behöver en plats")
    malin.follow(f"Välj plats åt {name.partition(' ')[0]}")
    malin.page.get_by_role("button", name=f"Välj {place}").click()
    malin.sees("8B: 1 av 4 bekräftade")


def _wait_for_mail(stack: Stack, count: int) -> None:
    stack.wait_until(lambda: len(stack.mails()) >= count, f"there are {count} mails", 40)


def _assert_every_mail_came_once(stack: Stack, season: Season) -> None:
    """Not one missing, not one double: by recipient and subject, and by the key of each message."""
    weeks = tidy(range_label(season.weeks))
    expected = Counter(
        {
            (PETRA, "Inbjudan till Hulta Bageri i Bryggan"): 1,
            (PETRA, f"{BAKERY_PLACE} är publicerad"): 1,
            (PETRA, "Kan ni ta emot 2 elever på prao?"): 1,
            (HAULIER, "Kan ni ta emot 2 elever på prao?"): 1,
            ("amina@elev.example", f"Du har fått en plats {weeks}"): 1,
            ("noor@elev.example", f"Du har fått en plats {weeks}"): 1,
            ("hodan@hem.example", f"Besked om prao {weeks}"): 1,
            ("sami@hem.example", f"Besked om prao {weeks}"): 1,
            ("jonas@hem.example", f"Besked om prao {weeks}"): 1,
            (season.counsellor.email, "En arbetsplats sa nej: en elev behöver en ny plats"): 1,
            # Elias got a second place, at an employer who therefore has one more to answer for.
            ("elias@elev.example", f"Du har fått en plats {weeks}"): 2,
            ("ulla@hem.example", f"Besked om prao {weeks}"): 2,
            (HAULIER, "Kan ni ta emot 3 elever på prao?"): 1,
        }
    )
    _wait_for_mail(stack, expected.total())
    unsent = "SELECT id FROM core_outboxmessage WHERE status <> 'sent'"
    stack.wait_until(lambda: stack.rows(unsent) == [], "every message is sent")
    found = stack.mails()
    assert Counter((_recipient(mail["To"]), str(mail["Subject"])) for mail in found) == expected
    messages = [pk for (pk,) in stack.rows("SELECT id::text FROM core_outboxmessage ORDER BY 1")]
    assert sorted(str(mail["Message-ID"]).strip("<>").partition("@")[0] for mail in found) == messages


def _recipient(to: str) -> str:
    """The address; the number that makes the haulier's organisation unique in a test is left out."""
    return re.sub(r"-\d+\.example$", ".example", to)


def _assert_the_class_sees_its_places(malin: Visitor, season: Season) -> None:
    rows = {row[0]: row[1:] for row in malin.table("Placeringar i 8B")}
    assert {name: (row[0], row[-1]) for name, row in rows.items()} == {
        "Amina Warsame": (f"{BAKERY}, Borås", "Bekräftad"),
        "Elias Lindqvist": (f"{WORKSHOP}, Borås", "Väntar på svar"),
        "Noor Haddad": (f"{WORKSHOP}, Borås", "Väntar på svar"),
        "Viktor Ek": (f"{TERMINAL}, Borås", "Väntar på svar"),
    }


def _assert_the_card_is_tagged(malin: Visitor) -> None:
    card = malin.page.get_by_role("link", name="Skriv ut ett praktikkort").get_attribute("href")
    pdf = malin.download(card)
    objects = b"".join(_inflated(stream) for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL))
    marks = (b"/StructTreeRoot", b"/Marked true", b"/Lang (sv)", b"pdfuaid:part")
    assert [mark for mark in marks if mark not in objects] == []


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def _assert_the_learner_sees_the_place(amina: Visitor, codes: tuple[str, str]) -> None:
    amina.sign_in_as_learner(codes)
    amina.go("Min plats")
    expect(amina.page.get_by_role("main")).to_contain_text("Hultagatan 14")
    expect(amina.page.get_by_role("main")).to_contain_text("Bekräftad")


def _assert_the_plan_counts_the_places(malin: Visitor, season: Season) -> None:
    malin.go("Plan")
    if season.school_year_label not in malin.heading():
        malin.follow(season.school_year_label)
    malin.press("Börja med regionens mall")
    main = malin.page.get_by_role("main")
    expect(main).to_contain_text("4 av 4 elever i åk 8 har genomfört eller planerad prao.")


def _assert_the_region_sees_the_numbers(anna: Visitor, season: Season) -> None:
    """Seats and demand by week, how full the places are, and never a number of learners under five."""
    anna.go("Tillgång och behov")
    anna.field("Veckor").select_option(season.term.code)
    anna.press("Visa")
    anna.page.get_by_text("Som tabell").click()
    weeks = {row[0]: row[1:4] for row in anna.table(anna.heading())}
    sheet = _sheet(anna, "/tillgang/veckor.xlsx")
    for week in season.weeks:
        assert weeks[tidy(week_label(week))] == ["6", "4", "0"]
        assert [6, 4, 0] in [row[1:4] for row in sheet if tidy(str(row[0])) == tidy(week_label(week))]

    anna.go("Rapporter")
    anna.choose(Läsår=season.school_year_label)
    anna.press("Visa")
    assert anna.table("Beläggning per yrkesområde") == [
        ["Transport och lager", "8", "6", "75,0 %"],
        ["Hantverk", "4", "2", "50,0 %"],
    ]
    few = "färre än 5"
    trades = [["Hantverk", few, few, "0", "0"], ["Transport och lager", few, few, few, "0"]]
    assert anna.table("Elever med plats, per yrkesområde och kön") == trades
    assert [row[:3] for row in _sheet(anna, "/rapporter/belaggning.xlsx")[1:]] == [
        ["Transport och lager", 8, 6],
        ["Hantverk", 4, 2],
        ["Alla", 12, 8],
    ]


def _sheet(visitor: Visitor, ending: str) -> list[list[object]]:
    """The table behind an xlsx link of the page, row by row."""
    link = visitor.page.locator(f"a[href*='{ending}']")
    book = load_workbook(BytesIO(visitor.download(link.first.get_attribute("href"))))
    return [list(row) for row in book.active.iter_rows(values_only=True)]
