"""Saved pages are read in processes of their own: most of the time of a run over pages goes into finding the article,
and a page that kills its process, or takes too long, costs that page alone."""

import gc
import logging
import os
import signal
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from pebble import ProcessExpired, ProcessFuture, ProcessPool

# Seconds that one page may take.
TIMEOUT = 20.0
# Pages that are asked for before the first of them is answered: while one takes its time, the others are read.
_AHEAD = 1_000
# What parsers of markup, dates and addresses raise over what nobody thought of.
_FAULTS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
# For fewer pages another process is not worth its start.
_PAGES_A_PROCESS = 32


class Job(Struct, frozen=True):
    """What the pages of a folder are read by: the template, the newspaper's zone, and a sample of the pages, from which
    is read what all have in common."""

    pages: Mapping[str, str | tuple[str, ...]]
    timezone: str
    sample: Sequence[bytes]


class PageReading(Struct, frozen=True):
    """What was found in a page, in words where each field stood, what may be wrong, which selectors found something; or
    why there is no article, and what there is instead."""

    record: dict[str, Any] = {}
    places: dict[str, str] = {}
    doubts: tuple[str, ...] = ()
    matched: tuple[tuple[str, str], ...] = ()
    unreadable: str = ""
    raw: str = ""


def readings(job: Job, paths: Sequence[bytes]) -> Iterator[PageReading]:
    """What is found in each of the pages, in their order."""
    done = 0
    while done < len(paths):
        before = done
        try:
            for reading in _read_all(job, paths[done:]):
                yield reading
                done += 1
        except BrokenProcessPool:  # a process died between two pages
            if done == before:  # none of a new pool lives long enough to read one
                raise


def _read_all(job: Job, paths: Sequence[bytes]) -> Iterator[PageReading]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    workers = min(cores, -(-len(paths) // _PAGES_A_PROCESS))
    pool = ProcessPool(workers, initializer=_prepare, initargs=(job,), context=get_context("spawn"))
    pending: deque[ProcessFuture[bytes]] = deque()
    try:
        for path in paths:
            pending.append(pool.schedule(_read, [path], timeout=TIMEOUT))
            if len(pending) > _AHEAD:
                yield _result(pending.popleft())
        while pending:
            yield _result(pending.popleft())
    finally:
        pool.stop()  # type: ignore[no-untyped-call]  # pebble does not type it
        pool.join()


def _result(future: "ProcessFuture[bytes]") -> PageReading:
    try:
        return msgspec.json.decode(future.result(), type=PageReading)
    except ProcessExpired:
        return PageReading(unreadable="cannot be read: its reader died")
    except TimeoutError:
        return PageReading(unreadable=f"cannot be read: it takes more than {TIMEOUT:g} seconds")
    except _FAULTS as error:
        return PageReading(unreadable=f"cannot be read: {type(error).__name__}: {error}")


def _prepare(job: Job) -> None:
    """Make a process a reader of the pages of a job."""
    from indexer.sources.pages.page import common_to  # what it needs is loaded in these processes alone
    from indexer.sources.pages.template import Template

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it is interrupted as well, and ends it
    logging.disable(logging.CRITICAL)
    gc.set_threshold(50_000)  # a page makes many objects, and few cycles
    _prepared.update(
        template=Template(job.pages), zone=ZoneInfo(job.timezone), common=common_to(map(_path, job.sample))
    )


_prepared: dict[str, Any] = {}


def _path(name: bytes) -> Path:
    """The path of a name, which need not be UTF-8 and so cannot be sent as text."""
    return Path(os.fsdecode(name))


def _read(path: bytes) -> bytes:
    """A `PageReading` as JSON: what parsers give as text may hold on to the whole page."""
    from indexer.sources.pages.page import read_file

    return msgspec.json.encode(read_file(_path(path), **_prepared))
