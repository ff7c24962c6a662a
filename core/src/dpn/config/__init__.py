"""Configuration: where the files are looked up, what they may hold, and what wins."""

from dpn.config.files import NamingFiles, Settings, load_naming, load_settings
from dpn.config.shapes import SCHEMAS

__all__ = ["SCHEMAS", "NamingFiles", "Settings", "load_naming", "load_settings"]
