"""The wheel that is built, installed into an empty environment and used from there, with no checkout near."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import venv
import zipfile
from http.client import HTTPConnection
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "ARKHIV_"))}

pytestmark = pytest.mark.skipif(not os.environ.get("ARKHIV_TEST_WHEEL"), reason="ARKHIV_TEST_WHEEL is not set")


def run(*command: str | Path, folder: Path, **environ: str) -> str:
    env = ENVIRONMENT | environ
    done = subprocess.run(list(map(str, command)), cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def again(*command: str | Path, folder: Path) -> str:
    """The same of what asks a registry, which fails for a moment now and then."""
    for pause in (5, 20):
        try:
            return run(*command, folder=folder)
        except AssertionError:
            time.sleep(pause)
    return run(*command, folder=folder)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    again(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT, folder=folder)
    (built,) = folder.glob("arkhiv-*.whl")
    return built


def test_the_wheel_has_all_that_it_needs_and_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        metadata = packed.read(next(name for name in names if name.endswith("/METADATA"))).decode()
    for needed in (
        "search/py.typed", "indexer/py.typed", "web/py.typed", "search/query/synonyms.txt", "web/templates/search.html",
        "web/static/arkhiv.css", "indexer/sample.jsonl",
    ):  # fmt: skip
        assert needed in names
    for shared in (
        "share/arkhiv/gunicorn.conf.py",
        "share/arkhiv/deploy/arkhiv.service",
        "share/doc/arkhiv/operations.md",
    ):
        assert any(name.endswith(f".data/data/{shared}") for name in names)
    assert "arkhiv_loops.abi3.so" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "License-Expression: MIT" in metadata
    assert "Typing :: Typed" in metadata
    assert not [name for name in names if name.startswith(("tests/", "index/"))]


def test_it_runs_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=True)
    bin_ = tmp_path / "env" / "bin"
    again(bin_ / "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check", wheel, folder=tmp_path)
    shown = run(bin_ / "indexer", "--version", folder=tmp_path)
    assert shown.startswith("indexer 0.")
    assert shown.endswith("loops: compiled\n")
    records = [{"id": f"a{n}", "title": f"Визит {n}", "text": "Президент прибыл."} for n in range(3)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    assert "3 read, 3 indexed" in run(bin_ / "indexer", "rebuild", "a.jsonl", folder=tmp_path)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    config = tmp_path / "env" / "share" / "arkhiv" / "gunicorn.conf.py"
    command = [bin_ / "gunicorn", "--config", config, "--bind", f"127.0.0.1:{port}", "web.wsgi:app"]
    with subprocess.Popen(list(map(str, command)), cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.DEVNULL) as served:
        try:
            answer = asked(port, "/api/search?q=%D0%B2%D0%B8%D0%B7%D0%B8%D1%82%D1%8B")
            assert json.loads(answer)["total"] == 3
            assert b"</html>" in asked(port, "/")
            assert b"--accent" in asked(port, "/static/arkhiv.css")
        finally:
            served.terminate()


def test_without_a_compiler_the_source_distribution_makes_a_wheel_that_works(tmp_path: Path) -> None:
    venv.create(tmp_path / "env", with_pip=True)
    bin_ = tmp_path / "env" / "bin"
    again(
        bin_ / "pip",
        "install",
        "--quiet",
        "--no-compile",
        "--disable-pip-version-check",
        "hatchling",
        "setuptools",
        folder=tmp_path,
    )
    checkout = shutil.copytree(
        ROOT, tmp_path / "checkout", ignore=shutil.ignore_patterns(".*", "index", "node_modules")
    )
    run(bin_ / "python", "-m", "hatchling", "build", "-t", "sdist", "-d", tmp_path, folder=checkout)
    (source,) = tmp_path.glob("arkhiv-*.tar.gz")
    without = {"CC": "no-such-compiler"}
    wheel = [bin_ / "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", tmp_path, source]
    run(*wheel, folder=tmp_path, **without)
    (built,) = tmp_path.glob("arkhiv-*-py3-none-any.whl")
    # That everything it needs is found is tested above; here it may have what is installed beside these tests.
    (packages,) = (tmp_path / "env").glob("lib/python*/site-packages")
    for package in Path(sysconfig.get_path("purelib")).iterdir():
        if "arkhiv" not in package.name and not (packages / package.name).exists():
            (packages / package.name).symlink_to(package)
    run(
        bin_ / "pip",
        "install",
        "--quiet",
        "--no-compile",
        "--disable-pip-version-check",
        "--no-deps",
        built,
        folder=tmp_path,
    )
    assert "loops: numpy, nothing was compiled" in run(bin_ / "indexer", "--version", folder=tmp_path)


def asked(port: int, target: str) -> bytes:
    """The answer, once the service gives any."""
    until = time.monotonic() + 30
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", target)
            return connection.getresponse().read()
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.2)
        finally:
            connection.close()
