"""What Databricks accepts as a name of each kind."""

from dataclasses import replace

from dpn import NameRule

CHECKED = "2026-11-24"

_NAMES = "https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-names"

# "Object names … cannot exceed 255 characters … period, space, forward slash, all ASCII control characters": Names,
# Databricks SQL reference. Unity Catalog stores all names in lower case.
CATALOG = NameRule(
    pattern=r"[^ ./\x00-\x1f\x7f]+",
    max=255,
    separator="_",
    fold="lower",
    unique="account",
    unique_fold="lower",
    reserved=("system", "hive_metastore", "samples", "__databricks_internal"),
    good=("a", "a" * 255, "sales_dev", "with-hyphen", "größe"),
    bad=("", "a" * 256, "with space", "with.dot", "with/slash", "tab\t", "trailing\n", "del\x7f", "system", "samples"),
    source=_NAMES,
    checked=CHECKED,
)
SCHEMA = replace(
    CATALOG,
    unique="parent",
    reserved=("information_schema",),
    bad=("", "a" * 256, "with space", "with.dot", "with/slash", "tab\t", "trailing\n", "information_schema"),
)
_INSIDE = replace(SCHEMA, reserved=(), bad=SCHEMA.bad[:-1])
TABLE = _INSIDE
VOLUME = _INSIDE

# A principal is a user's address, a group's name or a service principal's application id.
PRINCIPAL = NameRule(
    pattern=r"[^\x00-\x1f\x7f]+",
    max=255,
    separator="",
    unique="parent",
    good=("account users", "ada@example.com", "data-engineers", "4b2f0a3e-1c5d-4e6f-8a9b-0c1d2e3f4a5b"),
    bad=("", "a" * 256, "two\nlines", "tab\t"),
    source="https://docs.databricks.com/aws/en/data-governance/unity-catalog/manage-privileges/",
    checked=CHECKED,
)

# The APIs document no pattern: names are free text. No limit of cluster names is documented either; 100 keeps them
# readable in the user interface.
_FREE = NameRule(
    pattern=r"[^\x00-\x1f\x7f]+",
    max=100,
    separator="-",
    unique="workspace",
    good=("a", "a" * 100, "oncology-etl-shared-dev", "Nightly load (v2)"),
    bad=("", "a" * 101, "two\nlines", "tab\t"),
    source="https://docs.databricks.com/api/workspace/clusters/create",
    checked=CHECKED,
)
CLUSTER = replace(_FREE, unique="none")
POOL = replace(_FREE, source="https://docs.databricks.com/api/workspace/instancepools/create")
POLICY = replace(_FREE, source="https://docs.databricks.com/api/workspace/clusterpolicies/create")
WAREHOUSE = replace(
    _FREE,
    max=99,
    good=("a", "a" * 99, "oncology-sql-bi-small-dev"),
    bad=("", "a" * 100, "two\nlines", "tab\t"),
    source='https://docs.databricks.com/api/workspace/warehouses/create ("must be less than 100 characters")',
)
JOB = replace(
    _FREE,
    max=4096,
    unit="bytes",
    unique="none",
    good=("a", "a" * 4096, "oncology-batch-load-daily-dev"),
    bad=("", "a" * 4097, "ü" * 2049, "two\nlines", "tab\t"),
    source='https://docs.databricks.com/api/workspace/jobs/create ("The maximum length is 4096 bytes in UTF-8")',
)
PIPELINE = replace(
    _FREE,
    max=255,
    good=("a", "a" * 255, "oncology-cdc-orders-gold-dev"),
    bad=("", "a" * 256, "two\nlines", "tab\t"),
    source="https://docs.databricks.com/api/workspace/pipelines/create",
)
SECRET_SCOPE = NameRule(
    pattern=r"[A-Za-z0-9_.@/-]+",
    max=128,
    separator="-",
    unique="workspace",
    unique_fold="lower",
    charset="A-Za-z0-9_.@/-",
    good=("a", "a" * 128, "oncology-ingest-dev", "team@home/keys_1.2"),
    bad=("", "a" * 129, "with space", "ünïcode", "trailing\n", "semi;colon"),
    source="https://docs.databricks.com/aws/en/security/secrets/",
    checked=CHECKED,
)
