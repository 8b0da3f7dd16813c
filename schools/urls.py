"""Addresses of classes, weeks and the learners' sign-in."""

from django.urls import path

from schools.views import classes, imports, sign_in, weeks

app_name = "schools"

ORG = "o/<slug:org>"

urlpatterns = [
    path(f"{ORG}/klasser/", classes.class_list, name="class_list"),
    path(f"{ORG}/klasser/ny/", imports.class_import, name="class_import"),
    path(f"{ORG}/klasser/mall.xlsx", imports.class_template, name="class_template"),
    path(f"{ORG}/klasser/<uuid:class_id>/", classes.class_detail, name="class_detail"),
    path(f"{ORG}/klasser/<uuid:class_id>/koder/", classes.class_codes, name="class_codes"),
    path(f"{ORG}/klasser/<uuid:class_id>/koder/nya/", classes.class_codes_renew, name="class_codes_renew"),
    path(f"{ORG}/veckor/", weeks.week_matrix, name="week_matrix"),
    path(f"{ORG}/veckor/boka/", weeks.week_book, name="week_book"),
    path(f"{ORG}/veckor/<uuid:period_id>/avboka/", weeks.week_unbook, name="week_unbook"),
]

# Included without a namespace: accounts.access sends learners to "learner_sign_in".
public_patterns = [
    path("elev/logga-in/", sign_in.learner_sign_in, name="learner_sign_in"),
    path("elev/logga-ut/", sign_in.learner_sign_out, name="learner_sign_out"),
]
