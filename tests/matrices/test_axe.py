"""axe finds nothing, on any page, as anyone, no rule off: wide and light, and on a phone in the dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, Page

from core.tenancy import SystemReason, system_scope
from tests.factories.accounts import make_region
from tests.factories.world import World, grow, make_world
from tests.matrices.cast import CAST, MEMBERS, NOBODY, addresses, client_of, organisation_of, url_of
from tests.matrices.test_urls import ALLOWED

WIDE_LIGHT = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
PHONE_DARK = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
SIGN_IN_PAGES = ("/konto/login/", "/konto/login/code/", "/konto/password/reset/")

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None) -> World:
    with system_scope(SystemReason.SEED):
        made = make_world(make_region())
        grow(made, 1)
        return made


@pytest.mark.parametrize("look", [WIDE_LIGHT, PHONE_DARK], ids=["wide light", "phone dark"])
@pytest.mark.parametrize("who", CAST)
def test_axe_finds_nothing(world: World, live_server, browser: Browser, who: str, look: dict) -> None:
    with system_scope(SystemReason.SEED):
        client = client_of(world, who)
        paths = [path for path in _pages(world, who) if _is_html(client.get(path))]
    context = browser.new_context(base_url=live_server.url, locale="sv-SE", **look)
    if held := client.cookies.get(settings.SESSION_COOKIE_NAME):
        context.add_cookies([{"name": held.key, "value": held.value, "url": live_server.url}])

    page = context.new_page()
    found = {path: problems for path in paths if (problems := _problems(page, path))}
    context.close()

    assert not found, "\n".join(f"{path}\n  {problem}" for path, problems in found.items() for problem in problems)


def _pages(world: World, who: str) -> list[str]:
    kind = MEMBERS[who][0] if who in MEMBERS else "region"
    of_all = SIGN_IN_PAGES if who == NOBODY else ("/konto/2fa/", "/konto/password/change/") if who == "syv" else ()
    ours = [
        url_of(address, world, organisation_of(world, kind))
        for address in addresses()
        if who in ALLOWED[address.name] and address.access and (who == NOBODY or address.access.kind != "public")
    ]
    return [*of_all, *ours]


def _is_html(response) -> bool:
    return response.status_code not in (302, 405) and response.headers.get("Content-Type", "").startswith("text/html")


def _problems(page: Page, path: str) -> list[str]:
    page.goto(path)
    return [
        f"{rule['id']}: {rule['help']}: {rule['nodes'][0]['html'][:160]}"
        for rule in Axe().run(page).response["violations"]
    ]
