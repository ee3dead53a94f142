pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Controls
import Kiosk.Theme

// One answer to choose: a round mark for one of them, a square one for several; chosen it has a tick and is filled. In
// the review it has the question above it, and no mark.
Rectangle {
    id: choice

    property string text
    property string note
    property bool marked: true
    property bool many: false
    property bool on: false
    property int pixelSize: Theme.capMm(Theme.smallestTextMm)
    property string name: note !== "" ? note + ": " + text : text
    readonly property int padding: Theme.mm(2)

    signal pressed()

    implicitHeight: Math.max(Theme.target, words.implicitHeight + 2 * Theme.mm(1))
    radius: Theme.radius
    color: choice.on ? Theme.ink : Theme.control
    border.width: Theme.hairline
    border.color: tap.pressed || choice.on ? Theme.ink : Theme.line

    Accessible.role: !choice.marked ? Accessible.Button : choice.many ? Accessible.CheckBox : Accessible.RadioButton
    Accessible.name: choice.name
    Accessible.checkable: choice.marked
    Accessible.checked: choice.on
    Accessible.focusable: true
    Accessible.onPressAction: choice.pressed()
    activeFocusOnTab: true
    Keys.onReturnPressed: choice.pressed()
    Keys.onEnterPressed: choice.pressed()
    Keys.onSpacePressed: choice.pressed()

    FocusRing {
        shown: choice.activeFocus
    }

    Rectangle {
        id: mark

        anchors.verticalCenter: parent.verticalCenter
        x: choice.padding
        visible: choice.marked
        width: Theme.mm(6)
        height: width
        radius: choice.many ? Theme.mm(1) : width / 2
        color: choice.on ? Theme.paper : "transparent"
        border.width: 2 * Theme.hairline
        border.color: choice.on ? Theme.paper : Theme.soft

        Icon {
            anchors.centerIn: parent
            visible: choice.on
            name: "key-accept"
            ink: Theme.ink
            width: Math.round(mark.width * 0.75)
            height: width
        }
    }

    Column {
        id: words

        anchors.verticalCenter: parent.verticalCenter
        x: choice.padding + (choice.marked ? mark.width + Theme.gap : 0)
        width: parent.width - x - choice.padding

        Text {
            width: parent.width
            visible: choice.note !== ""
            text: choice.note
            color: Theme.soft
            font.pixelSize: Theme.capMm(Theme.smallestTextMm)
            wrapMode: Text.WordWrap
            textFormat: Text.PlainText
            Accessible.ignored: true
        }

        Text {
            width: parent.width
            text: choice.text
            color: choice.on ? Theme.paper : Theme.ink
            font.pixelSize: choice.pixelSize
            font.weight: Font.Bold
            // What a visitor has typed may have no space to break at.
            wrapMode: choice.marked ? Text.WordWrap : Text.Wrap
            // And it may be long: what is cut is whole for those who listen, and on the keyboard.
            maximumLineCount: choice.marked ? 100 : 4
            elide: Text.ElideRight
            textFormat: Text.PlainText
            Accessible.ignored: true
        }
    }

    TapHandler {
        id: tap

        gesturePolicy: TapHandler.ReleaseWithinBounds
        longPressThreshold: 0
        onTapped: choice.pressed()
    }
}
