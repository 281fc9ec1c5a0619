"""The model file: a JSON document and named arrays in an uncompressed `.npz`. Reading one never runs code.

NumPy's own format (NEP 1) in a zip archive, so that `numpy.load` opens it too. Nothing is compressed: the same arrays
are then the same bytes with every version of zlib, and a small file cannot grow large in memory.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

DOCUMENT = "model.json"
MAX_MEMBERS = 1024
_ARRAY_SUFFIX = ".npy"
_NPY_VERSION = (1, 0)
# Zip keeps no earlier date. The real time would make each file differ.
_DATE = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
_READABLE_FILE = 0o100644 << 16
_ENCRYPTED = 0x1


class ModelFileError(ValueError):
    """The bytes are no model file: the message says what is wrong with them."""


def packed(document: bytes, arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The bytes of a model file. The same input gives the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        _write(archive, DOCUMENT, document)
        for name in sorted(arrays):
            array = io.BytesIO()
            little_endian = arrays[name].astype(arrays[name].dtype.newbyteorder("<"), order="C")
            np.lib.format.write_array(array, little_endian, version=_NPY_VERSION, allow_pickle=False)
            _write(archive, name + _ARRAY_SUFFIX, array.getvalue())
    return buffer.getvalue()


def unpacked(content: bytes) -> tuple[bytes, dict[str, NDArray[Any]]]:
    """The document and the arrays of a model file. Raises ModelFileError.

    The directory is checked before anything is read: no more members than MAX_MEMBERS, none compressed, and together
    no larger than the file. So no more memory is taken than the file is long, whatever it claims.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _check_directory(members, file_size=len(content))
            found = {member.filename: archive.read(member) for member in members}
        document = found.pop(DOCUMENT, None)
        if document is None:
            raise ModelFileError(f"{DOCUMENT} is missing in it")
        return document, {name.removesuffix(_ARRAY_SUFFIX): _array(name, value) for name, value in found.items()}
    except ModelFileError:
        raise
    except Exception as error:
        # What a damaged archive makes zipfile and NumPy raise is not documented.
        raise ModelFileError(f"it is damaged ({type(error).__name__}: {error})") from error


def _write(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    member = zipfile.ZipInfo(name, date_time=_DATE)
    member.create_system = _UNIX
    member.external_attr = _READABLE_FILE
    archive.writestr(member, content)


def _check_directory(members: list[zipfile.ZipInfo], *, file_size: int) -> None:
    if len(members) > MAX_MEMBERS:
        raise ModelFileError(f"it has {len(members):,} members, at most {MAX_MEMBERS:,} are read")
    if len({member.filename for member in members}) < len(members):
        raise ModelFileError("it has several members of the same name")
    for member in members:
        if member.compress_type != zipfile.ZIP_STORED or member.compress_size != member.file_size:
            raise ModelFileError(f"{member.filename} is compressed, only uncompressed members are read")
        if member.flag_bits & _ENCRYPTED:
            raise ModelFileError(f"{member.filename} is encrypted")
    claimed = sum(member.file_size for member in members)
    if claimed > file_size:
        raise ModelFileError(f"its members claim {claimed:,} bytes, the file has {file_size:,}")


def _array(name: str, content: bytes) -> NDArray[Any]:
    if not name.endswith(_ARRAY_SUFFIX):
        raise ModelFileError(f"{name} is no array")
    file = io.BytesIO(content)
    if np.lib.format.read_magic(file) != _NPY_VERSION:
        raise ModelFileError(f"{name} is of another version of the npy format than {_NPY_VERSION[0]}.{_NPY_VERSION[1]}")
    shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    # Before memory is taken for what the header claims.
    if dtype.hasobject or prod(shape) * dtype.itemsize != len(content) - file.tell():
        raise ModelFileError(f"{name} claims {dtype} of shape {shape}, which is not what it holds")
    file.seek(0)
    return np.asarray(np.lib.format.read_array(file, allow_pickle=False))
