pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Controls
import Kiosk.Theme

// A button with a drawing, a word or both. Its word wraps where it must.
Press {
    id: button

    property string icon
    property string text
    property string hint
    // The most that it may take; its words wrap within that.
    property real most: 1e6
    readonly property int pixels: Theme.capMm(Theme.staffMm)
    readonly property int iconSize: Math.round(Theme.target * 0.5)
    readonly property int padding: Theme.mm(2.2)
    readonly property real beside: 2 * padding + (button.icon ? iconSize + (button.text ? Theme.mm(1.6) : 0) : 0)

    name: button.hint ? button.text + ", " + button.hint : button.text
    implicitWidth: Math.min(most, Math.max(Theme.target, beside + natural.implicitWidth + 1))
    implicitHeight: Math.max(Theme.target, button.text ? words.height + 2 * Theme.mm(1.4) : 0)

    // What the words take on one line.
    Text {
        id: natural

        visible: false
        text: button.text
        font.pixelSize: button.pixels
        font.weight: Font.Bold
        textFormat: Text.PlainText
    }

    Icon {
        id: shape

        anchors.verticalCenter: parent.verticalCenter
        x: button.text ? Math.round((button.width - button.beside - words.width) / 2) + button.padding : Math.round((button.width - width) / 2)
        visible: button.icon !== ""
        name: button.icon
        ink: button.ink
        paper: button.color
        width: button.iconSize
        height: button.iconSize
    }

    Text {
        id: words

        anchors.verticalCenter: parent.verticalCenter
        x: Math.round((button.width - button.beside - width) / 2) + button.beside - button.padding
        width: Math.min(natural.implicitWidth + 1, button.width - button.beside)
        visible: text !== ""
        text: button.text
        color: button.ink
        font.pixelSize: button.pixels
        font.weight: Font.Bold
        wrapMode: Text.WordWrap
        horizontalAlignment: Text.AlignHCenter
        textFormat: Text.PlainText
        Accessible.ignored: true
    }
}
