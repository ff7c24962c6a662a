"""The journal's form: what is read back is what was written, an exact beginning of it, or a refusal."""

from __future__ import annotations

import json
import random
from typing import Any
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dpn.errors import DamagedError
from dpn.store import journal
from dpn.store.journal import Scan, decode, encode

ENTRIES: list[dict[str, Any]] = [
    {"t": "header", "serial": 3},
    *({"t": "intent", "address": f"a.b{n}", "text": "x" * n} for n in range(60)),
]
JOURNAL = b"".join(encode(seq, entry) for seq, entry in enumerate(ENTRIES))

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def is_exact_beginning_or_refused(data: bytes) -> bool:
    try:
        scan = decode(data)
    except DamagedError:
        return True
    return list(scan.entries) == ENTRIES[: len(scan.entries)] and data.startswith(JOURNAL[: scan.good_length])


@given(st.lists(st.dictionaries(st.text(), json_values, max_size=4), max_size=5))
def test_any_json_comes_back(entries: list[dict[str, Any]]) -> None:
    data = b"".join(encode(seq, entry) for seq, entry in enumerate(entries))
    assert decode(data) == Scan(tuple(entries), len(data), 0)
    assert data.count(b"\n") == len(entries)


def test_a_record_is_crc_length_seq_and_json_on_one_line() -> None:
    crc, length, seq, body = encode(7, {"t": "Zoë\n"}).decode("ascii").split(" ", 3)
    assert crc == f"{crc32(f'{length} {seq} {body[:-1]}'.encode()):08x}"
    assert (int(length), seq, json.loads(body)) == (len(body) - 1, "7", {"t": "Zoë\n"})


def test_what_is_no_json_is_refused_when_it_is_written() -> None:
    with pytest.raises(TypeError):
        encode(0, {"t": object()})


def test_reserved_space_is_the_end() -> None:
    assert decode(JOURNAL + bytes(4096)) == Scan(tuple(ENTRIES), len(JOURNAL), 0)
    assert decode(bytes(64)) == decode(b"") == Scan((), 0, 0)


def test_every_truncation_gives_an_exact_beginning() -> None:
    assert len(JOURNAL) > 4096
    lines = [encode(seq, entry) for seq, entry in enumerate(ENTRIES)]
    starts = [len(b"".join(lines[:n])) for n in range(len(lines) + 1)]
    for cut in range(len(JOURNAL) + 1):
        scan = decode(JOURNAL[:cut])
        whole = max(start for start in starts if start <= cut)
        assert (scan.good_length, scan.torn) == (whole, cut - whole)
        assert list(scan.entries) == ENTRIES[: starts.index(whole)]


@pytest.mark.parametrize("reserved", [0, 512])
def test_a_flipped_bit_gives_an_exact_beginning_or_a_refusal(reserved: int) -> None:
    data = JOURNAL[: JOURNAL.rindex(b"\n", 0, 4096) + 1] + bytes(reserved)
    for bit in random.Random(1).sample(range(len(data) * 8), 5000):
        spoilt = bytearray(data)
        spoilt[bit // 8] ^= 1 << bit % 8
        assert is_exact_beginning_or_refused(bytes(spoilt)), bit


def test_a_flipped_bit_in_front_of_the_last_record_is_never_passed_over() -> None:
    last = JOURNAL.rindex(b"\n", 0, -1) + 1
    for bit in random.Random(2).sample(range(last * 8), 1000):
        spoilt = bytearray(JOURNAL)
        spoilt[bit // 8] ^= 1 << bit % 8
        with pytest.raises(DamagedError):
            decode(bytes(spoilt))


@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 400), st.booleans()), min_size=1, max_size=4))
def test_holes_and_splices_give_an_exact_beginning_or_a_refusal(edits: list[tuple[int, int, bool]]) -> None:
    data = JOURNAL
    for at, size, zero in edits:
        data = data[:at] + (bytes(size) if zero else b"") + data[at + size :]
    assert is_exact_beginning_or_refused(data)


def test_damage_names_the_file_the_offset_and_the_last_good_record() -> None:
    first = encode(0, {"t": "header"})
    where = f"J is damaged at byte {len(first)}: .* last good record is number 0"
    with pytest.raises(DamagedError, match=where) as told:
        decode(first + b"rubbish\n" + encode(1, {"t": "x"}), "J")
    assert "dpn doctor" in told.value.hint
    with pytest.raises(DamagedError, match="no record before it is good"):
        decode(b"rubbish" + first)


@pytest.mark.parametrize("seqs", [(0, 0), (0, 2), (1,), (0, 1, 1)], ids=str)
def test_a_gap_and_a_repeated_number_are_damage(seqs: tuple[int, ...]) -> None:
    with pytest.raises(DamagedError, match="where record"):
        decode(b"".join(encode(seq, {"t": "x"}) for seq in seqs))


@pytest.mark.parametrize("body", [b"{", b"[1]", b"[" * 100_000])
def test_a_valid_checksum_over_no_entry_is_no_record(body: bytes) -> None:
    checked = b"%d 0 %s" % (len(body), body)
    assert journal.record_at(b"%08x %s\n" % (crc32(checked), checked)) is None


def test_text_inside_a_record_cannot_pass_for_a_record() -> None:
    planted = encode(1, {}).decode()
    data = encode(0, {"t": planted})
    assert decode(data[:-1]) == Scan((), 0, len(data) - 1)
