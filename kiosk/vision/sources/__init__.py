"""Where frames come from. `open_source` picks the source that the settings name; nothing is guessed."""

from pathlib import Path

from kiosk.config import CameraSection
from kiosk.vision.sources.base import Frame, Source, SourceLostError, SourceStuckError

__all__ = ["Frame", "Source", "SourceLostError", "SourceStuckError", "open_source", "source_name"]


def source_name(camera: CameraSection) -> str:
    """Return the name that health reports carry: the kind of source, or the name of its file."""
    return Path(camera.source).name[:64] or "files"


def open_source(camera: CameraSection) -> Source:
    """Return the source of the settings, not yet running: enter it to begin.

    Raises SourceLostError where it is not there, and SceneError where the scene of `synthetic` is wrong.
    Each source imports its library only when it is asked for.
    """
    match camera.source:
        case "picamera2":
            from kiosk.vision.sources.picamera2 import Picamera2Source

            return Picamera2Source(camera)
        case "webcam":
            from kiosk.vision.sources.webcam import WebcamSource

            return WebcamSource(camera)
        case "synthetic":
            from kiosk.vision.sources.synthetic import SyntheticSource

            return SyntheticSource(camera)
        case name:
            return _from_files(Path(name), camera.fps)


def _from_files(path: Path, fps: int) -> Source:
    from kiosk.vision.sources.files import FolderSource, VideoSource

    if path.is_dir():
        return FolderSource(path, fps)
    if path.is_file():
        return VideoSource(path)
    raise SourceLostError(
        f"camera source '{path}' is not there; use picamera2, webcam, synthetic or the path of a video or folder"
    )
