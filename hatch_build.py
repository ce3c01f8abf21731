"""Compiles the loops into the wheel where there is a C compiler; where there is none, NumPy's run (see
`search/engines/whoosh/loops`).

Everything happens in a temporary folder, so that the checkout may be read-only, and what was not compiled to its end is
nowhere.
"""

import sys
import sysconfig
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import platform_tags
from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext

SOURCE = Path("search", "engines", "whoosh", "loops", "loops.c")
MODULE = "arkhiv_loops"


class LoopsHook(BuildHookInterface[Any]):
    """See https://hatch.pypa.io/latest/plugins/build-hook/reference/."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or sys.byteorder != "little" or sys.maxsize < 1 << 32:
            return
        self._folder = TemporaryDirectory()
        compiled = _compiled(Path(self.root) / SOURCE, self._folder.name)
        if not (compiled.exists() and ".abi3." in compiled.name):
            self.app.display_warning("the loops were not compiled, NumPy's will run; why stands above")
            return
        included = {str(compiled): compiled.name}
        build_data["force_include" if version == "standard" else "force_include_editable"].update(included)
        build_data["pure_python"] = False
        # The stable ABI of 3.11, the oldest Python that is supported: one wheel for all.
        platform = next(platform_tags()) if sys.platform == "darwin" else sysconfig.get_platform()
        build_data["tag"] = f"cp311-abi3-{platform.replace('-', '_').replace('.', '_')}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if folder := getattr(self, "_folder", None):
            folder.cleanup()


def _compiled(source: Path, folder: str) -> Path:
    """Compile the module; the file is missing where that failed, and the compiler has said why."""
    checksum = f'"{zlib.crc32(source.read_bytes()):08x}"'
    extension = Extension(
        MODULE,
        [str(source)],
        define_macros=[("ARKHIV_LOOPS_SOURCE", checksum)],
        extra_compile_args=["-O3"],
        py_limited_api=True,
        optional=True,
    )
    command = build_ext(Distribution({"name": MODULE, "ext_modules": [extension]}))
    command.build_lib = command.build_temp = folder
    command.ensure_finalized()
    command.run()
    return Path(command.get_ext_fullpath(MODULE))
