"""Which answers are compressed. A proxy that compresses by itself asks for none. No answer holds a secret whose letters
could be guessed from its length: there are no sessions, and no tokens in pages."""

import re
import zlib
from collections.abc import Iterator

from flask import Flask, Response, request

# Higher levels hardly make a page smaller; fewer bytes are not worth it; the format, as zlib has it.
LEVEL, LEAST, GZIP = 5, 1_024, 31
_TEXTS = re.compile(r"text/.+|.+[/+](?:json|jsonl|xml)")
_WHOLE = (204, 206, 304)  # without a body, or a part of one


def register(app: Flask) -> None:
    """Compress the answers of the app for clients that want it."""
    app.after_request(_compressed)


def _compressed(response: Response) -> Response:
    is_text = _TEXTS.fullmatch(response.mimetype or "") and response.status_code not in _WHOLE
    if not is_text or not request.accept_encodings.quality("gzip"):
        return response
    if response.is_streamed and not response.direct_passthrough:
        response.response = _stream(response.iter_encoded())
    else:
        response.direct_passthrough = False  # a static file
        content = response.get_data()
        if len(content) < LEAST:
            return response
        response.set_data(zlib.compress(content, LEVEL, GZIP))
    response.headers["Content-Encoding"] = "gzip"
    tag, _ = response.get_etag()
    if tag:
        response.set_etag(tag, weak=True)  # the bytes are others
    return response


def _stream(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Each chunk is sent when it is made."""
    compressor = zlib.compressobj(LEVEL, wbits=GZIP)
    for chunk in chunks:
        yield compressor.compress(chunk) + compressor.flush(zlib.Z_SYNC_FLUSH)
    yield compressor.flush()
