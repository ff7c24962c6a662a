"""What AWS accepts as names: rules, default patterns and variables of all kinds, read from `catalogue.json` once."""

from os.path import dirname, join

from dpn import Catalogue


def _read() -> Catalogue:
    # Each start with this plugin comes by here; pathlib, which nothing else on the way needs, takes 3 ms to import.
    path = join(dirname(__file__), "catalogue.json")  # noqa: PTH118, PTH120 - see above
    with open(path, encoding="utf-8") as file:  # noqa: PTH123 - see above
        return Catalogue(file.read())


CATALOGUE = _read()
