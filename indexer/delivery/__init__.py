"""How messages reach editors: by mail, or by a call of their webhook."""

from indexer.delivery.message import Message
from indexer.delivery.sender import Sender, Undelivered

__all__ = ["Message", "Sender", "Undelivered"]
