"""scripts/vm-kernel where there is no kernel yet, and where none can be built."""

import os
import shutil
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "vm-kernel"
TOOLS = ("bash", "env", "dirname", "basename", "sed", "awk", "cat", "cut", "sha256sum", "uname")


def kernel(folder, *arguments, path=None):
    environment = {"PATH": path or os.environ["PATH"], "HOME": str(folder)}
    return subprocess.run([SCRIPT, *arguments], env=environment, capture_output=True, text=True, check=False)


def test_an_empty_cache_is_said_by_the_status(tmp_path):
    found = kernel(tmp_path, "--print")
    assert (found.returncode, found.stdout, found.stderr) == (1, "", "")


def test_a_kernel_of_another_configuration_is_not_taken(tmp_path):
    cache = tmp_path / ".cache" / "entrance-kiosk" / "vm"
    cache.mkdir(parents=True)
    (cache / "linux-6.1-000000000000").touch()
    assert kernel(tmp_path, "--print").returncode == 1, "one of another configuration is of no use"


def test_what_is_missing_is_one_sentence_with_the_line_that_helps(tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in TOOLS:
        (tools / tool).symlink_to(shutil.which(tool))
    made = kernel(tmp_path, path=str(tools))
    assert made.returncode == 3
    (said,) = made.stderr.splitlines()
    assert "sudo apt install linux-source flex bison" in said or "x86-64" in said
    assert not (tmp_path / ".cache").exists()


def test_the_packages_are_listed_one_a_line(tmp_path):
    assert {"linux-source", "flex", "gpiod"} <= set(kernel(tmp_path, "--packages").stdout.splitlines())
