"""`dpn plugins new`."""

from __future__ import annotations

from pathlib import Path

import click

from dpn import api
from dpn.cli.options import OUTPUT, command
from dpn.cli.session import Session
from dpn.report import clean


@command(
    *OUTPUT,
    params=(
        click.Argument(["name"]),
        click.Option(["--kind", "sort"], type=click.Choice(api.SORTS), required=True, help="What the plugin is to do."),
        click.Option(
            ["--path", "folder"],
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="The folder of the package; else one that is called as the package.",
        ),
    ),
    examples=("dpn plugins new acme --kind naming", "dpn plugins new acme --kind provider --path plugins/acme"),
)
def new(session: Session, _: api.Options, name: str, sort: str, folder: Path | None) -> None:
    """Write the package of a new plugin: it works, passes its own tests, and is changed from there.

    NAME is what users will write: in `use:` for naming, before the `_` of each kind for a provider, in config.yaml for
    a policy. Nothing that is there is overwritten.
    """
    paths = api.new_plugin(name, sort, folder, session.world)
    session.changed = True
    root = min(paths, key=lambda path: len(path.parts)).parent
    if session.json:
        written = {"format_version": "1", "name": name, "kind": sort, "path": str(root), "files": list(map(str, paths))}
        session.print_json(written)
        return
    for path in paths:
        session.console.result(f"Written: {clean(path)}")
    session.console.note(f"Next: pip install -e '{clean(root)}[test]' && pytest {clean(root)}")


COMMAND = new
