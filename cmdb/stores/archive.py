"""Saved snapshots in a folder: one file a point of the log, damaged ones found out.

A file is: magic, format, length of the header; the header (JSON); the arrays, each at a multiple of
64 bytes; CRC-32 of all of that. It is written beside its place, synced and renamed, so a kill at
any moment leaves the old or the new, and it is mapped, not read, so all processes share it.
"""

import logging
import mmap
import os
import re
import struct
import tempfile
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import numpy as np
import orjson

from cmdb.services.ports import Arrays, Saved

MAGIC = b"CMDBSNAP"
FORMAT = 1
"""To be raised whenever the meaning of a header or an array changes."""

START = struct.Struct("<8sII")
END = struct.Struct("<I")
ALIGNMENT = 64
SUFFIX, UNFINISHED = ".snapshot", ".part"
NAME = re.compile(r"[0-9]{20}\.snapshot")
ABANDONED_SECONDS = 3600.0

logger = logging.getLogger("cmdb.snapshots")


class Damaged(ValueError):
    """A file is not what was written; says why."""


class SnapshotFolder:
    """SnapshotArchive in a folder of its own (0700, files 0600).

    It holds at most `keep` points and `most_bytes` bytes, but always the newest point.
    """

    def __init__(self, folder: Path, keep: int, most_bytes: int) -> None:
        self.folder = folder
        self._keep, self._most_bytes = keep, most_bytes
        self._complained = False

    def seqs(self) -> list[int]:
        """The commits of which there is a snapshot, ascending."""
        try:
            names = [
                path.name
                for path in self.folder.iterdir()
                if NAME.fullmatch(path.name) and path.is_file()
            ]
        except FileNotFoundError:
            return []
        except OSError as error:
            self._complain(error)
            return []
        return sorted(int(name.removesuffix(SUFFIX)) for name in names)

    def load(self, seq: int) -> Saved | None:
        """The snapshot of a commit; None, said in the log, where there is no sound one."""
        try:
            with self._path(seq).open("rb") as file:
                return parsed(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            self.discard(seq, str(error))
            return None

    def discard(self, seq: int, why: str) -> None:
        """Remove a snapshot that cannot be used, and say so."""
        path = self._path(seq)
        logger.warning("saved snapshot %s is not used and goes: %s", path, why)
        with suppress(OSError):
            path.unlink()

    def save(self, seq: int, saved: Saved) -> None:
        """Write the snapshot of a commit, then remove what is too many; failure is only logged."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(UNFINISHED, dir=self.folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    write(file, saved)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(self._path(seq))
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            self._sync()
            self._tidy()
        except OSError as error:
            self._complain(error)

    def _path(self, seq: int) -> Path:
        return self.folder / f"{seq:020d}{SUFFIX}"

    def _complain(self, error: OSError) -> None:
        if not self._complained:
            logger.warning("snapshots cannot be saved in %s: %s", self.folder, error)
        self._complained = True

    def _sync(self) -> None:
        """Make the renaming last; Windows cannot open folders, and need not."""
        if os.name == "posix":
            handle = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def _tidy(self) -> None:
        """Remove what killed processes left behind, and points that are too many."""
        for path in self.folder.glob(f"*{UNFINISHED}"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > ABANDONED_SECONDS:
                    path.unlink()
        sizes = {}
        for seq in self.seqs():
            with suppress(FileNotFoundError):
                sizes[seq] = self._path(seq).stat().st_size
        for seq in superfluous(sizes, self._keep, self._most_bytes):
            with suppress(OSError):
                self._path(seq).unlink()


def superfluous(sizes: dict[int, int], keep: int, most_bytes: int) -> list[int]:
    """The points to remove, given the bytes of each.

    The newest stays. Of the others that one goes first whose neighbours (the empty store is one,
    too) are closest to one another, so those that stay are spread evenly over the log.
    """
    points = sorted(sizes)
    gone = []
    while len(points) > 1 and (
        len(points) > keep or sum(sizes[one] for one in points) > most_bytes
    ):
        before = [0, *points]
        gaps = [points[i + 1] - before[i] for i in range(len(points) - 1)]
        gone.append(points.pop(gaps.index(min(gaps))))
    return gone


def write(file: IO[bytes], saved: Saved) -> None:
    """Write header and arrays."""
    table: dict[str, Any] = {}
    end = 0
    for name, array in saved.arrays.items():
        offset = _aligned(end)
        table[name] = (array.dtype.str, array.shape, offset)
        end = offset + array.nbytes
    header = orjson.dumps({**saved.header, "arrays": table})
    crc = at = 0

    def put(data: Any) -> None:
        nonlocal crc, at
        file.write(data)
        crc = zlib.crc32(data, crc)
        at += len(data)

    def align() -> None:
        put(bytes(_aligned(at) - at))

    put(START.pack(MAGIC, FORMAT, len(header)))
    put(header)
    for array in saved.arrays.values():
        align()
        if array.nbytes:
            put(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    file.write(END.pack(crc))


def parsed(data: mmap.mmap) -> Saved:
    """Header and arrays of a file, without copying the arrays; raises Damaged."""
    if len(data) < START.size + END.size:
        raise Damaged("it is cut short")
    magic, version, length = START.unpack_from(data)
    if magic != MAGIC:
        raise Damaged("it is no snapshot")
    if version != FORMAT:
        raise Damaged(f"it has format {version}, this program has {FORMAT}")
    with memoryview(data) as whole:
        if zlib.crc32(whole[: -END.size]) != END.unpack_from(data, len(data) - END.size)[0]:
            raise Damaged("its checksum is wrong")
    header = orjson.loads(data[START.size : START.size + length])
    begin = _aligned(START.size + length)
    arrays: Arrays = {
        name: np.ndarray(shape, dtype, data, begin + offset)
        for name, (dtype, shape, offset) in header.pop("arrays").items()
    }
    return Saved(header, arrays)


def _aligned(place: int) -> int:
    return -(-place // ALIGNMENT) * ALIGNMENT
