"""Codes that let a learner in: easy to read from a card, hard to guess, and never a word."""

import re
import secrets
import unicodedata
from collections.abc import Collection

# No vowels, so that no word appears; no 0/O, 1/I/L, 5/S, 8/B, which are mistaken for each other.
ALPHABET = "CDFGHJKMNPQRTVWXYZ234679"
PERSONAL_LENGTH = 6
CLASS_TAIL_LENGTH = 4
CLASS_HEAD_LENGTH = 5


def new_personal_code(taken: Collection[str] = ()) -> str:
    """Return a personal code that nobody in the class has."""
    while (code := _random(PERSONAL_LENGTH)) in taken:
        pass
    return code


def new_class_code(name: str) -> str:
    """Return a class code such as "8D-KRTM", without å, ä and ö."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    head = re.sub(r"[^A-Z0-9]", "", plain.upper())[:CLASS_HEAD_LENGTH] or "K"
    return f"{head}-{_random(CLASS_TAIL_LENGTH)}"


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
