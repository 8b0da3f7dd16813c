"""Two codes find one learner, however they are typed."""

import pytest

from schools.selectors.sign_in import learner_by_codes
from tests.factories.schools import make_learner


@pytest.fixture
def coded(school_class, seeding):
    with seeding():
        type(school_class).objects.filter(pk=school_class.pk).update(code="8D-KRTM")
        return make_learner(school_class, personal_code="HJ4K7P")


@pytest.mark.parametrize("class_code", ["8D-KRTM", "8d-krtm", " 8d krtm ", "8DKRTM", "8D–KRTM", "8 D - K R T M"])
@pytest.mark.parametrize("personal_code", ["HJ4K7P", "hj4k7p", "hj4 k7p", "HJ4-K7P "])
def test_codes_are_read_whatever_case_spaces_and_dashes(coded, class_code, personal_code):
    assert learner_by_codes(class_code=class_code, personal_code=personal_code) == coded


@pytest.mark.parametrize(
    "codes", [("8D-KRTX", "HJ4K7P"), ("8D-KRTM", "HJ4K7X"), ("8D-KRTM", ""), ("", "HJ4K7P"), ("-", "-")]
)
def test_wrong_codes_find_nobody(coded, codes):
    assert learner_by_codes(class_code=codes[0], personal_code=codes[1]) is None


def test_a_learner_kept_outside_the_system_cannot_come_in(coded, seeding):
    with seeding():
        type(coded).objects.filter(pk=coded.pk).update(protection_mode="outside_system")
    assert learner_by_codes(class_code="8D-KRTM", personal_code="HJ4K7P") is None
