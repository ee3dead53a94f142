pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// Small, quiet: whether this is a demonstration, what staff should know.
Item {
    id: bar

    readonly property bool wraps: trouble.visible && (demo.visible ? demo.width + Theme.margin : 0) + trouble.width > width
    readonly property int pixels: Theme.capMm(Theme.smallestTextMm)

    implicitHeight: Math.ceil(line.height) + (wraps ? trouble.height : 0)
    height: implicitHeight

    FontMetrics {
        id: line

        font.family: demo.font.family
        font.pixelSize: bar.pixels
    }

    Label {
        id: demo

        text: Visitor.labels.demo
        visible: text !== ""
        color: Theme.accent
        font.pixelSize: bar.pixels
        font.weight: Font.Bold
    }

    Row {
        id: trouble

        visible: Visitor.statusText !== ""
        spacing: Theme.mm(1.2)
        x: demo.visible && !bar.wraps ? demo.width + Theme.margin : 0
        y: bar.wraps ? Math.ceil(line.height) : 0

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
