"""The version of dpn, where reading it costs nothing; the build takes it from here."""

VERSION = "0.1.0"
