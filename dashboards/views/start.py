"""The public front: the start page, and how a workplace comes to take learners."""

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.access import public
from accounts.models import Organisation
from dashboards.selectors.season import Season, region_by_slug, regions, season_of

SEASON_SECONDS = 60


@public
def start(request: HttpRequest) -> HttpResponse:
    """Three doors, and the season of the region: the only one there is, or the one chosen by ?region=."""
    found = regions()
    slug = request.GET.get("region", "")
    region = get_object_or_404(region_by_slug(slug)) if slug else found[0] if len(found) == 1 else None
    season = _season(region) if region else None
    context = {
        "region": region,
        "regions": found if region is None else [],
        "season": season,
    }
    return render(request, "dashboards/start.html", context)


@public
def interest(request: HttpRequest) -> HttpResponse:
    """How a workplace comes to take learners."""
    found = regions()
    return render(request, "dashboards/start_interest.html", {"region": found[0] if len(found) == 1 else None})


def _season(region: Organisation) -> Season:
    key = f"season:{region.pk}"
    found: Season | None = cache.get(key)
    if found is None:
        found = season_of(region)
        cache.set(key, found, SEASON_SECONDS)
    return found
