"""The commands and the code of the README run."""

import os
import re
import shlex
import subprocess
import sys

import pytest
from conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def run_python(*arguments):
    environment = os.environ | {"COLUMNS": "120"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, env=environment, check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize("command", [line for block in blocks("sh") for line in block.splitlines() if line.strip()])
def test_shell_commands(command, tmp_path):
    words = shlex.split(command.replace("build/", f"{tmp_path}/"))
    assert words.pop(0) == "stance"
    done = run_python("-m", "stance.cli", *words)
    assert done.returncode == 0, done.stderr
    assert "15 sentences" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("code", blocks("python"))
def test_python(code):
    done = run_python("-W", "error::DeprecationWarning:stance", "-c", code)
    assert done.returncode == 0, done.stderr
    assert "condemn" in done.stdout


def test_every_make_target_is_listed_by_help_and_named_targets_exist():
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    targets = set(re.findall(r"^  make ([a-z-]+)", listed.stdout, re.MULTILINE))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert targets == set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())
    assert set(re.findall(r"`?make ([a-z-]+)`?", README)) <= targets


def test_local_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
