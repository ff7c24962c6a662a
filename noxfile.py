"""The chores of this repository: `nox --list` shows them, `nox` runs what every change must pass."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2026.4"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.error_on_external_run = True
nox.options.error_on_missing_interpreters = False  # one Python is enough to work here
nox.options.download_python = "never"
# The full test run comes last, so that its closing line is what a reader sees first.
nox.options.sessions = ["lint", "types", "layers", "docs", "wheel", "smoke", "tests"]
os.environ.setdefault("UV_PYTHON_DOWNLOADS", "never")

UV = os.environ.get("UV", "uv")
PROJECT = nox.project.load_toml("pyproject.toml")
MEMBERS = ("core", *sorted(str(found.parent) for found in Path("plugins").glob("*/pyproject.toml")))
CONSTRAINTS = Path("constraints.txt")
ALL_BRANCHES = ("*/dpn/engine/*.py", "*/dpn/dispatch.py", "*/dpn/answers.py", "*/dpn/store/*.py")
SUPPORTED = nox.project.python_versions(nox.project.load_toml("core/pyproject.toml"))
OTHERS = [version for version in SUPPORTED if version != f"{sys.version_info.major}.{sys.version_info.minor}"]


def install(session: nox.Session, *groups: str, members: tuple[str, ...] = MEMBERS) -> None:
    """Install dependency groups and, editable so that coverage finds the sources, members; all as pinned."""
    editable = [argument for member in members for argument in ("--editable", member)]
    session.install("--constraint", str(CONSTRAINTS), *editable, *nox.project.dependency_groups(PROJECT, *groups))


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format: ruff, black."""
    install(session, "lint", members=())
    session.run("ruff", "check", ".")
    session.run("black", "--check", "--quiet", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check types: mypy, strict."""
    install(session, "types", "test", "nox", "docs")
    session.run("mypy")


@nox.session
def layers(session: nox.Session) -> None:
    """Check who imports whom: import-linter, with imports inside functions."""
    install(session, "lint")
    session.run("lint-imports")


@nox.session
def docs(session: nox.Session) -> None:
    """Check that the generated reference is fresh and that the site builds without a broken link."""
    install(session, "docs")
    session.run("python", "docs/generate.py", "--check")
    site = Path(session.create_tmp()).resolve()
    shutil.rmtree(site / "docs", ignore_errors=True)
    shutil.copytree("docs", site / "docs", ignore=shutil.ignore_patterns("*.py", "*.yml", "changes"))
    shutil.copy("docs/mkdocs.yml", site)
    session.run("zensical", "build", "--strict", "--clean", "--config-file", str(site / "mkdocs.yml"))


@nox.session(reuse_venv=False)
@nox.parametrize("member", [nox.param(member, id=Path(member).name) for member in MEMBERS])
def wheel(session: nox.Session, member: str) -> None:
    """Use each distribution from its wheel, alone with what it declares; a shared workspace hides what is missing."""
    if not shutil.which(UV):
        session.skip("only uv builds without fetching anything that is not pinned")
    built = Path(session.create_tmp()).resolve()
    needed = dict.fromkeys(("core", member))
    for source in needed:
        build = ("build", "--wheel", "--quiet", "--clear", "--build-constraints", str(CONSTRAINTS))
        session.run(UV, *build, "--out-dir", str(built / source), source, external=True)
    # The sandbox asks for what it emulates by extras; a server for AWS without moto cannot even be imported.
    extras = {"plugins/sandbox": "[aws,databricks]"}
    wheels = [f"{found}{extras.get(source, '')}" for source in needed for found in (built / source).glob("*.whl")]
    session.install("--constraint", str(CONSTRAINTS), *wheels)
    session.run("python", "-I", "tests/architecture/installed.py")
    session.run("dpn", "--version", silent=True)
    session.run("dpn", "plugins", "list")


@nox.session(python=OTHERS)
def smoke(session: nox.Session) -> None:
    """Run the unit tests and the start-up checks on the other supported Pythons; absent ones are skipped."""
    install(session, "test")
    session.run("pytest", "-n", "2", "-q", "tests/core", "tests/plugins", "tests/architecture", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run all tests on one Python, with branch coverage of core and plugins."""
    install(session, "test")
    session.run("pytest", "-n", "2", "--cov", "--cov-report=term", *session.posargs)
    if not session.posargs:  # 100 % when measured; one branch may hang on the pace of threads
        session.run("coverage", "report", f"--include={','.join(ALL_BRANCHES)}", "--fail-under=99")


@nox.session
def simulation(session: nox.Session) -> None:
    """Crash and disturb the real engine and store everywhere: 50,000 runs and more; `-- --full`: over a million."""
    install(session, members=("core",))
    session.run("python", "-m", "dpn.testing.simulation", *session.posargs)


@nox.session
def seeded(session: nox.Session) -> None:
    """Put bugs into the protocol and see that the simulation finds each of them."""
    install(session, "test", members=("core",))
    session.run("pytest", "-n", "2", "-v", "tests/simulation/test_seeded.py", *session.posargs)


@nox.session
def mutation(session: nox.Session) -> None:
    """Change engine, dispatch and store in thousands of places and count what tests notice; `-- --again` goes on."""
    install(session, "mutation", "test", "types", members=("core",))
    session.run("python", "tests/mutation/mutation.py", str(Path(session.create_tmp()) / "changed"), *session.posargs)


@nox.session
def conformance(session: nox.Session) -> None:
    """Run what every provider must fulfil; name a folder to check your own: `nox -s conformance -- PATH`."""
    install(session, "test")
    session.run("pytest", *(session.posargs or ["tests/plugins"]))


@nox.session
def locks(session: nox.Session) -> None:
    """Let eight processes fight for a stack on each backend, stopped and killed at random: `nox -s locks -- 300`."""
    install(session, "test")
    session.run("python", "tests/locks/locks.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the budgets of start-up, of the journal, of a stream of names and of hostile input, and print them."""
    install(
        session, members=("core", *(f"plugins/{name}" for name in ("aws", "azure", "databricks", "gcp", "snowflake")))
    )
    session.run("python", "tests/benchmarks/startup.py", *session.posargs)
    session.run("python", "tests/benchmarks/journal.py")
    session.run("python", "tests/benchmarks/names.py")
    session.run("python", "tests/benchmarks/hostile.py")


@nox.session
def kill(session: nox.Session) -> None:
    """Kill dpn at random moments and count what is left behind: `nox -s kill -- 100 SEED` (10 minutes)."""
    install(session, "test")
    session.run("python", "tests/kills/kill.py", *session.posargs)


@nox.session
def failpoints(session: nox.Session) -> None:
    """Kill dpn or let its disk fail at each named point; spoil each reply. The tests do so with a sample."""
    install(session, "test")
    files = ("kills/test_failpoints_kill.py", "kills/test_wire.py", "core/test_failing_disk.py")
    paths = session.posargs or [f"tests/{file}" for file in files]
    session.run("pytest", "-n", "2", *paths, env={"DPN_TESTS": "full"})


@nox.session
def traces(session: nox.Session) -> None:
    """Cut recorded runs off anywhere, without what was not synced; damage the files of a stack in every bit."""
    install(session, "test")
    paths = session.posargs or ("tests/core/store/test_store_traces.py", "tests/core/store/test_store_damage.py")
    session.run("pytest", "-n", "2", "--timeout", "1200", *paths, env={"DPN_TESTS": "full"})


@nox.session
def names(session: nox.Session) -> None:
    """Make 100,000 names of each kind and see that values that differ give names that differ (10 minutes)."""
    install(session, "test")
    paths = session.posargs or ("tests/plugins/test_names_read_back.py", "tests/core/naming/test_laws.py")
    session.run("pytest", "-n", "2", *paths, env={"DPN_TESTS": "full"})


def write_pins(pins: list[str]) -> None:
    """Put pins between the marks in pyproject.toml."""
    path = Path("pyproject.toml")
    lines = "".join(f'  "{pin}",\n' for pin in pins)
    body = f"constraint-dependencies = [\n{lines}]\n" if pins else ""
    marked = re.compile(r"(?<=^# pin: begin)(.*?\n).*?(?=^# pin: end)", re.DOTALL | re.MULTILINE)
    path.write_text(marked.sub(lambda found: found[1] + body, path.read_text("utf-8")), "utf-8")


@nox.session(venv_backend="none")
def pin(session: nox.Session) -> None:
    """Resolve every dependency anew and write constraints.txt and `[tool.uv] constraint-dependencies`."""
    write_pins([])
    session.run(UV, "lock", "--upgrade", "--quiet", external=True)
    export = ("export", "--quiet", "--all-packages", "--all-extras", "--all-groups", "--no-hashes", "--no-annotate")
    session.run(UV, *export, "--no-header", "--no-emit-workspace", "-o", str(CONSTRAINTS), external=True, silent=True)
    pins = CONSTRAINTS.read_text("utf-8").splitlines()
    head = "# Written by `nox -s pin`: the whole resolution, also for pip: `pip install -c constraints.txt ...`\n"
    CONSTRAINTS.write_text(head + "".join(f"{line}\n" for line in pins), "utf-8")
    write_pins(pins)
    session.run(UV, "lock", "--quiet", external=True)
