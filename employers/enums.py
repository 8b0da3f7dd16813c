"""Trades, and the life of a slot."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OccupationField(models.TextChoices):
    """The 21 occupation fields of the JobTech taxonomy, shortened for pupils. Values are stable slugs of ours."""

    ADMINISTRATION = "administration", _("Administration och juridik")
    CONSTRUCTION = "construction", _("Bygg och anläggning")
    MANAGEMENT = "management", _("Chefer")
    IT = "it", _("It")
    SALES = "sales", _("Handel och försäljning")
    CRAFT = "craft", _("Hantverk")
    HOTEL_RESTAURANT = "hotel_restaurant", _("Hotell, restaurang och storhushåll")
    HEALTH = "health", _("Hälso- och sjukvård")
    INDUSTRY = "industry", _("Industri")
    INSTALLATION = "installation", _("Installation och underhåll")
    BODY_CARE = "body_care", _("Kropps- och skönhetsvård")
    CULTURE_MEDIA = "culture_media", _("Kultur, media och design")
    MILITARY = "military", _("Militärt arbete")
    NATURE = "nature", _("Naturbruk och djur")
    SCIENCE = "science", _("Naturvetenskap")
    EDUCATION = "education", _("Pedagogik och barn")
    CLEANING = "cleaning", _("Städ och fastighetsskötsel")
    SOCIAL = "social", _("Vård och omsorg")
    SECURITY = "security", _("Säkerhet och bevakning")
    TECHNOLOGY = "technology", _("Teknik")
    TRANSPORT = "transport", _("Transport och lager")


class SlotStatus(models.TextChoices):
    """The life of a slot."""

    DRAFT = "draft", _("Utkast")
    SUBMITTED = "submitted", _("Inskickad")
    APPROVED = "approved", _("Kvalitetssäkrad")
    PUBLISHED = "published", _("Publicerad")
    PAUSED = "paused", _("Pausad")
    EXPIRED = "expired", _("Utgången")


S = SlotStatus
SLOT_MOVES: dict[str, tuple[str, ...]] = {
    S.DRAFT: (S.SUBMITTED,),
    S.SUBMITTED: (S.DRAFT, S.APPROVED, S.PUBLISHED),
    S.APPROVED: (S.PUBLISHED, S.DRAFT),
    S.PUBLISHED: (S.PAUSED, S.EXPIRED),
    S.PAUSED: (S.PUBLISHED, S.EXPIRED),
    S.EXPIRED: (S.DRAFT,),
}


class ReserveEvent(models.TextChoices):
    """What a slot's history tells of seats kept for an authority."""

    KEPT = "seats_kept", _("Platser reserverade")
    CHANGED = "reserve_changed", _("Reservation ändrad")
    REMOVED = "reserve_removed", _("Reservation borttagen")
