"""What the manager's screen is answered by, beside what the shell answers itself: one line a feature."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from kiosk.adapters.admin_client import AdminClient
from kiosk.app.manager_aim import AimDesk
from kiosk.app.manager_desk import Handlers
from kiosk.app.manager_device import DeviceDesk
from kiosk.app.manager_settings import SettingsDesk
from kiosk.app.shell import Shell
from kiosk.app.usb_stick import UsbStick
from kiosk.cli.run_books import books_handlers, export_handlers
from kiosk.cli.run_parts import Parts
from kiosk.domain.document import DocumentKind


def manager_handlers(shell: Shell, parts: Parts) -> Iterator[Handlers]:
    """Return the handlers of every feature; `parts` has what the shell does not know: files, settings, the journal."""
    config, policy = parts.config, parts.documents.kept[DocumentKind.POLICY]
    yield AimDesk(shell.line, shell.clock, shell.peers).handlers()
    yield from books_handlers(shell, parts)
    yield SettingsDesk(parts.settings.editor(lambda: policy.in_force is not None), shell.recorder).handlers()
    admin = AdminClient(config.paths.admin)
    yield DeviceDesk(admin, shell.recorder, ZoneInfo(config.kiosk.time_zone)).handlers()
    yield export_handlers(shell, parts, UsbStick(admin))
