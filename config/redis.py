"""One REDIS_URL serves the cache and the queue: Celery's spelling of it, one database further."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


def broker_url(cache_url: str) -> str:
    """Return the queue's address: one database further, with Celery's scheme for a Unix socket."""
    url = urlsplit(cache_url)
    options = dict(parse_qsl(url.query))
    in_path = "" if url.scheme == "unix" else url.path.strip("/")
    number = int(options.pop("db", in_path) or 0)
    if url.scheme == "unix":
        options["virtual_host"] = str(number + 1)
        return f"redis+socket://{url.netloc}{url.path}?{urlencode(options)}"
    return urlunsplit((url.scheme, url.netloc, f"/{number + 1}", urlencode(options), ""))
