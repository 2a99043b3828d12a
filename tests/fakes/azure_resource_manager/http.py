"""Requests and responses, free of any HTTP library."""

import json
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class Request:
    """A request; header and query names are in lower case."""

    def __init__(self, method: str, url: str, headers: dict[str, str], body: bytes) -> None:
        """Take a request apart."""
        parts = urlsplit(url)
        self.method = method.upper()
        self.url = url
        self.host = parts.netloc.lower()
        # The Azure CLI writes the slashes of `--name app/config/web` as %2F.
        self.path = unquote(parts.path).replace("//", "/").rstrip("/") or "/"
        self.query = {name.lower(): value for name, value in parse_qsl(parts.query)}
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.body = body

    @property
    def json(self) -> dict[str, Any]:
        """Return the body as JSON."""
        return json.loads(self.body) if self.body else {}


class ServiceResponse:
    """A response; a body of bytes is sent as it is, any other as JSON, None not at all."""

    def __init__(
        self, body: Any = None, status: int | None = None, headers: dict[str, str] | None = None
    ) -> None:
        """Make a response, by default with the status 200, or 204 where there is no body."""
        self.status = status or (204 if body is None else 200)
        self.headers = dict(headers or {})
        self.data: Any = body
        if body is None:
            self.body = b""
        elif isinstance(body, bytes):
            self.body = body
        else:
            self.body = json.dumps(body).encode()
            self.headers.setdefault("Content-Type", "application/json; charset=utf-8")
