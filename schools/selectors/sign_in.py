"""Find the learner behind a class code and a personal code."""

import re

from core.tenancy import SystemReason, system_scope
from schools.enums import ProtectionMode
from schools.models import Learner

_CLASS_TAIL = 4


def learner_by_codes(*, class_code: str, personal_code: str) -> Learner | None:
    """Return the learner whose codes these are, however they were typed, or None."""
    with system_scope(SystemReason.SIGN_IN_LEARNER):
        return (
            Learner.objects.filter(school_class__code__in=_class_codes(class_code), personal_code=_bare(personal_code))
            .exclude(protection_mode=ProtectionMode.OUTSIDE)
            .first()
        )


def _bare(code: str) -> str:
    return re.sub(r"[\W_]", "", code).upper()


def _class_codes(typed: str) -> list[str]:
    """The code as it is stored, "8D-KRTM": the hyphen may have been left out or typed as a dash."""
    code = _bare(typed)
    marked = re.sub(r"\s", "", re.sub(r"[‐-―−]", "-", typed)).upper()
    return [marked, f"{code[:-_CLASS_TAIL]}-{code[-_CLASS_TAIL:]}"]
