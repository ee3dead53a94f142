pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Controls
import Kiosk.Theme

// How far something has got. Where that cannot be told, a part of the bar wanders.
Block {
    id: progress

    readonly property bool known: progress.block.part !== null && progress.block.part !== undefined
    readonly property real part: known ? progress.block.part : 0
    property real wander: 0

    implicitHeight: words.height + Theme.gap + track.height

    Label {
        id: words

        width: progress.width
        text: (progress.block.text ?? "") + (progress.known ? " " + Math.floor(100 * progress.part) + " %" : "")
        font.pixelSize: Theme.capMm(Theme.staffMm)
        font.weight: Font.Bold
    }

    Rectangle {
        id: track

        y: words.height + Theme.gap
        width: progress.width
        height: Theme.mm(5)
        radius: height / 2
        color: Theme.control
        border.width: Theme.hairline
        border.color: Theme.line
        Accessible.role: Accessible.ProgressBar
        Accessible.name: words.text

        Rectangle {
            x: progress.known ? 0 : progress.wander * (parent.width - width)
            width: progress.known ? Math.max(height, parent.width * progress.part) : parent.width * 0.25
            height: parent.height
            radius: height / 2
            color: Theme.accent
        }
    }

    SequentialAnimation on wander {
        running: !progress.known && progress.visible
        loops: Animation.Infinite

        NumberAnimation { from: 0; to: 1; duration: 1600; easing.type: Easing.InOutQuad }
        NumberAnimation { from: 1; to: 0; duration: 1600; easing.type: Easing.InOutQuad }
    }
}
