"""A real Chromium for the tests that are marked `browser`."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

# Chromium's own errands: nothing of it belongs in a test, and a closed network would make it wait.
QUIET = [
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"),
    *("--no-first-run", "--disable-gpu", "--force-prefers-reduced-motion"),
]


def find_chromium() -> str:
    """The browser to drive. Without one the test is skipped at a desk, and fails where CI is set."""
    for name in (os.environ.get("CHROMIUM_PATH"), "chromium", "chromium-browser", "google-chrome"):
        if name and (found := shutil.which(name)):
            return found
    message = "No Chromium was found: install it (Debian: apt-get install -y chromium) or set CHROMIUM_PATH."
    if os.environ.get("CI"):
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser per module: while Playwright's loop runs, Django would refuse the database in this thread."""
    executable = find_chromium()
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        chromium = playwright.chromium.launch(executable_path=executable, args=QUIET)
        yield chromium
        chromium.close()
