"""Headings are recognised leniently, rows are judged one by one, and identity numbers never come in."""

from datetime import date

import pytest

from schools.services.class_list import EmptyList, IdentityNumbers, WrongColumns, read_class_list

HEADS = ["Förnamn", "Efternamn", "Födelsedatum", "Kön", "E-post"]


def read(*rows, heads=HEADS):
    return read_class_list([heads, *rows])


def errors_of(*rows, heads=HEADS):
    return [row.errors for row in read(*rows, heads=heads).rows]


def test_a_full_row_is_read():
    heads = [*HEADS, "Vårdnadshavare namn", "Vårdnadshavare e-post", "Språk"]
    [row] = read(
        ["Amina", "Warsame", "2012-05-04", "Flicka", "A@example.se", "Hodan", "h@example.se", "Somaliska"], heads=heads
    ).rows
    assert (row.number, row.first_name, row.last_name, row.birth_date) == (2, "Amina", "Warsame", date(2012, 5, 4))
    assert (row.sex, row.email, row.guardian_name) == ("woman", "a@example.se", "Hodan")
    assert (row.guardian_email, row.guardian_language, row.errors) == ("h@example.se", "so", ())


@pytest.mark.parametrize(
    "heads",
    [["FÖRNAMN", "efternamn"], ["Fornamn ", "Efter-namn"], ["Tilltalsnamn", "Last name"], ["first_name", "Surname"]],
)
def test_headings_are_recognised_whatever_their_case_and_accents(heads):
    [row] = read(["Åsa", "Öberg"], heads=heads).rows
    assert (row.first_name, row.last_name) == ("Åsa", "Öberg")


def test_wrong_columns_say_what_is_missing_and_what_was_found():
    with pytest.raises(WrongColumns) as caught:
        read(["Åsa Öberg", "8D"], heads=["Namn", "Klass"])
    assert str(caught.value) == (
        "Listan saknar kolumnerna Förnamn och Efternamn. Kolumner som finns: Namn, Klass. "
        "Skriv rubrikerna på första raden, eller börja från mallen."
    )


def test_columns_we_do_not_keep_are_named():
    assert read(["Åsa", "Öberg", "Gatan 1"], heads=["Förnamn", "Efternamn", "Adress"]).ignored == ("Adress",)


@pytest.mark.parametrize("table", [[], [["", ""]], [HEADS], [HEADS, ["", ""]]])
def test_an_empty_list_is_refused(table):
    with pytest.raises(EmptyList):
        read_class_list(table)


@pytest.mark.parametrize(
    "number",
    ["20120504-1234", "120504-1234", "120504+1234", "201205041234", "120564-1234", "8112189876", "Åsa 120504-1234"],
)
def test_identity_numbers_are_refused_in_any_cell(number):
    with pytest.raises(IdentityNumbers) as caught:
        read(["Åsa", "Öberg", number])
    assert "rad 2" in str(caught.value)


def test_a_column_of_identity_numbers_is_refused_even_when_empty():
    with pytest.raises(IdentityNumbers):
        read(["Åsa", "Öberg", ""], heads=["Förnamn", "Efternamn", "Personnummer"])


@pytest.mark.parametrize("text", ["20120504", "2012-05-04", "2012/05/04", "04.05.2012"])
def test_birth_dates_are_read_in_the_usual_forms(text):
    assert read(["Åsa", "Öberg", text]).rows[0].birth_date == date(2012, 5, 4)


def test_phone_numbers_are_no_identity_numbers():
    assert len(read(["Åsa", "Öberg", "8112189876"], heads=["Förnamn", "Efternamn", "Telefon"]).rows) == 1


def test_each_fault_says_how_to_mend_it():
    assert errors_of(["", "Öberg", "i maj", "?!", "asa"]) == [
        (
            "Förnamn saknas. Fyll i det, eller ta bort raden.",
            "Födelsedatum ”i maj” går inte att läsa. Skriv det som 2012-05-04.",
            "E-post ”asa” är inte en e-postadress. Rätta eller ta bort den.",
        )
    ]


def test_the_same_learner_twice_points_at_the_first_row():
    doubled = errors_of(["Åsa", "Öberg", ""], ["Bo", "Ek", ""], ["åsa", "ÖBERG", ""])
    assert doubled == [
        (),
        (),
        ("Samma elev står på rad 2. Ta bort den ena, eller skriv födelsedatum om de är två.",),
    ]


def test_namesakes_with_different_birth_dates_are_two():
    assert errors_of(["Åsa", "Öberg", "2012-05-04"], ["Åsa", "Öberg", "2012-06-04"]) == [(), ()]


def test_an_unknown_language_falls_back_to_swedish_and_says_so():
    [row] = read(["Åsa", "Öberg", "Tigrinska"], heads=["Förnamn", "Efternamn", "Språk"]).rows
    assert (row.guardian_language, row.notes) == (
        "sv",
        ("Brev finns inte på tigrinska ännu. De skickas på svenska.",),
    )
