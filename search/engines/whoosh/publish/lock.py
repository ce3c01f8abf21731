"""Who may write to the folder of an index: one process at a time."""

import os
from contextlib import suppress
from pathlib import Path

from whoosh.filedb.filestore import FileStorage

from search.engines.whoosh.publish.folder import LOCK, generations, let_read

ATTEMPTS = 10


class FolderLock:
    """Whoosh's own lock, so that its writers are kept out as well; the system frees it when the process ends.

    The folder is made for it. Where no generation came into it, lock and folder go again with the lock.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: list[Path] = []

    def acquire(self) -> bool:
        """Take the lock; False while another writer has it. OSError where the folder cannot be written."""
        for left in reversed(range(ATTEMPTS)):
            try:
                taken = self._take()
            except (FileExistsError, FileNotFoundError):
                # Who had the lock may just be taking the folder away.
                if not left:
                    raise
            else:
                if not taken or self._stands():
                    return taken
                self._lock.release()
        return False

    def _take(self) -> bool:
        missing = [folder for folder in (self._folder, *self._folder.parents) if not folder.exists()]
        self._made += missing
        self._folder.mkdir(parents=True, exist_ok=True)
        for folder in reversed(missing):
            let_read(folder, 0o055)
        self._lock = FileStorage(str(self._folder)).lock(LOCK)
        return bool(self._lock.acquire(blocking=False))

    def _stands(self) -> bool:
        """Whether the locked file is still the one that others will find under its name."""
        try:
            return os.path.samestat(os.fstat(self._lock.fd), (self._folder / LOCK).stat())
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Give the lock back."""
        try:
            if not generations(self._folder):
                (self._folder / LOCK).unlink(missing_ok=True)
                with suppress(OSError):  # something else lies in it by now
                    for folder in self._made:
                        folder.rmdir()
        finally:
            self._lock.release()
