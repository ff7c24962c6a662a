"""The provider `gcp` of dpn: it names and checks the resources of a data platform on Google Cloud, and provisions none.

What the cloud accepts, the default patterns and their variables are data, in `catalogue.json` beside this file.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dpn import Catalogue, Provider, hookimpl
from dpn_gcp.regions import REGION_CODES

CATALOGUE = Catalogue(Path(__file__).with_name("catalogue.json").read_text("utf-8"))


@hookimpl
def dpn_providers() -> Iterable[Provider]:
    """Offer the provider `gcp`."""
    yield Provider(name="gcp", kinds=CATALOGUE.named(), region_codes=REGION_CODES)
