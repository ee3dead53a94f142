"""The vision process: camera in, codes out. All native code that parses hostile pixels lives here."""

import os

# Libraries read these once, when they are loaded; every module here is imported after this one. No more pixels
# than this are ever decoded, nothing is printed (what matters is said in our own words), and no threads are
# kept for matrices, which are 3 × 3 here.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(1 << 26))
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Seconds that a frame of a webcam is waited for: by default ten, in which nobody could say that it is gone.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1")
