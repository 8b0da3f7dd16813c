"""A visitor who tries too often is told to wait."""

import pytest

from core.ratelimit import TooMany, hit


def test_hit_refuses_after_the_limit(rf) -> None:
    request = rf.get("/")
    for _ in range(3):
        hit(request, "answer", limit=3, seconds=300)
    with pytest.raises(TooMany) as refused:
        hit(request, "answer", limit=3, seconds=300)
    assert str(refused.value) == "Du har försökt många gånger. Vänta 5 minuter och försök igen."


def test_hit_counts_addresses_and_actions_apart(rf) -> None:
    hit(rf.get("/"), "answer", limit=1, seconds=300)
    hit(rf.get("/", REMOTE_ADDR="10.0.0.2"), "answer", limit=1, seconds=300)
    hit(rf.get("/"), "sign_in", limit=1, seconds=300)


def test_hit_looks_past_the_trusted_proxy(rf, settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for address in ("192.0.2.1", "192.0.2.2"):
        hit(rf.get("/", headers={"X-Forwarded-For": address}), "answer", limit=1, seconds=300)
    with pytest.raises(TooMany):
        hit(rf.get("/", headers={"X-Forwarded-For": "192.0.2.2"}), "answer", limit=1, seconds=300)


def test_hit_counts_an_ipv6_network_as_one_visitor(rf) -> None:
    hit(rf.get("/", REMOTE_ADDR="2001:db8:1:2::1"), "answer", limit=1, seconds=300)
    hit(rf.get("/", REMOTE_ADDR="2001:db8:1:3::1"), "answer", limit=1, seconds=300)
    with pytest.raises(TooMany):
        hit(rf.get("/", REMOTE_ADDR="2001:db8:1:2:ffff::2"), "answer", limit=1, seconds=300)


def test_hit_counts_ipv4_addresses_apart_where_the_server_writes_them_as_ipv6(rf) -> None:
    for address in ("::ffff:192.0.2.1", "::ffff:192.0.2.2"):
        hit(rf.get("/", REMOTE_ADDR=address), "answer", limit=1, seconds=300)
