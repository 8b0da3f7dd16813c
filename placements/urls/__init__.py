"""The addresses of placements, by the people who use them."""

from placements.urls import learner, results, rounds, runs

app_name = "placements"

urlpatterns = [*rounds.patterns, *learner.patterns, *runs.patterns, *results.patterns]
