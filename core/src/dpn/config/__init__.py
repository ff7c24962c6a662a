"""Configuration: where the files are looked up, what they may hold, and what wins."""

from dpn.config.files import NamingFiles, Settings, load_naming, load_settings
from dpn.config.shapes import SCHEMAS
from dpn.config.starter import init_files

__all__ = ["SCHEMAS", "NamingFiles", "Settings", "init_files", "load_naming", "load_settings"]
