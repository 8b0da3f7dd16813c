"""What the frame round every page shows (templates/work.html and its siblings)."""

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts import selectors
from accounts.access import Access
from accounts.enums import OrganisationKind
from accounts.models import Organisation, User
from core.permissions import Actor
from core.ui import Frame, NavItem, OrgItem, Person, Tab, Text
from core.views import SCHEME_COOKIE
from core.weeks import monday, today, week_label

MAX_TABS = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of a role: its label, its URL name, what one must be allowed to, its icon and shorter name on a phone.

    `also` names other nouns whose pages belong to it.
    """

    label: Text
    url_name: str
    permission: str
    icon: str = ""
    short: Text = ""
    also: tuple[str, ...] = ()


TODAY = Entry(_("Idag"), "dashboards:today", "accounts.view_today", "list-todo")
PEOPLE = Entry(_("Personer"), "accounts:person_list", "accounts.manage_people", also=("accounts:membership",))

# At most eight for each kind of organisation, in the order of the bar. Those with an icon are the phone's tabs.
NAVIGATION: dict[str, tuple[Entry, ...]] = {
    OrganisationKind.SCHOOL_UNIT: (
        TODAY,
        Entry(_("Klasser"), "schools:class_list", "schools.view_classes", "users", also=("schools:class_codes",)),
        Entry(_("Veckor"), "schools:week_matrix", "schools.view_weeks", "calendar-days"),
        Entry(_("Val"), "placements:round_list", "placements.view_rounds"),
        Entry(_("Fördelning"), "placements:run_index", "placements.view_rounds", also=("placements:repair",)),
        Entry(_("Resultat"), "placements:result_list", "placements.view_placements", also=("placements:place",)),
        Entry(_("Plan"), "guidance:plan", "guidance.view_plan", also=("guidance:goal", "guidance:activity")),
        PEOPLE,
    ),
    OrganisationKind.AUTHORITY: (
        TODAY,
        Entry(_("Tillgång och behov"), "dashboards:supply", "dashboards.view_supply", "chart-column", _("Tillgång")),
        Entry(_("Veckor"), "schools:week_matrix", "schools.view_weeks", "calendar-days"),
        Entry(_("Klasser"), "schools:class_list", "schools.view_classes"),
        Entry(_("Fördelning"), "placements:run_index", "placements.view_rounds", also=("placements:repair",)),
        Entry(_("Resultat"), "placements:result_list", "placements.view_placements", also=("placements:place",)),
        Entry(_("Rapporter"), "dashboards:outcome", "dashboards.view_outcome"),
        PEOPLE,
    ),
    OrganisationKind.REGION: (
        TODAY,
        Entry(
            _("Tillgång och behov"),
            "dashboards:supply",
            "dashboards.view_supply",
            "chart-column",
            _("Tillgång"),
            also=("dashboards:forecast", "placements:quota", "placements:travel"),
        ),
        Entry(_("Veckor"), "schools:week_matrix", "schools.view_weeks"),
        Entry(_("Arbetsgivare"), "employers:employer_list", "employers.view_register"),
        Entry(_("Kvalitetssäkring"), "employers:assurance_list", "employers.assure_slots", "shield-check"),
        Entry(_("Rapporter"), "dashboards:outcome", "dashboards.view_outcome"),
        PEOPLE,
    ),
    OrganisationKind.EMPLOYER: (
        TODAY,
        Entry(
            _("Platser"),
            "employers:slot_list",
            "employers.manage_slots",
            "briefcase-business",
            also=("placements:quota",),
        ),
        Entry(_("Arbetsplatser"), "employers:workplace_list", "employers.manage_slots", also=("employers:contact",)),
        Entry(_("Elever hos oss"), "placements:coming_list", "employers.view_learners", "users", _("Elever")),
        PEOPLE,
    ),
}

LEARNER_TABS = (
    (_("Veckor"), "placements:learner_weeks", "calendar-days"),
    (_("Platser"), "placements:learner_browse", "map-pin"),
    (_("Mina val"), "placements:learner_choices", "list-ordered"),
    (_("Min plats"), "placements:learner_placement", "id-card"),
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give templates the frame and the colour scheme."""
    scheme = request.COOKIES.get(SCHEME_COOKIE, "auto")
    context: dict[str, Any] = {
        "frame": _frame(request),
        "color_scheme": scheme if scheme in ("light", "dark") else "auto",
    }
    if actor := getattr(request, "actor", None):
        context["actor"] = actor
    return context


def _frame(request: HttpRequest) -> Frame:
    now = today()
    bare = Frame(
        today=_capital(date_format(now, "l j F")),
        today_short=date_format(now, "D j M").lower().capitalize(),
        week=week_label(monday(now)),
    )
    match = request.resolver_match
    access: Access | None = getattr(match.func, "access", None) if match else None
    user = getattr(request, "user", None)
    if access and access.kind == "learner":
        return replace(bare, brand_url=_url("placements:learner_weeks"), tabs=_learner_tabs(request))
    if not isinstance(user, User):
        return bare
    found = replace(
        bare,
        brand_url=reverse("accounts:home"),
        settings_url=reverse("accounts:my_settings"),
        logout_url=reverse("account_logout"),
    )
    organisation: Organisation | None = getattr(request, "organisation", None)
    if organisation is None:
        return replace(found, person=Person(user.initials, user.name), nav=_own_pages(match.view_name if match else ""))
    return _member_frame(request, found, user, organisation)


def _member_frame(request: HttpRequest, found: Frame, user: User, organisation: Organisation) -> Frame:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    seats = selectors.seats_of(user)
    seat = next(
        (held for held in seats if held.organisation == organisation), selectors.Seat(organisation, actor.roles)
    )
    entries = [entry for entry in NAVIGATION[organisation.kind] if actor.can(entry.permission)]
    nav = [NavItem(entry.label, _url(entry.url_name, organisation), current=_here(request, entry)) for entry in entries]
    tabs = [
        Tab(entry.short or entry.label, item.url, entry.icon, current=item.current)
        for entry, item in zip(entries, nav, strict=True)
        if entry.icon
    ]
    tabs = tabs[: MAX_TABS - 1]
    elsewhere = not any(tab.current for tab in tabs)
    more = Tab(_("Mer"), reverse("accounts:more", kwargs={"org": organisation.slug}), "menu", current=elsewhere)
    return replace(
        found,
        brand_url=reverse("dashboards:today", kwargs={"org": organisation.slug}),
        organisation=_item(organisation, current=True),
        organisations=[_item(held.organisation, current=held.organisation == organisation) for held in seats],
        nav=nav,
        tabs=[*tabs, more],
        person=Person(user.initials, user.name, seat.role),
    )


def navigation(actor: Actor, organisation: Organisation) -> list[NavItem]:
    """Return every page of the role: the phone's "Mer" page lists them."""
    return [
        NavItem(entry.label, _url(entry.url_name, organisation))
        for entry in NAVIGATION[organisation.kind]
        if actor.can(entry.permission)
    ]


def _own_pages(here: str) -> list[NavItem]:
    """Return the way home and the settings, where no organisation frames the page."""
    return [
        NavItem(_("Min startsida"), reverse("accounts:home"), current=here == "accounts:home"),
        NavItem(_("Mina inställningar"), reverse("accounts:my_settings"), current=here == "accounts:my_settings"),
    ]


def _item(organisation: Organisation, *, current: bool) -> OrgItem:
    owner = organisation.parent.name if organisation.parent else _("regionen")
    url = reverse("dashboards:today", kwargs={"org": organisation.slug})
    return OrgItem(name=organisation.name, owner=owner, url=url, current=current, kind=organisation.kind)


def _learner_tabs(request: HttpRequest) -> list[Tab]:
    here = request.resolver_match.view_name if request.resolver_match else ""
    return [Tab(label, _url(name), icon, current=here == name) for label, name, icon in LEARNER_TABS]


def _here(request: HttpRequest, entry: Entry) -> bool:
    """Tell whether the page belongs to the entry: the same noun of the same app ("schools:class_detail")."""
    here = request.resolver_match.view_name if request.resolver_match else ""
    return here == entry.url_name or here.rsplit("_", 1)[0] in (entry.url_name.rsplit("_", 1)[0], *entry.also)


def _url(name: str, organisation: Organisation | None = None) -> str:
    return reverse(name, kwargs={"org": organisation.slug} if organisation else None)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
