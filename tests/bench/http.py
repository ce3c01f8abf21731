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

    def post(self, path: str, value: Any) -> Any:
        """What is answered; AssertionError where it is an error."""
        body = msgspec.json.encode(value)
        try:
            response = self._send(path, body)
        except ConnectionError:  # closed by the server while others were asked
            self._connection.close()
            response = self._send(path, body)
        content = response.read()
        assert response.status == 200, content
        return msgspec.json.decode(content)

    def _send(self, path: str, body: bytes) -> HTTPResponse:
        self._connection.request("POST", path, body, {"Content-Type": "application/json"})
        return self._connection.getresponse()
