"""The stack is started once per session and emptied before each journey; each person has a browser of their own."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pytest_django import DjangoDbBlocker

from tests.journeys.pages import Visitor
from tests.journeys.stack import Stack

_FAILED = pytest.StashKey[bool]()
_VAR = Path(os.environ.get("BRYGGAN_TEST_VAR", "var/test")).resolve()


@pytest.fixture(scope="session")
def running_stack(worker_id: str) -> Iterator[Stack]:
    stack = Stack(_VAR / f"journeys-{worker_id}")
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


@pytest.fixture
def visitor(browser: Browser, stack: Stack, request: pytest.FixtureRequest) -> Iterator[Callable[..., Visitor]]:
    """`visitor("Malin", phone=True)`: somebody at a device of their own. A page that complains fails the test."""
    visitors: list[Visitor] = []

    def come(name: str, *, phone: bool = False, **options: Any) -> Visitor:
        viewport = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        context = browser.new_context(base_url=stack.address, locale="sv-SE", viewport=viewport, **options)
        context.set_default_timeout(10_000)
        visitors.append(Visitor(name, context.new_page()))
        return visitors[-1]

    yield come
    complaints = [f"{someone.name}: {line}" for someone in visitors for line in someone.complaints]
    for someone in visitors:
        if request.node.stash.get(_FAILED, complaints):
            _keep(request.node.name, someone.name, someone.page)
        someone.page.context.close()
    assert complaints == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    if call.when == "call":
        item.stash[_FAILED] = report.failed
    return report


def _keep(test: str, name: str, page: Page) -> None:
    """Leave what the person saw last beside the logs."""
    folder = _VAR / "journeys-failed"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{test}-{name}.png", full_page=True)
    (folder / f"{test}-{name}.html").write_text(page.content())
