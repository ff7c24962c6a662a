"""What AWS accepts as a name of each kind."""

from dataclasses import replace

from dpn import NameRule

CHECKED = "2026-11-24"

S3_BUCKET = NameRule(
    pattern=r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    min=3,
    max=63,
    separator="-",
    case="lower",
    unique="partition",
    charset="a-z0-9.-",
    forbid_prefix=("xn--", "sthree-", "amzn-s3-demo-"),
    # -an is the account-regional namespace, which a create must ask for by a header of its own: dpn does not.
    forbid_suffix=("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an"),
    # AWS documents only "..", but a dot beside a hyphen makes a host label that begins or ends with a hyphen.
    forbid_substring=("..", ".-", "-."),
    forbid_regex=(r"^\d+\.\d+\.\d+\.\d+$",),
    good=("abc", "a" * 63, "oncology-lake-gold-prd-use1", "my.bucket.1", "123", "aws-logs"),
    bad=(
        "ab",
        "a" * 64,
        "Upper-case",
        "under_score",
        "-leading",
        "trailing-",
        ".leading",
        "trailing.",
        "two..dots",
        "dot.-hyphen",
        "hyphen-.dot",
        "192.168.5.4",
        "xn--name",
        "sthree-name",
        "amzn-s3-demo-bucket",
        "name-s3alias",
        "name--ol-s3",
        "name.mrap",
        "name--use1-az1--x-s3",
        "name--table-s3",
        "name-123456789012-us-east-1-an",
        "new\nline",
        "trailing-newline\n",
        "ünïcode",
        "",
    ),
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html",
    checked=CHECKED,
)

# Glue takes nearly any character, Athena only letters, digits and the underscore: "special characters other than
# underscore are not supported", even quoted, because later statements can fail. A name that cannot be queried is of no
# use, so the rule is Athena's. A leading digit is let through: it needs quotes only in queries, and is common.
_ATHENA = "https://docs.aws.amazon.com/athena/latest/ug/tables-databases-columns-names.html"

GLUE_DATABASE = NameRule(
    pattern=r"[a-z0-9_]+",
    max=255,
    unit="bytes",
    separator="_",
    case="lower",
    fold="lower",
    unique="account_region",
    unique_fold="lower",
    charset="a-z0-9_",
    good=("a", "a" * 255, "my_project_sales_gold_prd", "1st", "_internal"),
    bad=("", "a" * 256, "with-hyphen", "Upper", "with space", "with.dot", "back`tick", "trailing\n", "größe"),
    source=_ATHENA,
    checked=CHECKED,
)

GLUE_TABLE = replace(
    GLUE_DATABASE,
    unique="parent",
    forbid_prefix=("_",),  # Athena needs backticks then
    good=("a", "a" * 255, "fact_orders", "2024_orders"),
    bad=("", "a" * 256, "_hidden", "with-hyphen", "Fact", "with space", "with.dot", "back`tick", "trailing\n", "größe"),
)
