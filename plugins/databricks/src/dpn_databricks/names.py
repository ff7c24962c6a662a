"""What Databricks accepts as a name of each kind, the default patterns and their variables: read from JSON."""

from pathlib import Path

from dpn import Catalogue

CATALOGUE = Catalogue(Path(__file__).with_name("catalogue.json").read_text(encoding="utf-8"))
