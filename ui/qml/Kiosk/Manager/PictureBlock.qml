pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// What the camera sees, mirrored as in a mirror, with the square that a code is held into.
Block {
    id: picture

    // What is said of the picture stands above and below it, and is to be seen with it.
    readonly property real tall: Math.max(Theme.mm(30), Math.min(picture.width * 3 / 4, picture.room * 0.6))

    implicitHeight: seen.height

    Rectangle {
        id: seen

        x: Math.round((picture.width - width) / 2)
        width: Math.round(picture.tall * 4 / 3)
        height: Math.round(picture.tall)
        radius: Theme.radius
        color: "#000000"
        Accessible.role: Accessible.Graphic
        Accessible.name: picture.block.text ?? ""

        PreviewItem {
            anchors.fill: parent
            anchors.margins: Theme.hairline
            visible: Visitor.previewAllowed
            radius: Theme.radius
            Accessible.ignored: true
        }

        Rectangle {
            anchors.centerIn: parent
            width: Math.round(parent.height * 0.6)
            height: width
            radius: Theme.radius
            color: "transparent"
            border.width: 2 * Theme.hairline
            border.color: "#ffffff"
        }
    }
}
