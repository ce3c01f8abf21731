"""A process that reads pages: see `workers`."""

import gc
import logging
import os
import signal
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from indexer.sources.pages.page import common_to, read_file
from indexer.sources.pages.template import Template
from indexer.sources.pages.workers import Job


def main() -> None:
    """Answer for pages until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it is interrupted as well, and ends it
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # or has seen enough
    logging.disable(logging.CRITICAL)
    gc.set_threshold(50_000)  # a page makes many objects, and few cycles
    job = msgspec.json.decode(sys.stdin.buffer.readline(), type=Job)
    template, zone = Template(job.pages), ZoneInfo(job.timezone)
    common = common_to(map(Path, job.sample))
    for line in sys.stdin.buffer:
        path = Path(os.fsdecode(msgspec.json.decode(line, type=bytes)))
        sys.stdout.buffer.write(msgspec.json.encode(read_file(path, template, zone, common)) + b"\n")
        sys.stdout.buffer.flush()


main()
