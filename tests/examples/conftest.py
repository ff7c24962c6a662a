"""Packages as their users get them: built as a wheel, installed alone into a folder, run in a process of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Give a function that builds a wheel from a copy, with the backend that is installed: nothing is fetched."""

    def built(source: Path) -> Path:
        folder = tmp_path_factory.mktemp("build")
        copy = shutil.copytree(source, folder / "source", ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
        subprocess.run(command, cwd=copy, check=True, capture_output=True)
        (wheel,) = folder.glob("*.whl")
        return wheel

    return built


@pytest.fixture(scope="session")
def install(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Give a function that installs a wheel, alone, into a folder."""

    def installed(wheel: Path) -> Path:
        target = tmp_path_factory.mktemp("site")
        uv = shutil.which("uv")
        pip = [uv, "pip", "install", "--python", sys.executable] if uv else [sys.executable, "-m", "pip", "install"]
        subprocess.run([*pip, "--quiet", "--no-deps", "--target", str(target), str(wheel)], check=True)
        return target

    return installed


@pytest.fixture(scope="session")
def run() -> Callable[[list[str], Path, Path], str]:
    """Give a function that runs Python in a folder, with a site folder on its path and a home of its own."""

    def ran(arguments: list[str], site: Path, folder: Path) -> str:
        env = {**os.environ, "PYTHONPATH": str(site), "DPN_HOME": str(folder / "home"), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [sys.executable, *arguments], cwd=folder, env=env, text=True, check=False, capture_output=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return ran


@pytest.fixture(scope="session")
def own_tests(run: Callable[[list[str], Path, Path], str]) -> Callable[[Path, Path, Path], str]:
    """Give a function that runs an example's own tests against its wheel, and what pytest says of them."""

    def ran(example: Path, site: Path, folder: Path) -> str:
        shutil.copytree(example / "tests", folder / "tests")
        shutil.copy(example / "pyproject.toml", folder)
        return run(["-m", "pytest", "-q", "-p", "no:cacheprovider"], site, folder)

    return ran
