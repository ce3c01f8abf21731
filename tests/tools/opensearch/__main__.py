"""Run OpenSearch nodes until standard input ends. The first line of the output is their addresses, with commas.

A line of the input is a command: `stop 2` closes the second node, `start 2` brings it back.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile

from tests.tools.opensearch.build import NotBuilt
from tests.tools.opensearch.cluster import HEAP, command
from tests.tools.opensearch.java import NoJava, find_java


def main() -> None:
    """Become the process that runs the nodes."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.opensearch", description=__doc__)
    parser.add_argument("--nodes", type=int, default=3, help="how many; 3")
    parser.add_argument("--first-port", type=int, default=0, help="the HTTP port of the first node; else free ones")
    parser.add_argument("--heap", default=HEAP, help=f"the memory of all nodes together; {HEAP}")
    parser.add_argument("--java", action="store_true", help="only say which Java would be used")
    options = parser.parse_args()
    try:
        if options.java:
            print(find_java())
            return
        folder = tempfile.mkdtemp(prefix="arkhiv-opensearch-")
        try:
            words = command(folder, options.nodes, options.first_port, options.heap)
        except BaseException:
            shutil.rmtree(folder)
            raise
    except (NoJava, NotBuilt) as error:
        sys.exit(f"tests.tools.opensearch: {error}")
    os.execv(words[0], words)  # the nodes remove the folder at their end


if __name__ == "__main__":
    main()
