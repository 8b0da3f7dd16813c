"""Addresses of guidance."""

from django.urls import path

from guidance import views

app_name = "guidance"

urlpatterns = [
    path("o/<slug:org>/plan/", views.plan, name="plan"),
]
