"""Telex: what people type, and what they expect to read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.keyboard.syllables import RHYMES, can_become
from ui.keyboard.telex import Word, compose, spell

WORDS = """
a=a af=à as=á ar=ả ax=ã aj=ạ aw=ă awf=ằ aws=ắ awr=ẳ awx=ẵ awj=ặ aa=â aaf=ầ aas=ấ aar=ẩ aax=ẫ aaj=ậ
e=e ef=è es=é er=ẻ ex=ẽ ej=ẹ ee=ê eef=ề ees=ế eer=ể eex=ễ eej=ệ i=i if=ì is=í ir=ỉ ix=ĩ ij=ị
o=o of=ò os=ó or=ỏ ox=õ oj=ọ oo=ô oof=ồ oos=ố oor=ổ oox=ỗ ooj=ộ ow=ơ owf=ờ ows=ớ owr=ở owx=ỡ owj=ợ
u=u uf=ù us=ú ur=ủ ux=ũ uj=ụ uw=ư uwf=ừ uws=ứ uwr=ử uwx=ữ uwj=ự y=y yf=ỳ ys=ý yr=ỷ yx=ỹ yj=ỵ dd=đ
tieengs=tiếng vieetj=việt nam=nam nguyeenx=nguyễn traanf=trần lee=lê phamj=phạm hoangf=hoàng phan=phan vux=vũ
ddawngj=đặng buif=bùi ddoox=đỗ hoof=hồ ngoo=ngô duwowng=dương lys=lý ddoanf=đoàn ddinhf=đình
thij=thị vawn=văn anhs=ánh hungf=hùng dungx=dũng thuyr=thủy thuys=thúy hoaf=hòa khoer=khỏe hueej=huệ quys=quý
quoocs=quốc quyeenf=quyền quynhf=quỳnh quas=quá quaan=quân gif=gì gian=gian giaf=già giaays=giấy giuwowngf=giường
gieengx=giễng gieengs=giếng gias=giá giowf=giờ thuowr=thuở thuowngf=thường huow=huơ huowu=hươu huowngs=hướng khuya=khuya
khuyur=khuỷu nghieengf=nghiềng ngoafi=ngoài ngoaif=ngoài xoay=xoay xoays=xoáy loawts=loắt hoawcj=hoặc toans=toán
tuaans=tuấn tuaanf=tuần thuees=thuế uyeen=uyên truyeenj=truyện tuyeets=tuyết huyts=huýt suyt=suyt
yeeu=yêu yeens=yến yeets=yết ieeu=iêu chieeuf=chiều rieeng=riêng nghieepj=nghiệp kieems=kiếm ddieenj=điện
muoonj=muộn nuwowcs=nước uowcs=ước luwowt=lươt luowngj=lượng truwowcs=trước dduwowcj=được dduowcj=được
nguwowif=người nguwowfi=người muwowif=mười tuwowi=tươi ruwowuj=rượu buwowus=bướu cuoois=cuối chuoois=chuối
mua=mua mwa=mưa muwa=mưa muaw=mưa luwax=lữa cuwar=cửa cuawr=cửa xuaan=xuân suwar=sửa nhw=như tw=tư hw=hư
sowr=sở bowir=bởi trowif=trời mowis=mới thowfi=thời caau=câu caauf=cầu laaus=lấu maays=mấy tayx=tãy xaay=xây
ddaats=đất ddeems=đếm theem=thêm benhj=bẹnh beenhj=bệnh sachj=sạch sachs=sách xanhs=xánh kichj=kịch binhf=bình
ngh=ngh nghir=nghỉ nghix=nghĩ nghe=nghe khongo=không ddif=đì ddi=đi dangd=đang dungd=đung sotos=sốt hoong=hông
trieeuj=triệu chuwngs=chứng sowts=sớt soots=sốt ho=ho khos=khó thowr=thở khacs=khác ddau=đau
DDAWKS=ĐẮK ddawks=đắk Lawks=Lắk Kroong=Krông Buks=Búk DDH=ĐH SDDT=SĐT Nguyeenx=Nguyễn NGUYEENX=NGUYỄN Aan=Ân DDoox=Đỗ
""".split()  # noqa: SIM905, a table is read more easily so


@pytest.mark.parametrize("pair", WORDS)
def test_what_is_typed_reads_as_it_should(pair):
    keys, _, word = pair.partition("=")
    assert compose(keys).text == word


@pytest.mark.parametrize(
    "word", ["windows", "text", "banana", "museum", "wifi", "class", "kfc", "vinfast", "Qatar", "mocx", "zoom"]
)
def test_what_is_no_vietnamese_syllable_is_left_as_it_was_typed(word):
    assert compose(word).text == word


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("aaa", "aa"), ("eee", "ee"), ("xooong", "xoong"), ("ddd", "dd"), ("aww", "aw"), ("oww", "ow"), ("uww", "uw"),
        ("ww", "w"), ("nhww", "nhw"), ("duoww", "duow"), ("ass", "as"), ("caff", "caf"),
        ("tooss", "tôs"), ("AAA", "AA"), ("hoaff", "hoaf"),
    ],
)  # fmt: skip
def test_the_same_key_again_takes_back_what_it_did(keys, text):
    assert compose(keys).text == text


def test_after_that_the_word_is_left_alone():
    assert compose("aaas").text == "aas"
    assert compose("www").text == "ww"
    assert compose("asss").text == "ass"


def test_another_tone_takes_the_place_of_the_first_and_z_takes_it_away():
    assert compose("hoasf").text == "hòa"
    assert compose("hoasz").text == "hoa"
    assert compose("hoaz").text == "hoaz"


def test_another_mark_takes_the_place_of_the_first():
    assert compose("caaw").text == "că"
    assert compose("cawa").text == "câ"
    assert compose("muoonw").text == "mươn"
    assert compose("muwowno").text == "muôn"


@pytest.mark.parametrize("keys", ["tuongwf", "tuwongf", "tuwowngf", "tuowngf", "tuowfng", "tfuowng", "tuongfw"])
def test_marks_and_tones_may_come_anywhere_after_their_vowel(keys):
    assert compose(keys).text == ("tường" if keys != "tfuowng" else "tfuowng")


@pytest.mark.parametrize(
    ("bare", "word"),
    [
        ("hoa", "hòa"), ("toan", "toàn"), ("khoe", "khòe"), ("thuy", "thùy"), ("huynh", "huỳnh"), ("quy", "quỳ"),
        ("mua", "mùa"), ("mia", "mìa"), ("gia", "già"), ("ngoai", "ngoài"), ("khuyu", "khuỳu"), ("cao", "cào"),
    ],
)  # fmt: skip
def test_the_tone_stands_where_identity_cards_have_it(bare, word):
    assert compose(bare + "f").text == word


def test_the_tone_moves_on_as_the_syllable_grows():
    assert [compose("hoafng"[:end]).text for end in range(3, 7)] == ["hoa", "hòa", "hoàn", "hoàng"]


def test_before_a_stop_only_sharp_and_heavy_are_heard():
    assert compose("tets").text == "tét"
    assert compose("tetj").text == "tẹt"
    assert compose("tetf").text == "tetf"


def test_each_letter_keeps_its_case():
    assert compose("NGuyeenX").text == "NGuyễn"
    assert compose("DdAwNgj").text == "ĐẶNg"


@pytest.mark.parametrize("word", ["nguyễn", "ĐẶNG", "Hòa", "thuở", "giường", "quốc", "khuỷu", "Krông"])
def test_a_word_can_be_typed_on_when_the_cursor_comes_back_to_it(word):
    assert Word.of(word).text == word
    assert Word.of(word).literal is None


def test_a_word_that_telex_would_not_have_made_is_left_alone():
    assert Word.of("class").press("s").text == "classs"
    assert Word.of("hoà").press("s").text == "hoàs"


syllables = st.builds(
    lambda start, rhyme, tone: (start + rhyme, tone),
    st.sampled_from(["", "b", "ch", "đ", "h", "kh", "l", "m", "ng", "nh", "ph", "t", "th", "tr", "v", "x"]),
    st.sampled_from(sorted(RHYMES)),
    st.sampled_from(["", "s", "f", "r", "x", "j"]),
).filter(lambda one: can_become(*one))


@given(syllables)
def test_every_syllable_can_be_typed(syllable):
    letters, tone = syllable
    word = compose(spell(letters) + tone)
    assert word.literal is None
    assert (word.letters, word.tone) == (letters, tone)
    assert compose(spell(word.text)).text == word.text


@given(st.text("abcdefghijklmnopqrstuvwxyzABCDEFW", max_size=12))
def test_no_keys_break_it_and_none_adds_more_than_a_letter(keys):
    text = ""
    for end in range(1, len(keys) + 1):
        after = compose(keys[:end]).text
        assert len(after) <= end
        assert after.isalpha()
        text = after
    assert len(text) <= len(keys)
