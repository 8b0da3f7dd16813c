"""Addresses of guidance."""

from django.urls import path

from guidance import views

app_name = "guidance"

urlpatterns = [
    path("o/<slug:org>/plan/", views.plan, name="plan"),
    path("o/<slug:org>/plan/borja/", views.plan_start, name="plan_start"),
    path("o/<slug:org>/plan/mal/nytt/", views.goal_add, name="goal_add"),
    path("o/<slug:org>/plan/mal/<uuid:goal_id>/", views.goal_change, name="goal_change"),
    path("o/<slug:org>/plan/mal/<uuid:goal_id>/ta-bort/", views.goal_remove, name="goal_remove"),
    path("o/<slug:org>/plan/aktivitet/ny/", views.activity_add, name="activity_add"),
    path("o/<slug:org>/plan/aktivitet/<uuid:activity_id>/", views.activity_change, name="activity_change"),
    path("o/<slug:org>/plan/aktivitet/<uuid:activity_id>/ta-bort/", views.activity_remove, name="activity_remove"),
    path("o/<slug:org>/plan/aktivitet/<uuid:activity_id>/genomford/", views.activity_mark, name="activity_mark"),
]
