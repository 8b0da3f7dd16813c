"""Addresses of employers: their own pages, quality assurance and the register."""

from django.urls import path

from employers.views import assurance, register, slots, workplaces

app_name = "employers"

_SLOTS = "o/<slug:org>/platser/"
_WORKPLACES = "o/<slug:org>/arbetsplatser/"
_ASSURANCE = "o/<slug:org>/kvalitetssakring/"
_REGISTER = "o/<slug:org>/arbetsgivare/"

urlpatterns = [
    path(_SLOTS, slots.slot_list, name="slot_list"),
    path(f"{_SLOTS}ny/", slots.slot_create, name="slot_create"),
    path(f"{_SLOTS}<uuid:slot_id>/", slots.slot_detail, name="slot_detail"),
    path(f"{_SLOTS}<uuid:slot_id>/andra/", slots.slot_update, name="slot_update"),
    path(f"{_SLOTS}<uuid:slot_id>/veckor/", slots.slot_seats, name="slot_seats"),
    path(f"{_SLOTS}<uuid:slot_id>/skicka/", slots.slot_submit, name="slot_submit"),
    path(f"{_SLOTS}<uuid:slot_id>/pausa/", slots.slot_pause, name="slot_pause"),
    path(f"{_SLOTS}<uuid:slot_id>/aterta/", slots.slot_resume, name="slot_resume"),
    path(f"{_SLOTS}<uuid:slot_id>/bekrafta/", slots.slot_confirm, name="slot_confirm"),
    path(f"{_SLOTS}<uuid:slot_id>/kopiera/", slots.slot_copy, name="slot_copy"),
    path(_WORKPLACES, workplaces.workplace_list, name="workplace_list"),
    path(f"{_WORKPLACES}ny/", workplaces.workplace_create, name="workplace_create"),
    path(f"{_WORKPLACES}<uuid:workplace_id>/", workplaces.workplace_update, name="workplace_update"),
    path(f"{_WORKPLACES}kontakter/ny/", workplaces.contact_create, name="contact_create"),
    path(f"{_WORKPLACES}kontakter/<uuid:contact_id>/", workplaces.contact_update, name="contact_update"),
    path(f"{_WORKPLACES}kontakter/<uuid:contact_id>/ta-bort/", workplaces.contact_remove, name="contact_remove"),
    path(_ASSURANCE, assurance.assurance_list, name="assurance_list"),
    path(f"{_ASSURANCE}<uuid:slot_id>/", assurance.assurance_detail, name="assurance_detail"),
    path(f"{_ASSURANCE}<uuid:slot_id>/publicera/", assurance.slot_publish, name="slot_publish"),
    path(f"{_ASSURANCE}<uuid:slot_id>/skicka-tillbaka/", assurance.slot_return, name="slot_return"),
    path(_REGISTER, register.employer_list, name="employer_list"),
    path(f"{_REGISTER}bjud-in/", register.employer_invite, name="employer_invite"),
    path(f"{_REGISTER}export/<str:kind>/", register.employer_export, name="employer_export"),
    path(f"{_REGISTER}<uuid:employer_id>/", register.employer_detail, name="employer_detail"),
]
