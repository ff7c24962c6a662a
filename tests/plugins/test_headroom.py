"""How much room there is in the names of real kinds."""

from __future__ import annotations

from pathlib import Path

import pytest

from dpn import api
from dpn.world import World


@pytest.mark.parametrize(
    ("project", "environment", "region", "left"),
    [("oncology", "prd", "us-east-1", 44), ("clinical-data-platform", "staging", "ap-southeast-1", 25)],
)
def test_a_bucket_has_room_for_purpose_and_layer(
    tmp_path: Path, project: str, environment: str, region: str, left: int
) -> None:
    (tmp_path / ".dpn").mkdir()
    (tmp_path / ".dpn" / "naming-values.yaml").write_text(f"defaults: {{project: {project}, region: {region}}}\n")
    world = World(env={"DPN_HOME": str(tmp_path / "home")}, cwd=tmp_path)
    checked = api.config_check(api.Options(environment=environment), world)
    assert checked.problems == ()
    [room] = [one for one in checked.headroom if one.kind == "aws_s3_bucket"]
    assert (room.left, room.free) == (left, ("purpose", "layer"))
    assert checked.needs["aws_s3_bucket"] == ["purpose", "layer"]
    assert len(checked.headroom) > 80
