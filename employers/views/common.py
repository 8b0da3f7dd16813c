"""What the views of this app share."""

from collections.abc import Mapping
from typing import Final

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from core.errors import DomainError

UNPROCESSABLE: Final = 422


def put_error(form: Form, error: DomainError) -> None:
    """Show a refusal at its field, or on top of the form."""
    form.add_error(error.field if error.field in form.fields else None, str(error.message))


def render_form(request: HttpRequest, template: str, form: Form, context: Mapping[str, object]) -> HttpResponse:
    """Render a page with a form; 422 when what was typed does not hold."""
    status = UNPROCESSABLE if form.is_bound and form.errors else 200
    return render(request, template, {"form": form, **context}, status=status)


def refuse(request: HttpRequest, error: DomainError, to: str) -> HttpResponseRedirect:
    """Say on the next page why nothing was done."""
    messages.error(request, str(error.message))
    return HttpResponseRedirect(to)
