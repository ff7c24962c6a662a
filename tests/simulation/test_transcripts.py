"""What is written, told and sent in thousands of runs is what it was: a change of the journal must be meant."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from transcripts import KEPT, Transcript, transcript_of

from dpn.testing.simulation import scenarios


def test_each_scenario_has_a_transcript() -> None:
    assert list(json.loads(KEPT.read_text("utf-8"))) == list(scenarios())


@pytest.mark.parametrize(("name", "digest"), json.loads(KEPT.read_text("utf-8")).items())
def test_processes_ask_for_what_they_asked_for(name: str, digest: str) -> None:
    """If the change is meant: `python tests/simulation/transcripts.py --write`; else compare with NAME what it was."""
    assert transcript_of(name, Transcript()).digest() == digest
