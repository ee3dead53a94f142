pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// Small, quiet: whose door this is, whether this is a demonstration, what staff should know. Beside it the corner with
// the time of day.
Item {
    id: bar

    // What the corner takes of the right end of the first line.
    required property size corner
    readonly property int pixels: Theme.capMm(Theme.smallestTextMm)
    readonly property real room: width - corner.width - Theme.gap
    readonly property real first: Math.max(Math.ceil(pixels * 1.25), mark.shown ? mark.height : 0, demoBelow || troubleBelow ? corner.height : 0)
    readonly property real demoX: mark.shown ? mark.width + Theme.margin : 0
    readonly property bool demoBelow: demo.visible && demoX + demo.width > room
    readonly property real troubleX: demo.visible && !demoBelow ? demoX + demo.width + Theme.margin : demo.visible ? demo.width + Theme.margin : demoX
    readonly property bool troubleBelow: trouble.visible && (demoBelow || troubleX + trouble.width > room)
    readonly property bool troubleLast: troubleBelow && demoBelow && troubleX + trouble.width > width

    implicitHeight: first + (demoBelow || troubleBelow ? pixels * 1.4 : 0) + (troubleLast ? pixels * 1.4 : 0)
    height: implicitHeight

    VenueMark {
        id: mark

        pixels: bar.pixels
        room: bar.room
    }

    Label {
        id: demo

        text: Visitor.labels.demo
        visible: text !== ""
        x: bar.demoBelow ? 0 : bar.demoX
        y: bar.demoBelow ? bar.first : 0
        color: Theme.accent
        font.pixelSize: bar.pixels
        font.weight: Font.Bold
    }

    Row {
        id: trouble

        visible: Visitor.statusText !== ""
        spacing: Theme.mm(1.2)
        x: bar.troubleLast || (bar.troubleBelow && !bar.demoBelow) ? 0 : bar.troubleX
        y: bar.troubleBelow ? bar.first + (bar.troubleLast ? demo.height : 0) : 0

        Icon {
            anchors.verticalCenter: parent.verticalCenter
            name: Visitor.statusIcon
            ink: Theme.soft
            width: Math.round(bar.pixels * 0.95)
            height: width
        }

        Label {
            text: Visitor.statusText
            color: Theme.soft
            font.pixelSize: bar.pixels
        }
    }
}
