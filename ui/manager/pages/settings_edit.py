"""What the pages have in common on which one setting is changed: stored, or why not."""

from dataclasses import dataclass, field, replace

from kiosk.api.manager import Reply, Request, SettingsFaulty, SettingsTaken
from ui.manager.page import ManagerPage, Turn


@dataclass(frozen=True, slots=True)
class SettingsEditPage(ManagerPage):
    """A page that ends when its change is stored: the one before asks for the settings as they are by now."""

    faulty: SettingsFaulty | None = field(default=None, kw_only=True)
    """Why the last change could not be taken."""

    def answered(self, request: Request, reply: Reply) -> Turn:  # noqa: ARG002
        """Go back once it is stored, or say why it is not."""
        match reply:
            case SettingsTaken():
                return Turn(self, go="back", say="settings.saved")
            case SettingsFaulty():
                return Turn(replace(self, faulty=reply))
            case _:
                return Turn(self)
