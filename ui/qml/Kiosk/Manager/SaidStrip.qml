pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// One sentence: what was done, or why not. Read out when it appears.
Rectangle {
    id: strip

    readonly property bool busy: Manager.said === "" && Manager.busy
    readonly property var hues: Theme.palettes[busy ? "calm" : Manager.saidGood ? "good" : "care"]

    visible: Manager.said !== "" || busy
    height: visible ? Math.max(words.height, shape.height) + 2 * Theme.mm(1.6) : 0
    radius: Theme.radius
    color: hues.paper
    border.width: busy ? Theme.hairline : 0
    border.color: hues.line
    Accessible.role: Accessible.AlertMessage
    Accessible.name: words.text
    Accessible.ignored: !visible

    Icon {
        id: shape

        x: Theme.gap
        anchors.verticalCenter: parent.verticalCenter
        name: strip.busy ? "hourglass" : Manager.saidGood ? "disc-tick" : "triangle"
        ink: strip.hues.ink
        paper: strip.hues.paper
        width: Theme.mm(6.4)
        height: width
    }

    Label {
        id: words

        x: shape.x + shape.width + Theme.gap
        anchors.verticalCenter: parent.verticalCenter
        width: strip.width - x - Theme.gap
        text: strip.busy ? Manager.labels.busy ?? "" : Manager.said
        color: strip.hues.ink
        font.pixelSize: Theme.capMm(Theme.staffMm)
        font.weight: Font.Bold
    }
}
