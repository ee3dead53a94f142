pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// A sentence or two that stand out.
Block {
    id: notice

    readonly property var hues: notice.block.tone ? Theme.palettes[notice.block.tone] : Theme.colours
    readonly property var toneIcons: ({ good: "disc-tick", care: "triangle", bad: "octagon-cross" })

    implicitHeight: card.height

    Rectangle {
        id: card

        width: notice.width
        height: Math.max(words.height, shape.visible ? shape.height : 0) + 2 * Theme.mm(2.2)
        radius: Theme.radius
        color: notice.block.tone ? notice.hues.paper : Theme.control
        border.width: Visitor.highContrast ? Theme.hairline : 0
        border.color: Theme.line

        Icon {
            id: shape

            x: Theme.mm(2.6)
            anchors.verticalCenter: parent.verticalCenter
            visible: name !== ""
            name: notice.block.icon || (notice.toneIcons[notice.block.tone] ?? "")
            ink: notice.hues.ink
            paper: card.color
            width: Theme.mm(9)
            height: width
        }

        Column {
            id: words

            x: shape.visible ? shape.x + shape.width + Theme.gap : Theme.mm(3)
            anchors.verticalCenter: parent.verticalCenter
            width: card.width - x - Theme.mm(3)

            Label {
                width: parent.width
                visible: text !== ""
                text: notice.block.title ?? ""
                color: notice.hues.ink
                font.pixelSize: Theme.capMm(Theme.staffMm)
                font.weight: Font.Bold
            }

            Label {
                width: parent.width
                visible: text !== ""
                text: notice.block.text ?? ""
                color: notice.hues.ink
                font.pixelSize: Theme.capMm(Theme.staffMm)
            }
        }
    }
}
