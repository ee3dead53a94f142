"""Pictures of what was shown, for people who cannot stand before the screen."""

from pathlib import Path

from PySide6.QtGui import QImage

from ui.viewmodel import Screen


class Album:
    """Saves each page once a language, and each reason once: `NN-page[-reason]-language.png`."""

    def __init__(self, folder: Path) -> None:
        """Save into `folder`, which is made if it is missing. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._seen: set[str] = set()

    @staticmethod
    def name(screen: Screen) -> str:
        """Return what tells this screen from others, without its number."""
        page = f"{screen.page}-more" if screen.tone == "care" and screen.page == "refused" else str(screen.page)
        parts = (page, screen.reason_code, screen.choices.language)
        return "-".join(part for part in parts if part)

    def wants(self, screen: Screen) -> bool:
        """Return whether there is no picture of this screen yet."""
        return self.name(screen) not in self._seen

    def save(self, screen: Screen, picture: QImage) -> Path:
        """Save `picture` under the next number. Raises OSError."""
        name = self.name(screen)
        self._seen.add(name)
        path = self._folder / f"{len(self._seen):02}-{name}.png"
        if not picture.save(str(path)):
            raise OSError(f"{path} cannot be written")
        return path
