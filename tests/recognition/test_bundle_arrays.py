"""A model file takes no more memory than it is long, and holds what it says or is refused."""

from __future__ import annotations

import io
import pickle
import zipfile

import numpy as np
import pytest

from recognition.bundle_arrays import DOCUMENT, MAX_MEMBERS, ModelFileError, packed, unpacked

ARRAYS = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b.c": np.array([1, 2], dtype=np.int32)}
FILE = packed(b"{}", ARRAYS)


def archive(members: dict[str, bytes], *, compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return buffer.getvalue()


def npy(array: np.ndarray, **options: bool) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return buffer.getvalue()


def claiming(shape: str) -> bytes:
    """An array file whose header claims this shape, with four bytes behind it."""
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + bytes(4)


def test_what_is_read_is_what_was_written() -> None:
    document, arrays = unpacked(FILE)

    assert document == b"{}"
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(arrays[name], array)


def test_numpy_opens_it_too() -> None:
    with np.load(io.BytesIO(FILE), allow_pickle=False) as found:
        np.testing.assert_array_equal(found["a"], ARRAYS["a"])
        assert found[DOCUMENT] == b"{}"


def test_the_same_arrays_are_the_same_bytes_in_whatever_order_or_layout() -> None:
    turned = {"b.c": ARRAYS["b.c"], "a": np.asfortranarray(ARRAYS["a"])}

    assert packed(b"{}", turned) == FILE


def test_a_zip_bomb_is_refused_before_it_is_read() -> None:
    bomb = archive({DOCUMENT: b"{}", "a.npy": npy(np.zeros(10_000_000))}, compression=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 100_000

    with pytest.raises(ModelFileError, match="is compressed"):
        unpacked(bomb)


def test_members_that_share_their_bytes_are_refused() -> None:
    """A zip bomb without compression: many entries of the directory for one large member."""
    content = archive({"0.npy": npy(np.zeros(1000)), **{f"{number}.npy": b"" for number in range(1, 50)}})
    directory = content.index(b"PK\x01\x02")
    entries = content[directory:].split(b"PK\x01\x02")[1:]
    sizes, offset = entries[0][16:24], entries[0][38:42]
    forged = content[:directory] + b"".join(
        b"PK\x01\x02" + entry[:16] + sizes + entry[24:38] + offset + entry[42:] for entry in entries
    )

    with pytest.raises(ModelFileError, match="its members claim"):
        unpacked(forged)


def test_an_array_that_claims_more_than_it_holds_takes_no_memory() -> None:
    for shape in ("(1000000000000,)", "(2,)", "()", "(0, 7)"):
        content = archive({DOCUMENT: b"{}", "a.npy": claiming(shape)})
        if shape == "()":
            assert unpacked(content)[1]["a"] == 0
            continue
        with pytest.raises(ModelFileError, match="is not what it holds"):
            unpacked(content)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "damaged"),
        (b"no archive", "damaged"),
        (pickle.dumps({"a": 1}), "damaged"),
        (FILE[:-30], "damaged"),
        (FILE[: len(FILE) // 2], "damaged"),
        (archive({"a.npy": npy(np.zeros(2))}), f"{DOCUMENT} is missing"),
        (archive({DOCUMENT: b"{}", "a.txt": b"hello"}), "a.txt is no array"),
        (archive({DOCUMENT: b"{}", "a.npy": b"hello"}), "damaged"),
        (archive({DOCUMENT: b"{}", "a.npy": npy(np.array([{}], dtype=object), allow_pickle=True)}), "is not what it"),
        (archive({DOCUMENT: b"{}", **{f"{number}.npy": b"" for number in range(MAX_MEMBERS)}}), "1,025 members"),
    ],
)
def test_what_is_no_model_file_is_named(content: bytes, told: str) -> None:
    with pytest.raises(ModelFileError, match=told):
        unpacked(content)


def test_a_file_with_any_byte_turned_is_refused_or_holds_arrays() -> None:
    random = np.random.default_rng(0)
    refused = 0
    for place in random.choice(len(FILE), size=min(len(FILE), 600), replace=False):
        content = bytearray(FILE)
        content[place] ^= int(random.integers(1, 256))
        try:
            _, arrays = unpacked(bytes(content))
        except ModelFileError:
            refused += 1
        else:
            assert all(array.nbytes <= len(FILE) for array in arrays.values())
    assert refused > 300
