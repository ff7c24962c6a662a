"""The provider `snowflake` of dpn: it names and checks the objects of a Snowflake account, and provisions none.

What Snowflake accepts, the default patterns and their variables are data, in `catalogue.json` beside this file. There
are no region codes: an account stands in a region of AWS, Azure or Google Cloud, and those have codes already.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dpn import Catalogue, Provider, hookimpl

CATALOGUE = Catalogue(Path(__file__).with_name("catalogue.json").read_text("utf-8"))


@hookimpl
def dpn_providers() -> Iterable[Provider]:
    """Offer the provider `snowflake`."""
    yield Provider(name="snowflake", kinds=CATALOGUE.named())
