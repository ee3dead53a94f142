import pytest

from kiosk.admin.tools import Tools
from kiosk.testing.recorded_tools import RecordedTools


@pytest.fixture
def recorded(tmp_path):
    return RecordedTools(
        tmp_path / "tools", "nmcli", "timedatectl", "lsblk", "systemctl", "systemd-mount", "systemd-umount", "amixer"
    )


@pytest.fixture
def tools(recorded):
    return Tools(recorded.folder)
