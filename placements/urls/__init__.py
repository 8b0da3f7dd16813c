"""The addresses of placements, by the people who use them."""

from placements.urls import learner, quotas, repairs, results, rounds, runs, travel

app_name = "placements"

urlpatterns = [
    *rounds.patterns,
    *learner.patterns,
    *runs.patterns,
    *repairs.patterns,
    *results.patterns,
    *quotas.patterns,
    *travel.patterns,
]
