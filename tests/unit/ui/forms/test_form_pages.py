"""The form at the screen: what is drawn and said, what a finger does, and that nothing stays behind."""

from datetime import date

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from kiosk.api.messages import FormFilled, FormTaken, Page
from kiosk.api.sentences import catalogue, languages
from kiosk.domain.form import Purpose
from kiosk.domain.form_values import Problem
from ui.choices import Choices
from ui.forms.filling import ASK_MS, IDLE_MS, MS
from ui.forms.poses import POSED, posed, settle, shipped_forms
from ui.forms.view import show
from ui.forms_desk import FormsDesk
from ui.shots import pose


class Visit:
    """A visitor before a screen whose gate is played."""

    def __init__(self, stage, finger):
        self.stage, self.finger, self.now, self.sent = stage, finger, 0, []
        self.desk = FormsDesk(
            stage.forms, shipped_forms(), True, self.send, lambda: "vi", lambda: date(2026, 11, 25), lambda: self.now
        )
        self.page(Page.IDLE)

    def send(self, message):
        self.sent.append(message)
        return True

    def page(self, page, *taken):
        self.desk.update(taken, page)
        settle(self.stage)

    def touch(self, name):
        there = (one for one in below(self.stage.window.contentItem()) if one.isVisible())
        item = next(one for one in there if one.objectName() == name)
        middle = item.mapToScene(QPoint(int(item.width() / 2), int(item.height() / 2))).toPoint()
        QTest.touchEvent(self.stage.window, self.finger).press(0, middle, self.stage.window).commit()
        QTest.touchEvent(self.stage.window, self.finger).release(0, middle, self.stage.window).commit()
        settle(self.stage)

    def type(self, keys):
        for key in keys:
            self.touch(f"key-{key}")
        self.touch("key-accept")

    def shown(self, names):
        found = [one.objectName() for one in below(self.stage.window.contentItem()) if one.isVisible()]
        return [name for name in found if name.startswith(names)]

    def words(self):
        return [one.property("text") for one in below(self.stage.window.contentItem()) if one.isVisible()]


def below(item):
    for child in item.childItems():
        yield child
        yield from below(child)


@pytest.fixture(scope="module")
def finger(qapp):
    return QTest.createTouchDevice()


@pytest.fixture
def visit(stage, finger):
    stage.set_surface(800, 480, 5.19)
    stage.window.show()
    pose(stage, "idle", Choices("vi"))
    visit = Visit(stage, finger)
    yield visit
    stage.forms.acted.disconnect(visit.desk.act)
    pose(stage, "idle", Choices("vi"))
    QGuiApplication.processEvents()


def declare(visit):
    visit.touch("offer-declaration")
    visit.type(["l", "e", " ", "a", "n", "h", "s"])
    visit.type("06051990")
    visit.type("0912345678")
    visit.touch("choice-none")
    visit.touch("formNext")
    visit.touch("choice-no")
    visit.touch("formNext")
    visit.touch("choice-no")
    visit.touch("formNext")


def test_a_visitor_without_a_code_declares_by_touch_alone(visit):
    declare(visit)
    assert "Le Ánh" in visit.words()
    visit.touch("formNext")
    visit.touch("formNext")
    assert visit.sent == [], "not before they agree"
    visit.touch("agree")
    visit.touch("formNext")
    assert visit.sent == [
        FormFilled(
            id=1, form="health-declaration", version="1", language="vi",
            answers={
                "name": ("Le Ánh",), "birth_date": ("1990-05-06",), "phone": ("+84912345678",), "symptoms": ("none",),
                "contact": ("no",), "travelled": ("no",),
            },
        )
    ]  # fmt: skip
    visit.page(Page.IDLE, FormTaken(id=1))
    assert visit.desk.filling is None
    assert not visit.stage.forms.property("shown")
    assert visit.shown("offer-") == ["offer-declaration", "offer-check_in"]


def test_the_keyboard_can_be_closed_and_opened_again(visit):
    visit.touch("offer-declaration")
    visit.touch("keyboardCancel")
    assert visit.stage.window.findChild(QQuickItem, "help").isVisible()
    visit.touch("typedAnswer")
    assert not visit.stage.window.findChild(QQuickItem, "help").isVisible(), "nothing is seen or heard below it"
    visit.type(["a"])
    assert catalogue("vi")["form.problem_no_name"] in visit.words()


def test_a_code_that_is_read_meanwhile_comes_first_and_no_answer_is_seen_after_it(visit):
    declare(visit)
    visit.page(Page.QR_READ)
    assert not visit.stage.forms.property("shown")
    visit.page(Page.IDLE)
    assert "Le Ánh" not in visit.words()
    assert catalogue("vi")["form.still_there"] in visit.words()
    visit.touch("formNext")
    assert "Le Ánh" in visit.words()


def test_everything_is_forgotten_once_nobody_is_there(visit):
    declare(visit)
    visit.now = IDLE_MS * MS
    visit.page(Page.IDLE)
    assert "Le Ánh" not in visit.words()
    visit.now += ASK_MS * MS
    visit.page(Page.IDLE)
    assert visit.desk.filling is None
    assert not visit.stage.forms.property("shown")


def test_typing_counts_as_being_there(visit):
    visit.touch("offer-declaration")
    visit.now = (IDLE_MS - 1) * MS
    visit.touch("key-l")
    visit.now = (2 * IDLE_MS - 2) * MS
    visit.page(Page.IDLE)
    assert catalogue("vi")["form.still_there"] not in visit.words()


def test_without_touch_keys_alone_lead_through(visit):
    visit.touch("offer-declaration")
    window = visit.stage.window
    for keys in ("le anhs", "06051990", "0912345678"):
        for key in keys:
            QTest.keyClick(window, key)
        QTest.keyClick(window, Qt.Key.Key_Return)
        settle(visit.stage)
    chosen = False
    for _ in range(12):
        QTest.keyClick(window, Qt.Key.Key_Tab)
        focused = window.activeFocusItem().objectName()
        if focused == "choice-none":
            QTest.keyClick(window, Qt.Key.Key_Space)
            chosen = True
        if focused == "formNext" and chosen:
            QTest.keyClick(window, Qt.Key.Key_Return)
            break
    settle(visit.stage)
    assert visit.desk.filling.answers["symptoms"] == ("none",)
    assert visit.desk.filling.at == "contact"


def test_an_answer_to_an_earlier_form_changes_nothing(visit):
    declare(visit)
    visit.touch("formNext")
    visit.touch("agree")
    visit.touch("formNext")
    visit.page(Page.IDLE, FormTaken(id=7, code="not_recorded"))
    assert catalogue("vi")["form.sending"] in visit.words()


def test_what_does_not_fit_is_a_touch_away(visit):
    declare(visit)
    visit.touch("moreChoices")
    assert visit.shown("choice-") == ["choice-symptoms", "choice-contact"]
    visit.touch("moreChoices")
    visit.touch("moreChoices")
    assert visit.shown("choice-") == ["choice-name", "choice-birth_date", "choice-phone"], "the first ones again"


def test_only_what_is_offered_can_be_opened_and_only_while_nobody_is_answered(visit):
    visit.desk.act("start", "no such")
    assert visit.desk.filling is None
    visit.page(Page.REFUSED)
    visit.desk.act("start", Purpose.DECLARATION)
    assert visit.desk.filling is None


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", POSED)
def test_every_page_has_its_words_in_every_language(name, language):
    filling = posed(name)
    view = show(filling, language, 0, kept=False)
    assert view.title
    assert view.back or view.next or view.stage == "sending"


@pytest.mark.parametrize("language", languages())
def test_every_problem_has_a_short_sentence(language):
    words = catalogue(language)
    for problem in Problem:
        assert 0 < len(words[f"form.problem_{problem}"]) <= 60


def test_where_nothing_is_kept_the_visitor_is_told_so():
    consent = posed("consent")
    assert show(consent, "en", 0, kept=False).hint == catalogue("en")["form.not_kept"]
    assert show(consent, "en", 0, kept=True).hint == ""


def test_a_language_that_the_form_lacks_is_shown_in_english():
    assert show(posed("many"), "fr", 0, kept=True).title == "In the last 14 days, did you have any of these?"


def test_answers_are_read_as_people_write_them():
    notes = {one.note: one.label for one in show(posed("review"), "vi", 0, kept=True).choices}
    assert notes["Ngày sinh"] == "06/05/1990"
    assert notes["Triệu chứng"] == "Không có triệu chứng nào"
    assert notes["Tiếp xúc người mắc bệnh"] == "Không"
