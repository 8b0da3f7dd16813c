import pytest

from placements.explaining import headline, ordinal, why_not_you


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("lottery", "Djurkliniken Ätran lottades: 14 sökte 2 platser."),
        ("full", "Djurkliniken Ätran blev full: 14 sökte 2 platser."),
        ("only_place", "Djurkliniken Ätran gick till elever som annars hade blivit utan plats: 14 sökte 2 platser."),
        ("closed", "Djurkliniken Ätran hade inga lediga platser de veckorna."),
        ("lock", "Djurkliniken Ätran hade skolan redan lovat bort."),
        ("own_lock", "Djurkliniken Ätran: skolan har bestämt en annan plats."),
        ("rule", "Djurkliniken Ätran kunde inte ges: platsen kräver en högre ålder."),
    ],
)
def test_each_reason_is_a_sentence(reason, expected):
    item = {"reason": reason, "applicants": 14, "seats": 2, "code": "age"}
    assert why_not_you(item, "Djurkliniken Ätran") == expected


@pytest.mark.parametrize(
    ("draw", "in_turn", "expected"),
    [
        ((9, 5, 2), False, " Ni var 9 som stod lika. Du drog nummer 5, sista platsen gick till nummer 2."),
        ((9, 1, 2), False, " Ni var 9 som stod lika, och lotten avgjorde."),
        ((42, 27, 16), True, " Du lottades till nummer 27 av 42, sista platsen gick till nummer 16."),
        ((1, 1, 0), False, ""),
        ((0, 0, 0), False, ""),
    ],
)
def test_the_lottery_is_told_in_numbers(draw, in_turn, expected):
    equals, number, last = draw
    item = {"reason": "lottery", "applicants": 14, "seats": 2,
            "draw_equals": equals, "draw_number": number, "draw_last": last}  # fmt: skip
    assert why_not_you(item, "A", in_turn=in_turn) == "A lottades: 14 sökte 2 platser." + expected


def test_a_full_place_tells_how_many_set_it_as_high():
    item = {"reason": "full", "applicants": 14, "seats": 2, "ranked_as_high": 9}
    assert (
        why_not_you(item, "A") == "A blev full: 14 sökte 2 platser, och 8 andra satte den lika högt som du eller högre."
    )
    assert why_not_you({**item, "ranked_as_high": 1}, "A") == "A blev full: 14 sökte 2 platser."


def test_one_seat_is_singular_and_an_unknown_rule_still_says_something():
    assert why_not_you({"reason": "full", "applicants": 3, "seats": 1}, "A") == "A blev full: 3 sökte 1 plats."
    assert why_not_you({"reason": "rule", "code": "new"}, "A") == "A kunde inte ges: en regel hindrar det."


def test_headline_names_the_place_and_the_wish():
    assert headline("Hulta Bageri", 2) == "Du fick Hulta Bageri, ditt andra val"
    assert headline("Hulta Bageri", None) == "Du fick Hulta Bageri"
    assert headline(None, None) == "Du har ingen plats än"
    assert [ordinal(10), ordinal(11)] == ["tionde", "11:e"]
