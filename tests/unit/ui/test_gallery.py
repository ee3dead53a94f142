"""The page to look through all pictures."""

import numpy as np

from kiosk.testing.gallery import browser_page, contact_sheet, exhibit, shrunk


def grey(height, width):
    return np.full((height, width, 3), 128, np.uint8)


def test_the_page_holds_each_picture_once_with_its_marks():
    marks = {"glass": "800x480", "language": "vi"}
    page = browser_page([exhibit("idle", "pictures/idle.png", marks, grey(480, 800))])
    assert page.count("data:image/jpeg;base64,") == 1
    assert 'data-glass="800x480" data-language="vi"' in page
    assert 'href="pictures/idle.png"' in page


def test_a_title_is_never_markup():
    page = browser_page([exhibit('<script>"', "x.png", {"part": "a&b"}, grey(10, 10))])
    assert "&lt;script&gt;&quot;" in page
    assert 'value="a&amp;b"' in page


def test_small_pictures_are_not_made_larger():
    assert shrunk(grey(30, 40), 420).shape == (30, 40, 3)
    assert shrunk(grey(480, 800), 400).shape == (240, 400, 3)


def test_a_sheet_has_room_for_all():
    sheet = contact_sheet([grey(48, 80)] * 5, columns=2, width=40)
    assert sheet.shape == (3 * (24 + 12) + 12, 2 * (40 + 12) + 12, 3)
