"""Queues and topics that are first-in-first-out, through the doors that a user has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dpn import InputError, World, api


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(env={"DPN_HOME": str(tmp_path / "home")}, cwd=tmp_path)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("aws_sqs_queue", {"purpose": "orders", "queue_type": "main"}),
        ("aws_sns_topic", {"event_type": "failed", "purpose": "alerts"}),
    ],
)
def test_the_spec_asks_for_the_ending_and_reading_gives_it_back(
    world: World, kind: str, values: dict[str, str]
) -> None:
    options = api.Options()
    plain, fifo = (api.render_name(options, kind, values, world, spec={"fifo": one}) for one in (False, True))
    assert fifo == f"{plain}.fifo"
    assert api.check_names(options, kind, [fifo], world) == {fifo: []}
    stream = api.NameStream(options, world)
    assert [stream.name(kind, values), stream.name(kind, values, {"fifo": True})] == [plain, fifo]
    found = api.parse_name(options, kind, fifo, world)
    assert [{**one} for one in found.readings] == [{"project": "platform", "environment": "dev", **values}]
    assert (found.spec, api.parse_name(options, kind, plain, world).spec) == ({"fifo": True}, {})
    with pytest.raises(InputError) as refused:
        stream.name(kind, values, {"fifo": "yes"})
    assert [problem.code for problem in refused.value.problems] == ["NAME-SPEC"]


def test_a_blueprint_asks_for_it(world: World, tmp_path: Path) -> None:
    naming = {"purpose": "orders", "queue_type": "main"}
    queues = {
        "fifo": {"naming": naming, "spec": {"fifo": True}}, "plain": {"naming": naming}, "own": {"name": "own.fifo"},
    }  # fmt: skip
    metadata = {"project": "acme", "environment": "dev"}
    blueprint = {"version": "1", "metadata": metadata, "resources": {"aws_sqs_queue": queues}}
    (tmp_path / "blueprint.json").write_text(json.dumps({**blueprint, "stack": "queues"}))
    options = api.Options(file=tmp_path / "blueprint.json")
    wanted = api.validate(options, world)
    assert {problem.code for problem in wanted.problems} == {"KIND-NAMES-ONLY"}  # queues are not provisioned
    assert {one.address.partition(".")[2]: one.name for one in wanted.resources} == {
        "fifo": "acme-dev-orders-main.fifo", "plain": "acme-dev-orders-main", "own": "own.fifo",
    }  # fmt: skip
