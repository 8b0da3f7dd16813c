"""Small numbers as words, in running text."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

_WORDS = (
    gettext_noop("noll"),
    gettext_noop("en"),
    gettext_noop("två"),
    gettext_noop("tre"),
    gettext_noop("fyra"),
    gettext_noop("fem"),
    gettext_noop("sex"),
    gettext_noop("sju"),
    gettext_noop("åtta"),
    gettext_noop("nio"),
    gettext_noop("tio"),
    gettext_noop("elva"),
    gettext_noop("tolv"),
)


def number_word(number: int) -> str:
    """Return "två" for 2, and figures above twelve."""
    return _(_WORDS[number]) if number < len(_WORDS) else str(number)
