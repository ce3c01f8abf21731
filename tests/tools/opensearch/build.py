"""How is the program made that runs the nodes? Maven brings the libraries; the compiler is one of them."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import time
from hashlib import blake2b
from pathlib import Path

__all__ = ["NotBuilt", "class_path"]

FOLDER = Path(__file__).parent
TARGET = FOLDER / "target"
LIBRARIES = TARGET / "lib"
CLASSES = TARGET / "classes"
STAMP = TARGET / "built"
PROJECT = FOLDER / "pom.xml"
SOURCE = FOLDER / "src" / "main" / "java" / "Cluster.java"
PAUSES = (5, 20, 60)  # seconds


class NotBuilt(Exception):
    """The program could not be made; the message says why."""


def class_path(java: Path) -> str:
    """The class path of the program, which is made where it is not there or no longer up to date."""
    with PROJECT.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # several test processes may want it at once
        stamp = _stamp()
        if not STAMP.exists() or STAMP.read_text("utf-8") != stamp:
            shutil.rmtree(TARGET, ignore_errors=True)
            _fetch()
            _compile(java)
            STAMP.write_text(stamp, "utf-8")
    return f"{CLASSES}:{LIBRARIES}/*"


def _stamp() -> str:
    return blake2b(PROJECT.read_bytes() + SOURCE.read_bytes(), digest_size=16).hexdigest()


def _fetch() -> None:
    """Bring the libraries: those that Maven has kept, else over the network, which may fail for a moment."""
    maven = shutil.which("mvn")
    if not maven:
        raise NotBuilt("Maven is needed, and was not found: install the package maven")
    command = [maven, "--quiet", "--batch-mode", "--file", str(PROJECT), "dependency:copy-dependencies"]
    if not subprocess.run([*command, "--offline"], capture_output=True).returncode:
        return
    for pause in (*PAUSES, None):
        # What failed once, Maven does not ask for again on the same day unless told to.
        done = subprocess.run([*command, "--update-snapshots"], stdout=subprocess.PIPE, text=True)
        if not done.returncode:
            return
        if pause is not None:
            print(f"Maven failed, trying again in {pause} seconds", file=sys.stderr)
            time.sleep(pause)
    raise NotBuilt(f"Maven could not bring the libraries of {PROJECT}:\n{done.stdout}")


def _compile(java: Path) -> None:
    libraries = ":".join(map(str, sorted(LIBRARIES.glob("*.jar"))))
    compiler = [str(java), "-cp", libraries, "org.eclipse.jdt.internal.compiler.batch.Main"]
    options = ["-21", "-encoding", "UTF-8", "-cp", libraries, "-d", str(CLASSES)]
    done = subprocess.run([*compiler, *options, str(SOURCE)], capture_output=True, text=True)
    if done.returncode:
        raise NotBuilt(f"{SOURCE} could not be compiled:\n{done.stdout}{done.stderr}")
