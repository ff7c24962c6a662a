"""An embedded cloud on loopback, for trying dpn and for tests."""
