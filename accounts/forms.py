"""Forms about people."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from accounts.enums import ROLES_BY_KIND, Role
from accounts.models import Organisation, User


class InviteForm(forms.Form):
    """Whom to invite, to which role."""

    email = forms.EmailField(label=_("E-post"), help_text=_("Dit skickas inbjudan. Länken gäller i 14 dagar."))
    role = forms.ChoiceField(label=_("Roll"))

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in ROLES_BY_KIND[organisation.kind]]

    def clean_role(self) -> Role:
        """Return the role itself."""
        return Role(self.cleaned_data["role"])


class AcceptInvitationForm(forms.Form):
    """What a new person tells us; nothing when the address already has an account."""

    name = forms.CharField(label=_("Ditt namn"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Lösenord"),
        required=False,
        help_text=_("Minst tio tecken. Lämna tomt om du hellre loggar in med en kod som mejlas."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        """Hold the password against the rules, if one was given."""
        password: str = self.cleaned_data["password"]
        if password:
            password_validation.validate_password(password)
        return password


class SettingsForm(forms.ModelForm):
    """A person's own settings."""

    class Meta:
        model = User
        fields = ("name", "language", "color_scheme", "digest_mail")
        widgets = {"language": forms.RadioSelect, "color_scheme": forms.RadioSelect}
