"""What people do with pages: open, fill in, press, read."""

import re
from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Locator, Page, Response, expect

MOST_TABS = 60
_ADDRESS = re.compile(r"https?://\S+")


@dataclass
class Visitor:
    """A person at a device. What the browser complains about is kept: scripts, blocked styles, missing files."""

    name: str
    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)
        self.page.on("response", self._judge)

    def open(self, address: str) -> None:
        self.page.goto(address)

    def sign_in(self, email: str, password: str) -> None:
        self.open("/konto/login/")
        self.fill(**{"E-postadress": email, "Lösenord": password})
        self.press("Logga in")
        expect(self.page.get_by_role("navigation").first).to_be_visible()

    def sign_in_as_learner(self, codes: tuple[str, str]) -> None:
        self.open("/elev/logga-in/")
        self.fill(Klasskod=codes[0], **{"Din kod": codes[1]})
        self.press("Logga in")

    def go(self, label: str) -> None:
        """Follow the frame's navigation."""
        nav = self.page.get_by_role("navigation").get_by_role("link", name=label, exact=True)
        self._leave(nav)

    def fill(self, **values: str) -> None:
        """Type into fields by their labels."""
        for label, value in values.items():
            self.field(label).fill(value)

    def choose(self, **values: str) -> None:
        """Choose options of selects by the fields' labels."""
        for label, value in values.items():
            self.field(label).select_option(label=value)

    def check(self, *labels: str) -> None:
        for label in labels:
            self.page.get_by_label(label, exact=True).check()

    def answer(self, learner: str, word: str) -> None:
        """Choose Ja or Nej for a learner on the employer's answer page."""
        self.page.get_by_role("group", name=f"Kan ni ta emot {learner}?").get_by_role("radio", name=word).check()

    def field(self, label: str) -> Locator:
        """The field with the label, whether or not it says that it may be left empty."""
        return self.page.get_by_label(re.compile(rf"^\s*{re.escape(label)}\s*(\(frivilligt\)\s*)?$"))

    def press(self, name: str) -> None:
        """Press a button that leads to another page, or to the same one anew."""
        self._leave(self.page.get_by_role("button", name=name, exact=True))

    def follow(self, name: str) -> None:
        self._leave(self.page.get_by_role("link", name=name, exact=True))

    def _leave(self, target: Locator) -> None:
        # Without waiting for the answer the next step could cut the request off.
        with self.page.expect_navigation(wait_until="load"):
            target.locator("visible=true").first.click()

    def tab_to(self, name: str) -> None:
        """Press Tab until the control with the name has the focus."""
        wanted = self.page.get_by_role("button", name=name, exact=True)
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if wanted.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"{MOST_TABS} presses of Tab do not reach {name}")

    def press_enter(self) -> None:
        with self.page.expect_navigation(wait_until="load"):
            self.page.keyboard.press("Enter")

    def heading(self) -> str:
        return self.page.get_by_role("heading", level=1).inner_text().replace("\u00a0", " ")

    def sees(self, text: str, seconds: float = 10) -> None:
        """Wait until the heading is this."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(text, timeout=seconds * 1000)

    def table(self, caption: str) -> list[list[str]]:
        """The cells of a table, row by row."""
        rows = self.page.get_by_role("table", name=caption).locator("tbody tr").all()
        return [[tidy(cell) for cell in row.locator("th, td").all_inner_texts()] for row in rows]

    def download(self, address: str) -> bytes:
        response = self.page.context.request.get(address)
        assert response.status == 200, f"{address}: {response.status}"
        return response.body()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def _judge(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status} {response.url}")


def tidy(text: str) -> str:
    """The text as a person reads it: one space between words."""
    return " ".join(text.split())


def first_link(text: str) -> str:
    """The first address in a mail."""
    found = _ADDRESS.search(text)
    assert found, f"there is no link in:\n{text}"
    return found[0].rstrip(".>")
