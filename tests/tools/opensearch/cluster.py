"""Nodes of OpenSearch in a process of their own, for as long as a test or a run of tests needs them."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from types import TracebackType
from typing import Self

from tests.tools.opensearch.build import class_path
from tests.tools.opensearch.java import find_java

__all__ = ["HEAP", "Cluster", "command"]

HEAP = "768m"  # of all nodes together
SECONDS_TO_STOP = 60

_QUIET = ("-Dslf4j.internal.verbosity=ERROR", "-Dlog4j2.disable.jmx=true", "--enable-native-access=ALL-UNNAMED")


def command(folder: str, nodes: int, first_port: int = 0, heap: str = HEAP) -> list[str]:
    """The command that runs the nodes with their data in `folder`; it is made ready first.

    Without `first_port` the nodes get free ports.
    """
    java = find_java()
    # The serial collector starts fast and leaves the cores to the tests; C2 and the memory mapping are as usual.
    memory = (f"-Xms{heap}", f"-Xmx{heap}", "-XX:MaxDirectMemorySize=256m", "-XX:+UseSerialGC")
    return [str(java), *memory, *_QUIET, "-cp", class_path(java), "Cluster", folder, str(nodes), str(first_port)]


class Cluster:
    """A context manager: nodes that run, and can be stopped and started one by one; nothing is left of them."""

    def __init__(self, nodes: int = 3, first_port: int = 0, heap: str = HEAP) -> None:
        self._nodes, self._first_port, self._heap = nodes, first_port, heap
        self.addresses: tuple[str, ...] = ()

    def __enter__(self) -> Self:
        self._folder = tempfile.mkdtemp(prefix="arkhiv-opensearch-")
        try:
            self._process = subprocess.Popen(
                command(self._folder, self._nodes, self._first_port, self._heap),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            self.addresses = tuple(self._answer().split(","))
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def stop(self, number: int) -> None:
        """Close a node, counted from 1, without a word to the others."""
        self._ask(f"stop {number}")

    def start(self, number: int) -> None:
        """Bring a stopped node back, at its address and with its data; until it answers as one of all."""
        self._ask(f"start {number}")

    def close(self) -> None:
        """Stop all nodes and remove what they wrote."""
        process: subprocess.Popen[str] | None = getattr(self, "_process", None)
        if process:
            try:
                process.communicate(timeout=SECONDS_TO_STOP)  # closes its input, which ends it
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _ask(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        if answer.startswith("failed"):
            raise RuntimeError(f"{line}: {answer}")

    def _answer(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline().strip()
        if not line:
            raise RuntimeError("OpenSearch has ended; why stands above")
        return line
