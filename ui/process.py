"""The process `kiosk-ui`: the visitor's touchscreen."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kiosk.config import ConfigError, KioskConfig, load_config
from kiosk.form_file import load_forms


def main(argv: Sequence[str] | None = None) -> int:
    """Run the screen.

    Returns 0 after a signal to stop, 2 for settings that cannot be used, 3 for a broken screen, 75 to be started anew.
    """
    parser = argparse.ArgumentParser(prog="kiosk-ui", description="The visitor's touchscreen.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--config", type=Path, metavar="FILE", help="settings file, kiosk.toml")
    what.add_argument("--shots", type=Path, metavar="DIR", help="save a picture of every page and exit")
    parser.add_argument("--large", action="store_true", help="with --shots: large letters")
    parser.add_argument("--high-contrast", action="store_true", help="with --shots: high contrast")
    options = parser.parse_args(argv)
    try:
        if options.shots:
            return _shots(options.shots, large=options.large, high_contrast=options.high_contrast)
        return _screen(load_config(options.config))
    except ConfigError as error:
        return _fail(str(error), 2)
    except OSError as error:
        return _fail(f"{error.filename or 'a file'}: {(error.strerror or str(error)).lower()}", 2)


def _fail(sentence: str, status: int) -> int:
    print(f"kiosk-ui: {sentence}", file=sys.stderr)
    return status


def _shots(folder: Path, *, large: bool, high_contrast: bool) -> int:
    from PySide6.QtGui import QGuiApplication

    from ui.shots import offscreen, save_all
    from ui.stage import Stage, StageError

    offscreen()
    app = QGuiApplication(["kiosk-ui"])
    try:
        stage = Stage(app)
    except StageError as error:
        return _fail(str(error), 3)
    folder.mkdir(parents=True, exist_ok=True)
    save_all(stage, folder, large=large, high_contrast=high_contrast)
    stage.close()
    return 0


def _screen(config: KioskConfig) -> int:
    # Qt is loaded only now: wrong settings are answered at once, and its platform is chosen before it looks.
    from PySide6.QtGui import QGuiApplication

    from ui.pictures import Album
    from ui.shell import Shell
    from ui.stage import Stage, StageError, choose_platform

    forms = load_forms(config.forms.folder, config.forms.offered)
    album = Album(config.screen.pictures) if config.screen.pictures else None
    choose_platform(config.screen.renderer)
    app = QGuiApplication(["kiosk-ui"])
    try:
        stage = Stage(app)
        stage.require(config.screen.renderer)
    except StageError as error:
        return _fail(str(error), 3)
    stage.set_surface(config.screen.width, config.screen.height, config.screen.pixels_per_mm)
    for trouble in stage.dress(config.screen):
        print(f"kiosk-ui: {trouble}", file=sys.stderr)
    shell = Shell(config, stage, album, forms)
    stage.show(fullscreen=config.screen.fullscreen)
    status = shell.run()
    stage.close()
    return status
