"""The vision process: camera in, codes out. All native code that parses hostile pixels lives here."""

import os

# OpenCV reads these once, when it is loaded; every module here is imported after this one. No more pixels
# than this are ever decoded, and nothing is printed: what matters is said in our own words.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(1 << 26))
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
