"""Forms held still for pictures: each kind of page, with the answers of nobody."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from PySide6.QtGui import QGuiApplication

from kiosk.api.messages import FormTaken, Page, Snapshot
from kiosk.domain.form import Purpose
from kiosk.form_file import load_forms
from ui.choices import Choices
from ui.forms.filling import Filling, Stage
from ui.forms.view import show
from ui.forms_desk import offers
from ui.poses import Pose
from ui.stage import Stage as Window
from ui.viewmodel import look
