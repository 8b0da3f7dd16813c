"""Addresses about people."""

from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [
    path("hem/", views.home, name="home"),
    path("inbjudan/<str:token>/", views.invitation_accept, name="invitation_accept"),
    path("installningar/", views.my_settings, name="my_settings"),
    path("o/<slug:org>/mer/", views.more, name="more"),
    path("o/<slug:org>/personer/", views.person_list, name="person_list"),
    path("o/<slug:org>/personer/<uuid:membership_id>/avsluta/", views.membership_end, name="membership_end"),
    path(
        "o/<slug:org>/inbjudningar/<uuid:invitation_id>/dra-tillbaka/",
        views.invitation_withdraw,
        name="invitation_withdraw",
    ),
    path("o/<slug:org>/atkomstlogg/", views.access_log, name="access_log"),
]
