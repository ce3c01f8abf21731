"""The client of all peers that are asked over HTTP: one connection that stays open, JSON there and back."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import msgspec

__all__ = ["Connection"]


class Connection:
    """A connection to the server at an address such as http://127.0.0.1:9200; for one thread."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        assert parts.hostname
        self._connection = HTTPConnection(parts.hostname, parts.port, timeout=60)

    def get(self, path: str) -> Any:
        """What is answered; AssertionError where it is an error."""
        return msgspec.json.decode(self.get_bytes(path))

    def get_bytes(self, path: str) -> bytes:
        """The same, unread."""
        return self._answered("GET", path)

    def post(self, path: str, value: Any) -> Any:
        """The same, of a request with a body."""
        return msgspec.json.decode(self._answered("POST", path, msgspec.json.encode(value)))

    def _answered(self, method: str, path: str, body: bytes | None = None) -> bytes:
        try:
            response = self._send(method, path, body)
        except ConnectionError:  # closed by the server while others were asked
            self._connection.close()
            response = self._send(method, path, body)
        content = response.read()
        assert response.status == 200, content
        return content

    def _send(self, method: str, path: str, body: bytes | None) -> HTTPResponse:
        self._connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        return self._connection.getresponse()
