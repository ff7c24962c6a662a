"""The file backend, and that for teams over a store in memory, do what every backend must do."""

from __future__ import annotations

import pytest

from dpn.testing import BackendConformance, MemoryObjects, ObjectsConformance


class TestFiles(BackendConformance):
    """The fixture `backend` is that of conftest.py."""


class TestMemory(ObjectsConformance):
    @pytest.fixture
    def objects(self) -> MemoryObjects:
        return MemoryObjects()
