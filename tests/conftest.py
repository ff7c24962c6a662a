"""Settings that all tests share."""

from __future__ import annotations

from hypothesis import settings

# A deadline measures the machine, not the code; a failure prints what reproduces it.
settings.register_profile("dpn", deadline=None, print_blob=True)
settings.load_profile("dpn")
