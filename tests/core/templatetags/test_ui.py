"""The components render what the reference promises, for people who see, hear or touch the page."""

from datetime import date

import pytest
from django import forms
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory

from core import ui
from core.styleguide import sample_matrix
from core.templatetags import ui as tags


def render(source, **context):
    return Template("{% load ui %}" + source).render(Context(context))


class SeatForm(forms.Form):
    name = forms.CharField(label="Namn")
    seats = forms.IntegerField(label="Antal", min_value=1, error_messages={"min_value": "Skriv 1 eller fler."})
    note = forms.CharField(label="Anteckning", required=False, widget=forms.TextInput(attrs={"placeholder": "Skriv"}))
    kind = forms.ChoiceField(label="Form", choices=[("prao", "Prao"), ("apl", "Apl")], widget=forms.RadioSelect)


def test_icon_is_inlined_and_hidden_from_screen_readers():
    svg = render('{% icon "check" 22 %}')

    assert svg.count("<svg") == 1
    assert 'width="22"' in svg
    assert 'aria-hidden="true"' in svg
    assert "<path" in svg
    assert "ns0" not in svg


def test_unknown_icon_fails_loudly():
    with pytest.raises(TemplateSyntaxError, match="No icon called no-such"):
        render('{% icon "no-such" %}')


@pytest.mark.parametrize("key", ui.STATUS)
def test_every_status_has_a_word_and_an_icon(key):
    html = render("{% status key %}", key=key)

    assert f"tag-{ui.STATUS[key].tone}" in html
    assert html.count("<svg") == 1
    assert str(ui.STATUS[key].word) in html


def test_status_word_can_be_more_exact_but_keeps_tone_and_icon():
    exact = ui.tag_for("denied", "Nekad av Hulta Bageri")

    assert exact == ui.StatusTag(ui.Tone.STOP, "circle-x", "Nekad av Hulta Bageri")


def test_weeks_filter_takes_one_monday_or_several():
    assert tags.weeks(date(2026, 10, 5)) == "v.\u00a041"
    assert tags.weeks([date(2027, 4, 12), date(2027, 4, 19)]) == "v.\u00a015–16"


def test_thousands_use_no_break_space_and_a_true_minus():
    assert tags.thousands(1284) == "1\u00a0284"
    assert tags.thousands(-16) == "\u221216"


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ((5, 2, 3), "5 av 10 dagar klara, 2 planerade, 3 saknas"),
        ((10, 0, 0), "10 av 10 dagar klara"),
        ((0, 1, 0), "0 av 1 dag klar, 1 planerad"),
    ],
)
def test_plank_sentence(numbers, sentence):
    assert tags.plank_sentence(*numbers) == sentence


def test_planks_draw_each_day_and_name_the_whole():
    html = render("{% planks 1 1 1 %}")

    assert html.count('class="plank plank-laid"') == 1
    assert html.count('class="plank-edge"') == 1
    assert html.count('class="plank plank-missing"') == 1
    assert html.count("1 av 3 dagar klara, 1 planerad, 1 saknas") == 2


def test_field_joins_label_hint_and_error_to_the_control():
    form = SeatForm({"name": "Hulta", "seats": "0"})
    html = render('{% field form.seats hint="Samma vecka." suffix="elever" %}', form=form)

    assert 'for="id_seats"' in html
    assert 'aria-describedby="id_seats_hint id_seats_error"' in html
    assert 'aria-invalid="true"' in html
    assert "Skriv 1 eller fler." in html


def test_required_error_says_what_to_do():
    form = SeatForm({})

    assert tags.error_texts(form["name"]) == ["Fyll i ”Namn”."]
    assert tags.error_texts(form["kind"]) == ["Välj något under ”Form”."]


def test_field_shows_no_placeholder_and_marks_the_optional():
    html = render("{% field form.note %}", form=SeatForm())

    assert "Skriv" not in html
    assert "(frivilligt)" in html


def test_radio_field_is_a_fieldset_with_a_legend():
    html = render("{% field form.kind %}", form=SeatForm())

    assert html.count("<fieldset") == 1
    assert html.count('type="radio"') == 2
    assert "<legend" in html


def test_form_summary_counts_and_links_each_error():
    html = render("{% form_summary form %}", form=SeatForm({"seats": "0", "kind": "prao"}))

    assert "2 saker att rätta" in html
    assert html.count('href="#id_') == 2


def test_form_summary_is_silent_when_all_is_well():
    assert render("{% form_summary form %}", form=SeatForm()).strip() == ""


def test_columns_turn_the_order_and_leave_the_page():
    request = RequestFactory().get("/", {"sort": "name", "page": "3", "q": "bageri"})

    name, seats, state = ui.columns(request, [("name", "Namn"), ("seats", "Platser", "num"), ("", "Läge")])

    assert (name.sorted, name.sort_url) == ("ascending", "?sort=-name&q=bageri")
    assert (seats.sorted, seats.sort_url, seats.numeric) == ("", "?sort=seats&q=bageri", True)
    assert state == ui.Column("Läge")


def test_pagination_keeps_the_filters():
    page = Paginator(range(100), 10).get_page(2)
    html = render("{% pagination page %}", page=page, request=RequestFactory().get("/", {"q": "bageri", "page": "2"}))

    assert "?q=bageri&amp;page=1" in html
    assert html.count('aria-current="page"') == 1


def test_one_page_needs_no_pagination():
    page = Paginator(range(5), 10).get_page(1)

    assert render("{% pagination page %}", page=page, request=RequestFactory().get("/")).strip() == ""


@pytest.mark.parametrize(
    ("booked", "seats", "level"),
    [
        (59, 100, ui.Level.AMPLE),
        (60, 100, ui.Level.EVEN),
        (85, 100, ui.Level.TIGHT),
        (100, 100, ui.Level.TIGHT),
        (101, 100, ui.Level.OVER),
        (0, 0, ui.Level.EMPTY),
    ],
)
def test_pressure_follows_the_table(booked, seats, level):
    assert ui.pressure(booked, seats) == level


def test_matrix_names_each_cell_in_full():
    html = render("{% matrix matrix %}", matrix=sample_matrix())

    assert "v. 15, 16 platser fattas" in html
    assert html.count('scope="colgroup"') == 6
    assert html.count('aria-current="date"') == 1


def test_result_bar_leaves_out_the_empty_and_fills_the_whole():
    parts = [ui.BarPart("Val 1", 3, "rank1"), ui.BarPart("Val 2", 0, "rank2"), ui.BarPart("Utan plats", 1, "missing")]
    html = render('{% result_bar parts "Fördelning" %}', parts=parts)

    assert 'width="75.000%"' in html
    assert 'x="75.000%" width="25.000%"' in html
    assert "Val 2" not in html


def test_ranking_keeps_the_dead_arrows_in_place():
    items = [ui.RankItem("a", "Hulta Bageri"), ui.RankItem("b", "Åsunden Hotell", moved=True)]
    html = render('{% ranking items "/val/" %}', items=items)

    assert html.count("<button") == 4
    assert html.count(" disabled") == 2
    assert 'id="rank-up-b" name="up" value="b" autofocus' in html
    assert "Åsunden Hotell, nu val 2 av 2" in html


def test_run_progress_polls_until_finished():
    running = ui.RunProgress("Fördelningen körs", "Räknar.", [ui.RunStage("Räknar", "current")], poll_url="/lage/")
    finished = ui.RunProgress("Klar", "Klar.", [ui.RunStage("Räknar", "done")], poll_url="/lage/", finished=True)

    assert 'hx-trigger="every 1500ms"' in render("{% run_progress run %}", run=running)
    assert "hx-" not in render("{% run_progress run %}", run=finished)


def test_toast_offers_undo_only_when_the_receipt_gave_an_address():
    plain, undoable = Message(25, "Sparat."), Message(25, "Skickat.", extra_tags=f"{ui.UNDO}/angra/1/")
    html = render("{% toasts items %}", items=[plain, undoable])

    assert html.count("Ångra") == 1
    assert 'action="/angra/1/"' in html


def test_season_skips_holidays_and_draws_what_is_missing():
    weeks = [ui.SeasonWeek("11", 80, missing=18, current=True), ui.SeasonWeek("13", holiday=True)]
    html = render('{% season weeks "Platser per vecka" %}', weeks=weeks)

    assert html.count('class="season-missing"') == 1
    assert html.count(">lov</text>") == 1


def test_no_component_carries_inline_style():
    request = RequestFactory().get("/")
    html = render("{% matrix matrix %}{% planks 5 2 3 %}", matrix=sample_matrix(), request=request)

    assert "style=" not in html
