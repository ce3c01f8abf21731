"""Where an archive is on a cluster: `opensearch+http://[user:password@]host[:port][,host[:port]…]/name`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from search.errors import UserError

FORM = "opensearch+http://[USER:PASSWORD@]HOST:PORT[,HOST:PORT]/NAME"
PORT = 9200

_URL = re.compile(
    r"opensearch\+(?P<scheme>https?)://"
    r"(?:(?P<user>[^:@/]+):(?P<password>[^@/]*)@)?"
    r"(?P<hosts>[^@/]+)/(?P<name>[^/]+)/?"
)
_HOST = re.compile(r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
# As the cluster allows, and so that no name is taken for a generation or the lock of another archive.
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_TAKEN = re.compile(r".*-(?:\d+-[0-9a-f]{8}|earlier|lock)")


@dataclass(frozen=True, slots=True)
class ClusterAddress:
    """The nodes, each `http://host:port`, the name of the archive on them, and as whom they are asked."""

    nodes: tuple[str, ...]
    name: str
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str) -> ClusterAddress:
        """UserError says what of the URL is wrong, without its password."""
        parts = _URL.fullmatch(url)
        if not parts:
            raise UserError("index", f"this is not the address of an archive on a cluster; write {FORM}")
        hosts = parts["hosts"].split(",")
        for host in hosts:
            if not _HOST.fullmatch(host):
                raise UserError("index", f"{host!r} is not a host and a port; write {FORM}")
        name = parts["name"]
        if not _NAME.fullmatch(name) or _TAKEN.fullmatch(name):
            raise UserError("index", f"{name!r} cannot name an archive: up to 100 of a-z, 0-9, _ and -, as in arkhiv")
        nodes = (f"{parts['scheme']}://{host if re.search(':[0-9]+$', host) else f'{host}:{PORT}'}" for host in hosts)
        return cls(tuple(nodes), name, unquote(parts["user"] or ""), unquote(parts["password"] or ""))

    @property
    def url(self) -> str:
        """The URL, without user and password."""
        scheme = self.nodes[0].partition("://")[0]
        return f"opensearch+{scheme}://{','.join(node.partition('://')[2] for node in self.nodes)}/{self.name}"
