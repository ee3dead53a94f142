pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Theme

// The on-screen keyboard over a whole page: what is asked, what has been typed, and the keys. A real keyboard types as
// well. Opened by open(), it says accepted(text) or cancelled(), and then forgets what was typed.
//
// Ten keys of 12.7 mm with gaps of 2.54 mm are 150 mm wide; on a narrower glass each row of letters is broken into two.
Rectangle {
    id: keyboard

    // text, name, plain, email, phone, number, decimal, date (DDMMYYYY) or pin
    property string layout: "text"
    property string text
    property string title
    property string placeholder
    // A second sentence, where there is room for it.
    property string note
    // Why the last text could not be taken.
    property string error
    property bool secret: false
    property int maxLength: 0
    property string language: Visitor.language
    property string acceptText

    readonly property bool pad: typing.columns < 5
    readonly property bool portrait: height > 0.9 * width
    readonly property bool beside: keyboard.pad && !keyboard.portrait
    readonly property real least: 2.54 * Visitor.pixelsPerMm - 0.48
    readonly property bool narrow: width < 10 * Theme.target + 11 * least
    // 800 pixels of 7 inches are half a pixel short of ten whole gaps and both sides: there keys keep their width.
    readonly property real gap: Math.min(Theme.mm(2.54), (keysWidth - 2 * least - typing.columns * Theme.target) / (typing.columns - 1))
    readonly property real roomy: Math.floor((keysWidth - 2 * Theme.margin + gap) / typing.columns)
    readonly property real keysWidth: keyboard.beside ? width * 0.5 - Theme.mm(2.54) : width
    // A larger glass has larger keys, up to what one hand spans.
    readonly property real pitch: Math.max(Theme.target + gap, Math.min(roomy, Theme.mm(keyboard.pad ? 26 : 20) + gap))
    readonly property real keyHeight: Math.max(Theme.target, Math.min(Theme.mm(15), Math.floor((height * (keyboard.beside ? 0.92 : 0.66) + keyboard.gap) / typing.rows.length - keyboard.gap)))
    readonly property real keysHeight: typing.rows.length * (keyHeight + gap) - gap

    signal accepted(string text)
    signal cancelled()
    // Somebody is typing.
    signal used()

    function open() {
        typing.begin(keyboard.layout, keyboard.text, keyboard.narrow, keyboard.maxLength, keyboard.language);
        keyboard.forceActiveFocus();
    }

    function accept() {
        const typed = typing.text;
        typing.wipe();
        keyboard.accepted(typed);
    }

    function cancel() {
        typing.wipe();
        keyboard.cancelled();
    }

    function use(does: string, types: string) {
        if (does === "accept")
            keyboard.accept();
        else
            typing.press(does, types);
    }

    color: Theme.paper

    Accessible.role: Accessible.Dialog
    Accessible.name: keyboard.title

    Component.onCompleted: keyboard.open()
    onNarrowChanged: if (keyboard.activeFocus) typing.begin(keyboard.layout, typing.text, keyboard.narrow, keyboard.maxLength, keyboard.language)

    Keys.onReturnPressed: keyboard.accept()
    Keys.onEnterPressed: keyboard.accept()
    Keys.onEscapePressed: keyboard.cancel()
    Keys.onDeletePressed: typing.eraseAfter()
    Keys.onPressed: event => {
        switch (event.key) {
        case Qt.Key_Backspace: typing.press("erase", ""); break;
        case Qt.Key_Left: typing.press("left", ""); break;
        case Qt.Key_Right: typing.press("right", ""); break;
        case Qt.Key_Home: typing.moveTo(0); break;
        case Qt.Key_End: typing.moveTo(typing.text.length); break;
        default: event.accepted = typing.type(event.text); return;
        }
        event.accepted = true;
    }

    KeyboardState {
        id: typing

        onKeys_changed: bubble.over = null
        onChanged: keyboard.used()
    }

    // Nothing under the keyboard is touched.
    MouseArea {
        anchors.fill: parent
    }

    Item {
        id: top

        x: Theme.margin
        // Above letters the words may need all that is left of a small glass.
        y: keyboard.beside ? keys.y : keyboard.pad ? Theme.margin : Math.max(0, Math.min(Theme.margin, keys.y - keyboard.gap - Theme.target - title.implicitHeight))
        width: (keyboard.beside ? keys.x - 2 * keyboard.gap : keyboard.width - Theme.margin) - x
        height: keyboard.beside ? keys.height : keys.y - keyboard.gap - y

        Label {
            id: title

            objectName: "title"
            // Right above what is typed, which on a tall glass is far down.
            y: keyboard.beside ? 0 : Math.max(0, field.y - height - Math.round(Theme.gap / 2))
            width: parent.width
            visible: text !== ""
            text: keyboard.error !== "" ? keyboard.error : keyboard.title
            color: keyboard.error !== "" ? Theme.accent : Theme.ink
            font.weight: Font.Bold
            font.pixelSize: keyboard.pad
                ? Typography.column(keyboard.error || keyboard.title, [], width, top.height - Theme.target - Theme.gap - (keyboard.beside ? Theme.target + Theme.gap : 0), 0, Theme.capMm(Theme.textMm), Theme.capMm(Theme.smallestTextMm), 1, 1)[0]
                : Typography.row([text], width, Theme.capMm(Theme.textMm), Theme.capMm(Theme.smallestTextMm))
            Accessible.role: Accessible.Heading
        }

        Label {
            y: keyboard.beside ? field.y + field.height + Theme.gap : title.y - height - Math.round(Theme.gap / 2)
            width: parent.width
            visible: text !== "" && keyboard.error === "" && y >= 0 && (!keyboard.beside || y + height < close.y)
            text: keyboard.note
            color: Theme.soft
            font.pixelSize: Theme.capMm(Theme.smallestTextMm)
        }

        Rectangle {
            id: field

            objectName: "field"
            x: keyboard.beside ? 0 : close.width + keyboard.gap
            y: keyboard.beside ? Math.round(Math.min(title.implicitHeight + Theme.gap, parent.height - 2 * height - Theme.gap)) : parent.height - height
            width: parent.width - x
            height: Theme.target
            radius: Theme.radius
            color: Theme.control
            border.width: 2 * Theme.hairline
            border.color: Theme.accent

            TextInput {
                id: input

                objectName: "typed"
                anchors.fill: parent
                leftPadding: Theme.gap
                rightPadding: Theme.gap
                verticalAlignment: TextInput.AlignVCenter
                clip: true
                readOnly: true
                activeFocusOnPress: false
                cursorVisible: true
                text: typing.shown
                cursorPosition: typing.shownCursor
                echoMode: keyboard.secret ? TextInput.Password : TextInput.Normal
                color: Theme.ink
                font.pixelSize: Theme.capMm(Theme.smallestTextMm * 1.1)
                font.weight: Font.Bold
                Accessible.name: keyboard.title
                Accessible.description: keyboard.placeholder

                Label {
                    anchors.verticalCenter: parent.verticalCenter
                    x: Theme.gap + Theme.mm(1)
                    width: parent.width - 2 * x
                    visible: typing.text === "" && text !== ""
                    text: keyboard.placeholder
                    color: Theme.soft
                    elide: Text.ElideRight
                    wrapMode: Text.NoWrap
                    font.pixelSize: Theme.capMm(Theme.smallestTextMm)
                    Accessible.ignored: true
                }
            }

            TapHandler {
                gesturePolicy: TapHandler.ReleaseWithinBounds
                longPressThreshold: 0
                onTapped: point => typing.moveTo(input.positionAt(point.position.x, input.height / 2))
            }
        }

        KeyboardKey {
            id: close

            objectName: "keyboardCancel"
            y: keyboard.beside ? parent.height - height : field.y
            width: Theme.target
            height: Theme.target
            does: "cancel"
            types: ""
            name: typing.cancelName
            onUsed: keyboard.cancel()
        }
    }

    Column {
        id: keys

        x: keyboard.beside ? keyboard.width - width - Theme.margin : (keyboard.width - width) / 2
        y: keyboard.beside ? Math.round((keyboard.height - height) / 2) : keyboard.height - height - Math.round(keyboard.gap / 2)
        width: typing.columns * keyboard.pitch - keyboard.gap
        height: keyboard.keysHeight
        spacing: keyboard.gap

        Repeater {
            model: typing.rows

            Row {
                id: line

                required property var modelData

                spacing: keyboard.gap

                Repeater {
                    model: line.modelData

                    KeyboardKey {
                        id: key

                        required property var modelData

                        objectName: "key-" + (key.does === "type" ? key.types : key.does)
                        does: modelData.does
                        types: modelData.types
                        name: modelData.name
                        width: modelData.units * keyboard.pitch - keyboard.gap
                        height: keyboard.keyHeight
                        gap: keyboard.gap
                        shift: key.does === "type" && keyboard.pad ? 0 : typing.shift
                        on: key.does === "telex" ? typing.telex : key.does === "shift" && typing.shift > 0
                        secret: keyboard.secret
                        word: key.does === "accept" ? keyboard.acceptText || key.name : key.name
                        onUsed: keyboard.use(key.does, key.types)
                        onPressedByHandChanged: bubble.follow(key)
                    }
                }
            }
        }
    }

    // The letter under the finger, above it.
    Rectangle {
        id: bubble

        objectName: "bubble"
        property KeyboardKey over

        function follow(key: KeyboardKey) {
            if (key.pressedByHand && key.letter && !keyboard.secret)
                bubble.over = key;
            else if (bubble.over === key)
                bubble.over = null;
        }

        readonly property point place: over ? over.mapToItem(keyboard, 0, 0) : Qt.point(0, 0)

        visible: over !== null
        width: over ? over.width + 2 * keyboard.gap : 0
        height: over ? over.height * 1.3 : 0
        x: Math.min(Math.max(0, place.x - keyboard.gap), keyboard.width - width)
        y: Math.max(0, place.y - height - keyboard.gap)
        radius: Theme.radius
        color: Theme.ink

        Text {
            anchors.centerIn: parent
            text: bubble.over ? bubble.over.shown : ""
            color: Theme.paper
            font.pixelSize: Theme.capMm(Theme.smallestTextMm * 1.7)
            font.weight: Font.Bold
            textFormat: Text.PlainText
            Accessible.ignored: true
        }
    }
}
