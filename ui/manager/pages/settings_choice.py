"""One value of many: by its place first (Asia, Europe …), where values have one, a screenful at a time."""

from dataclasses import dataclass, replace
from typing import ClassVar

from kiosk.api.manager import SettingsWrite
from kiosk.api.manager.settings import Setting
from ui.manager.blocks import Block, Notice, Row, Rows, View
from ui.manager.page import Act, Turn, Words
from ui.manager.pages.settings_edit import SettingsEditPage
from ui.manager.pages.settings_words import fault_said, label_of, option_of

A_PAGE = 8


@dataclass(frozen=True, slots=True)
class ChooseSetting(SettingsEditPage):
    """The options of one setting."""

    NAME: ClassVar[str] = "settings_choice"

    setting: Setting
    area: str = ""
    """What the options begin with, up to their slash."""
    start: int = 0

    def acted(self, act: Act) -> Turn:
        """Turn the page, open an area, or take a value."""
        kind, _, value = act.id.partition(":")
        match kind:
            case "newer":
                return Turn(replace(self, start=max(0, self.start - A_PAGE)))
            case "older":
                return Turn(replace(self, start=self.start + A_PAGE))
            case "area":
                return Turn(replace(self, area=value, start=0))
            case "take" if value in self.setting.options:
                return Turn(self, asks=(SettingsWrite(values={self.setting.key: value}, hours=None),))
            case _:
                return Turn(self)

    def view(self, words: Words) -> View:
        """Show a screenful of options."""
        blocks: list[Block] = []
        if self.faulty is not None:
            blocks.append(Notice(fault_said(self.faulty, words), icon="triangle", tone="bad"))
        areas = sorted({option.split("/")[0] for option in self.setting.options if "/" in option})
        if areas and not self.area:
            rows = [Row(self._area(area, words), icon="", id=f"area:{area}") for area in areas]
        else:
            rows = [self._option(option, words) for option in self.setting.options if option.startswith(self._prefix)]
        start = min(self.start, max(0, len(rows) - 1))
        newer = "newer" if start else ""
        older = "older" if start + A_PAGE < len(rows) else ""
        title = words["manager.settings.now"].format(value=option_of(self.setting.key, self.setting.value, words))
        blocks.append(Rows(tuple(rows[start : start + A_PAGE]), title, newer=newer, older=older))
        return View(label_of(self.setting.key, words), tuple(blocks))

    @property
    def _prefix(self) -> str:
        return f"{self.area}/" if self.area else ""

    def _area(self, area: str, words: Words) -> str:
        return words.get(f"manager.settings.area_{area.lower()}", area)

    def _option(self, option: str, words: Words) -> Row:
        said = option_of(self.setting.key, option, words).removeprefix(self._prefix)
        chosen = option == self.setting.value
        return Row(said, icon="disc-tick" if chosen else "", tone="good" if chosen else "", id=f"take:{option}")
