"""The stack is started once per session and emptied before each journey."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from tests.journeys.stack import Stack


@pytest.fixture(scope="session")
def running_stack(worker_id: str) -> Iterator[Stack]:
    stack = Stack(Path(os.environ["BRYGGAN_TEST_VAR"]) / f"journeys-{worker_id}")
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def stack(running_stack: Stack, django_db_blocker: DjangoDbBlocker) -> Iterator[Stack]:
    """An empty installation with everything running, which Django in this process speaks with too."""
    running_stack.empty()
    with django_db_blocker.unblock(), running_stack.in_this_process():
        yield running_stack
