"""Results, cards, and the employer's answers."""

from django.urls import URLPattern, path

from placements.views import answers, employer, results

patterns: list[URLPattern] = [
    path("o/<slug:org>/resultat/", results.result_list, name="result_list"),
    path("o/<slug:org>/resultat/<uuid:period_id>/", results.result_class, name="result_class"),
    path("o/<slug:org>/resultat/<uuid:period_id>/praktikkort.pdf", results.card_class, name="card_class"),
    path(
        "o/<slug:org>/resultat/<uuid:period_id>/elev/<uuid:learner_id>/", results.result_learner, name="result_learner"
    ),
    path(
        "o/<slug:org>/resultat/<uuid:period_id>/elev/<uuid:learner_id>/valj-plats/",
        results.place_choose,
        name="place_choose",
    ),
    path(
        "o/<slug:org>/resultat/<uuid:period_id>/elev/<uuid:learner_id>/praktikkort.pdf",
        results.card_learner,
        name="card_learner",
    ),
    path("o/<slug:org>/elever-hos-oss/", employer.coming_list, name="coming_list"),
    path("svar/ny-lank-skickad/", answers.answer_renewed, name="answer_renewed"),
    path("svar/<str:token>/", answers.answer_link, name="answer_link"),
    path("svar/<str:token>/tack/", answers.answer_thanks, name="answer_thanks"),
    path("svar/<str:token>/ny-lank/", answers.answer_renew, name="answer_renew"),
]
