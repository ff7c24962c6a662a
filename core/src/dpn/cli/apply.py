"""`dpn apply`: the whole plan, as one transaction."""

from __future__ import annotations

from dpn import api
from dpn.cli.options import BLUEPRINT, CLOUD, OUTPUT, SCOPE, WRITE, command
from dpn.cli.session import Session
from dpn.cli.work import Work, carry_out


@command(
    "file", *BLUEPRINT, *CLOUD, *SCOPE, "targets", "replaced", "allow_deletes", *WRITE, *OUTPUT,
    examples=(
        "dpn apply", "dpn apply blueprint.json -e prd", "dpn apply --sandbox --yes",
        "dpn plan --out plan.json && dpn apply plan.json",
    ),
)  # fmt: skip
def apply(session: Session, options: api.Options) -> int:
    """Carry out a blueprint's plan, or a plan that was saved: all of it, or nothing is left behind.

    FILE is a blueprint or a plan from `dpn plan --out`; the second is carried out without asking.
    """
    return carry_out(session, options, Work("Apply these changes?", api.apply))


COMMAND = apply
