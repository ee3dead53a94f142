"""What the real picamera2 lacks on a machine that is no Pi, so that it runs on libcamera's virtual pipeline.

Four things, and nothing of what the kiosk's source calls:

- `pykms` and `pidng` (a display's and a raw file's libraries) are empty modules;
- buffers lie in memory files, for there is no dma-heap;
- the virtual pipeline is not asked for the raw modes that it does not have;
- libcamera 0.4.0 leaves the status of a virtual frame unset, so picamera2 throws frames away at random: any is taken.
"""

import inspect
import mmap
import os
import sys
import textwrap
from types import ModuleType
from typing import Any

for _name, _holds in {
    "pykms": ("PixelFormat",),
    "pidng": (),
    "pidng.core": ("PICAM2DNG",),
    "pidng.camdefs": ("Picamera2Camera",),
}.items():
    _module = ModuleType(_name)
    for _word in _holds:
        setattr(_module, _word, type(_word, (), {}))
    sys.modules[_name] = _module
sys.modules["pykms"].PixelFormat = type("PixelFormat", (type,), {"__getattr__": lambda _, name: name})("P", (), {})

import libcamera  # noqa: E402
import picamera2.picamera2 as library  # noqa: E402
from picamera2.allocators.allocator import Allocator, Sync  # noqa: E402


class MemorySync(Sync):
    """Maps a buffer whole: libcamera duplicates the file for each plane, which picamera2 takes for several."""

    def __init__(self, allocator: Any, buffer: Any, write: bool) -> None:  # noqa: ARG002 - picamera2's own signature
        self._buffer = buffer
        self._memory: mmap.mmap | None = None

    def __enter__(self) -> mmap.mmap:
        planes = self._buffer.planes
        size = sum(plane.length for plane in planes)
        self._memory = mmap.mmap(planes[0].fd, size, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
        return self._memory

    def __exit__(self, *_: object) -> None:
        # As with dma-buf memory on a Pi: whoever still holds an array of it when it is given back is told so.
        if self._memory is not None:
            self._memory.close()


class MemoryAllocator(Allocator):
    """Buffers in memory files."""

    def __init__(self) -> None:
        super().__init__()
        self.sync = MemorySync
        self._buffers: dict[Any, list[Any]] = {}
        self._files: list[int] = []
        self.lent = 0
        """Requests that are with an application now."""

    def allocate(self, configuration: Any, _: Any) -> None:
        self.close()
        for stream in configuration:
            self._buffers[stream.stream] = [self._buffer(stream) for _ in range(stream.buffer_count)]

    def _buffer(self, stream: Any) -> Any:
        file, rows = os.memfd_create("frame"), stream.stride * stream.size.height
        os.ftruncate(file, stream.frame_size)
        self._files.append(file)
        planes = []
        for offset, length in ((0, rows), (rows, stream.frame_size - rows)):
            plane = libcamera.FrameBuffer.Plane()
            plane.fd, plane.offset, plane.length = file, offset, length
            planes.append(plane)
        return libcamera.FrameBuffer(planes)

    def buffers(self, stream: Any) -> list[Any]:
        return self._buffers[stream]

    def acquire(self, _: Any) -> None:
        self.lent += 1

    def release(self, _: Any) -> None:
        self.lent -= 1

    def close(self) -> None:
        for file in self._files:
            os.close(file)
        self._files, self._buffers = [], {}

    def __del__(self) -> None:
        self.close()


def _raw_modes(camera: Any) -> list[dict[str, Any]]:
    stream = camera.camera.generate_configuration([libcamera.StreamRole.Viewfinder]).at(0)
    return [{"format": str(stream.pixel_format), "size": (stream.size.width, stream.size.height)}]


def install() -> None:
    """Change the library, once."""
    library.DmaAllocator = MemoryAllocator
    library.Picamera2._get_raw_modes = _raw_modes
    source = textwrap.dedent(inspect.getsource(library.Picamera2.process_requests))
    status = "libcamera.FrameMetadata.Status.Success"
    if status not in source:
        raise RuntimeError("picamera2 has changed: look at its process_requests again")
    names: dict[str, Any] = {}
    any_status = "next(iter(req.request.buffers.values())).metadata.status"
    exec(source.replace(status, any_status), vars(library), names)  # noqa: S102 - the library's own text
    library.Picamera2.process_requests = names["process_requests"]
