"""People with browsers of their own, who open their pages again and again while something else is at work."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from threading import Event, Thread
from typing import Final, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from dashboards.demo.people import PASSWORD

# A page is looked at for so long, in seconds, before the next is opened.
PAUSE: Final = 1.0
PATIENCE: Final = 900.0


class PageFailed(Exception):
    """A page answered something else than it should: its time would mean nothing."""


class Visitor:
    """Somebody with a browser of their own."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies = CookieJar()
        self.browser = build_opener(HTTPCookieProcessor(self.cookies))

    def open(self, path: str, fields: Mapping[str, str] | None = None) -> tuple[str, str]:
        """Return the page and the path it came from in the end. With fields, send a form."""
        headers = {"Referer": self.address, "Accept-Language": "sv"}
        data = None
        if fields is not None:
            token = next((cookie.value for cookie in self.cookies if cookie.name == "csrftoken"), "")
            data = urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
        try:
            request = Request(self.address + path, data, headers)  # noqa: S310 -- a server of our own
            with self.browser.open(request, timeout=PATIENCE) as answer:
                return answer.read().decode(), answer.url.removeprefix(self.address)
        except HTTPError as error:
            raise PageFailed(f"{path} answered {error.code}") from error

    def sign_in(self, role: str) -> None:
        """Come in as one of the country's members."""
        self.open("/konto/login/")
        self.open("/konto/login/", {"login": f"{role}@riket.example", "password": PASSWORD})

    def sign_in_as_pupil(self, class_code: str, personal_code: str) -> None:
        """Come in by the codes on a card."""
        self.open("/elev/logga-in/")
        self.open("/elev/logga-in/", {"class_code": class_code, "personal_code": personal_code})


class Visit(NamedTuple):
    """One page opened: in which phase, how far into it, and how long the page took. Seconds."""

    name: str
    phase: str
    at: float
    took: float


@dataclass
class Watch:
    """Opens pages again and again, and keeps how long each took in which phase."""

    phase: str = "alone"
    since: float = field(default_factory=time.perf_counter)
    visits: list[Visit] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    stopped: Event = field(default_factory=Event)

    def enter(self, phase: str) -> None:
        """Say that a phase begins."""
        self.phase, self.since = phase, time.perf_counter()

    def follow(self, visitor: Visitor, pages: Mapping[str, str]) -> None:
        """Go through the pages until stopped."""
        while not self.stopped.is_set():
            for name, path in pages.items():
                phase, since, started = self.phase, self.since, time.perf_counter()
                try:
                    visitor.open(path)
                except (PageFailed, OSError) as error:
                    self.failures.append(f"{name}: {error}")
                    continue
                self.visits.append(Visit(name, phase, started - since, time.perf_counter() - started))
                if self.stopped.wait(PAUSE):
                    return

    @contextmanager
    def watching(self, people: Sequence[tuple[Visitor, Mapping[str, str]]]) -> Iterator[None]:
        """Let each of the people go through their own pages while the block runs."""
        threads = [Thread(target=self.follow, args=person, daemon=True) for person in people]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stopped.set()
            for thread in threads:
                thread.join()
