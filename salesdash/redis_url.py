"""One Redis address, told to each library in its own words."""

from urllib.parse import parse_qs, urlencode, urlsplit


def database_of(url: str) -> int:
    """The number of the database that the address names; 0 where it names none."""
    parts = urlsplit(url)
    named = parse_qs(parts.query).get("db", ["0"])[0] if _is_socket(url) else parts.path.strip("/")
    return int(named or 0)


def with_database(url: str, number: int) -> str:
    """The same server, another of its databases, as redis-py reads it."""
    parts = urlsplit(url)
    if not _is_socket(url):
        return parts._replace(path=f"/{number}").geturl()
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return f"unix://{parts.path}?{urlencode(query | {'db': str(number)})}"


def celery_broker(url: str) -> str:
    """The address as Celery reads it, which has a scheme of its own for unix sockets."""
    if not _is_socket(url):
        return url
    path = urlsplit(url).path
    return f"redis+socket://{path}?{urlencode({'virtual_host': database_of(url)})}"


def _is_socket(url: str) -> bool:
    return urlsplit(url).scheme == "unix"
