"""The state file: stable, readable, and never mistaken for another or for an empty one."""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from dpn import codec
from dpn.errors import DamagedError, PluginError
from dpn.extensions import Snapshot
from dpn.model import Record
from dpn.store.state import State, decode, encode, seal

PATH = Path("state.json")


@pytest.fixture
def state(record: Record) -> State:
    other = replace(record, address="aws_glue_database.sales", id="\ud800 lone", spec={})
    records = {item.address: item for item in (record, other)}
    return State(Snapshot("lake.dev", "l1", 4, 9, records, watch=({"address": "a.b", "until": 1.5},)), "tx1")


def sealed(body: str) -> bytes:
    digest = hashlib.sha256(body.encode()).hexdigest()
    return f'{body}"sha256": "{digest}"\n}}\n'.encode()


def test_what_is_read_is_what_was_written(state: State) -> None:
    assert decode(encode(state), PATH) == state
    nothing = State(Snapshot("lake.dev", "l1", 1, 1, {}))
    assert decode(encode(nothing), PATH) == nothing


def test_the_file_is_stable_json_with_one_record_a_line(state: State) -> None:
    backwards = replace(state.snapshot, records=dict(reversed(list(state.snapshot.records.items()))))
    content = encode(state)
    assert encode(replace(state, snapshot=backwards)) == content
    lines = content.decode("ascii").splitlines()
    read = json.loads(content)
    assert {"format": 1, "stack": "lake.dev", "lineage": "l1", "serial": 4, "generation": 9}.items() <= read.items()
    for address, record in state.snapshot.records.items():
        assert sum(line.startswith(json.dumps(address)) for line in lines) == 1
        assert codec.load(Record, read["records"][address]) == record


@pytest.mark.parametrize("content", [b"", b"\0" * 4096, b"\n"])
def test_an_empty_file_is_damage_and_not_an_empty_stack(content: bytes) -> None:
    with pytest.raises(DamagedError, match="is empty") as told:
        decode(content, PATH)
    assert 'cp "state.json.backup" "state.json"' in told.value.hint


def test_every_truncation_is_refused(state: State) -> None:
    content = encode(state)
    for cut in range(len(content)):
        with pytest.raises(DamagedError):
            decode(content[:cut], PATH)


def test_every_flipped_bit_is_refused(state: State) -> None:
    content = encode(state)
    newer = content.index(b'"format": 1') + len(b'"format": ')
    bits = range(len(content) * 8)
    for bit in [*random.Random(3).sample(bits, 3000), *range(newer * 8, newer * 8 + 8)]:
        spoilt = bytearray(content)
        spoilt[bit // 8] ^= 1 << bit % 8
        with pytest.raises((DamagedError, PluginError) if bit // 8 == newer else DamagedError):
            decode(bytes(spoilt), PATH)


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(DamagedError, match="no JSON"):
        decode(b"[" * 200_000, PATH)


def test_a_newer_format_names_both_versions(state: State) -> None:
    newer = {**json.loads(encode(state)), "format": 2, "dpn": "7.8.9"}
    with pytest.raises(PluginError, match=r"dpn 7\.8\.9 in format 2; this is dpn \d.* format 1\.") as told:
        decode(json.dumps(newer).encode(), PATH)
    assert "pip install --upgrade dpn" in told.value.hint


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"records": {"a.b": {"address": "c.d", "kind": "a", "name": "n", "spec": {}, "provider": "a"}}}, "another"),
        ({"records": {"a.b": {"unknown": 1}}}, "unknown"),
        ({"records": []}, "items"),
        ({"serial": "many"}, "many"),
        ({"watch": [3]}, "int"),
    ],
    ids=str,
)
def test_a_valid_checksum_over_nonsense_is_damage(state: State, change: dict[str, object], why: str) -> None:
    content = json.loads(encode(state))
    content.pop("sha256")
    body = json.dumps({**content, **change})[:-1] + ",\n"
    with pytest.raises(DamagedError, match=why):
        decode(sealed(body), PATH)


def test_the_seal_tells_contents_apart(state: State) -> None:
    other = replace(state, snapshot=replace(state.snapshot, serial=5))
    assert seal(encode(state)) == seal(encode(state)) != seal(encode(other))
    assert seal(None) == b""
