from datetime import timedelta
from itertools import count
from uuid import uuid4

import pytest

from core.kept import kept


@pytest.fixture
def key() -> str:
    return f"test:{uuid4()}"


def test_an_answer_is_worked_out_once_and_tells_when(key: str) -> None:
    numbers = count(1)
    first = kept(key, lambda: next(numbers), seconds=60)
    again = kept(key, lambda: next(numbers), seconds=60)
    assert first.value == 1
    assert again == first
    assert kept(f"{key}:other", lambda: next(numbers), seconds=60).value == 2


def test_what_is_not_worth_keeping_is_of_this_second(key: str) -> None:
    numbers = count(1)

    def ask() -> int:
        return kept(key, lambda: next(numbers), seconds=60, worth=lambda number: number > 2).value

    assert [ask() for _ in range(5)] == [1, 2, 3, 3, 3]


def test_nothing_and_nought_are_answers_too(key: str) -> None:
    assert kept(key, dict, seconds=60).value == {}
    found = kept(key, lambda: {"never": "asked"}, seconds=60)
    assert found.value == {}
    assert found.at.utcoffset() == timedelta(0)
