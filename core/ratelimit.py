"""Limit how often one visitor may try something: a counter in the cache per address and time window."""

import time
from hashlib import blake2b
from ipaddress import IPv6Address, IPv6Network
from typing import Final

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from core.errors import DomainError

IPV6_NETWORK: Final = 64


class TooMany(DomainError):
    """The visitor has tried too often."""

    code = "too_many"


def hit(request: HttpRequest, action: str, *, limit: int, seconds: int) -> None:
    """Count one try of `action` from the visitor's address.

    Raises:
        TooMany: this is more than `limit` tries within `seconds`.
    """
    window = int(time.time()) // seconds
    who = blake2b(_visitor(request).encode(), digest_size=12).hexdigest()
    key = f"ratelimit:{action}:{who}:{window}"
    cache.add(key, 0, timeout=seconds)
    if cache.incr(key) > limit:
        minutes = max(1, seconds // 60)
        raise TooMany(
            _("Du har försökt många gånger. Vänta %(minutes)d minuter och försök igen.") % {"minutes": minutes}
        )


def _visitor(request: HttpRequest) -> str:
    """Return the visitor's address; of an IPv6 address its network, since one subscriber has more than all others."""
    # The adapter looks past the trusted proxies, or the whole region would share one counter.
    address: str = get_adapter(request).get_client_ip(request)
    if ":" not in address or IPv6Address(address).ipv4_mapped:
        return address
    return str(IPv6Network((address, IPV6_NETWORK), strict=False))
