"""What is installed from a wheel, as by an update, is whole: every file beside the code goes with it."""

import configparser
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("kiosk", "ui", "mqtt_bridge", "firmware_config")


def patterns():
    """Return what setup.cfg says goes with each package: globs by the package's folder."""
    file = configparser.ConfigParser()
    file.read(ROOT / "setup.cfg")
    said = file["options.package_data"]
    return {name: [one.strip() for one in said[name].split(",")] for name in said}


def packaged():
    """Return every file that goes with a package."""
    found = set()
    for package in (path.parent for name in PACKAGES for path in (ROOT / name).rglob("__init__.py")):
        name = ".".join(package.relative_to(ROOT).parts)
        for pattern in (*patterns()["*"], *patterns().get(name, ())):
            found |= {path for path in package.glob(pattern) if path.is_file()}
    return found


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a checkout")
def test_every_file_beside_the_code_goes_with_it():
    listed = subprocess.run(["git", "ls-files", "-z", *PACKAGES], cwd=ROOT, check=True, capture_output=True, text=True)
    files = [ROOT / name for name in listed.stdout.split("\0") if name and not name.endswith(".py")]
    found = packaged()
    assert [str(path.relative_to(ROOT)) for path in files if path not in found] == []


def test_code_is_no_data():
    assert not [path for path in packaged() if path.suffix == ".py" and "firmware_config" not in path.parts]
