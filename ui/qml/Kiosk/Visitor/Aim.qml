pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// Where to hold the code, or the face: the camera picture with an outline to aim at, or a drawing.
Item {
    id: aim

    readonly property bool face: Visitor.page === "align"
    readonly property real labelWidth: here.visible ? here.implicitWidth : 0
    readonly property real labelHeight: here.visible ? here.height + Theme.gap : 0
    // Both are gone for a moment while everything is taken down.
    readonly property bool live: Boolean(Visitor.preview && picture?.live)
    readonly property real frameWidth: live ? Math.min(width, (height - labelHeight) * 4 / 3) : width

    Row {
        id: here

        anchors.horizontalCenter: parent.horizontalCenter
        visible: Visitor.labels.showHere !== ""
        spacing: Theme.mm(1.4)

        Icon {
            anchors.verticalCenter: parent.verticalCenter
            name: "arrow-up"
            ink: Theme.accent
            width: Math.round(words.font.pixelSize * 0.9)
            height: width
        }

        Label {
            id: words

            text: Visitor.labels.showHere
            color: Theme.accent
            font.pixelSize: Theme.capMm(Theme.smallestTextMm)
            font.weight: Font.Bold
        }
    }

    Rectangle {
        id: frame

        anchors.horizontalCenter: parent.horizontalCenter
        y: aim.labelHeight
        width: Math.round(aim.frameWidth)
        height: aim.height - y
        radius: 2 * Theme.radius
        color: Theme.control
        border.width: Theme.hairline
        border.color: Theme.line

        Icon {
            anchors.centerIn: parent
            visible: !aim.live
            name: aim.face ? "person" : "phone"
            ink: Theme.accent
            height: Math.round(frame.height * 0.86)
            width: Math.round(height * (aim.face ? 1 : 0.6))
        }

        PreviewItem {
            id: picture

            anchors.fill: parent
            visible: Visitor.preview
            radius: frame.radius
            Accessible.ignored: true
        }

        Item {
            id: outline

            readonly property real side: Math.round(Math.min(parent.width, parent.height) * 0.66)

            anchors.centerIn: parent
            width: side
            height: side
            visible: aim.live && !aim.face

            Repeater {
                model: 4

                Item {
                    id: corner

                    required property int index

                    anchors.centerIn: parent
                    width: outline.side
                    height: outline.side
                    rotation: 90 * index

                    Rectangle { width: outline.side / 4; height: Theme.mm(1); radius: height / 2; color: "#ffffff" }
                    Rectangle { width: Theme.mm(1); height: outline.side / 4; radius: width / 2; color: "#ffffff" }
                }
            }
        }

        // An oval, as high as a head fills the picture well; white with a dark rim, so that any ground shows it.
        Repeater {
            model: [{ edge: Theme.mm(1.6), tint: "#0e2438" }, { edge: Theme.mm(0.9), tint: "#ffffff" }]

            Rectangle {
                required property var modelData

                anchors.centerIn: parent
                visible: aim.live && aim.face
                height: Math.round(frame.height * 0.8)
                width: Math.round(height * 0.74)
                radius: width / 2
                color: "transparent"
                border.width: modelData.edge
                border.color: modelData.tint
            }
        }
    }
}
