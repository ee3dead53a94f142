pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// A list. A line that can be touched has an arrow at its end. Ids and names may have no space to break at.
Block {
    id: rows

    readonly property var items: rows.block.items ?? []
    readonly property int pixels: Theme.capMm(Theme.staffMm)
    readonly property var toneIcons: ({ good: "disc-tick", care: "triangle", bad: "octagon-cross" })

    implicitHeight: list.height

    Column {
        id: list

        width: rows.width
        spacing: Theme.gap

        Label {
            width: rows.width
            visible: text !== ""
            text: rows.block.title ?? ""
            font.pixelSize: rows.pixels
            font.weight: Font.Bold
            Accessible.role: Accessible.Heading
        }

        Label {
            width: rows.width
            visible: rows.items.length === 0 && text !== ""
            text: rows.block.empty ?? ""
            color: Theme.soft
            font.pixelSize: rows.pixels
        }

        Repeater {
            model: rows.items

            Press {
                id: line

                required property var modelData
                readonly property string shapeName: modelData.icon || (rows.toneIcons[modelData.tone] ?? "")
                readonly property real side: value.visible ? value.width + Theme.gap : 0
                // A long value, and one beside a word that cannot be wrapped, stands below.
                readonly property bool wraps: side > width * 0.45 || (!modelData.title.includes(" ") && caption.implicitWidth + side > end - words.x)
                readonly property real end: width - Theme.mm(2.2) - (arrow.visible ? arrow.width + Theme.gap : 0)

                width: rows.width
                height: Math.max(Theme.target, words.height + 2 * Theme.mm(1.6))
                enabled: modelData.id !== ""
                color: Theme.control
                border.width: activeFocus ? 2 * Theme.hairline : down || Visitor.highContrast ? Theme.hairline : 0
                name: [modelData.title, modelData.detail, modelData.value].filter(text => text !== "").join(", ")
                Accessible.role: modelData.id ? Accessible.Button : Accessible.ListItem
                onPressed: Manager.act(modelData.id)

                Rectangle {
                    visible: line.modelData.tone !== ""
                    width: Theme.mm(1.4)
                    height: line.height
                    radius: Math.min(width / 2, Theme.radius)
                    color: line.modelData.tone ? Theme.palettes[line.modelData.tone].paper : "transparent"
                    border.width: Visitor.highContrast ? Theme.hairline : 0
                    border.color: Theme.ink
                }

                Icon {
                    id: shape

                    x: Theme.mm(2.6)
                    y: Math.round((line.height - height) / 2)
                    visible: name !== ""
                    name: line.shapeName
                    ink: Theme.ink
                    paper: line.color
                    width: Theme.mm(6.4)
                    height: width
                }

                Column {
                    id: words

                    x: shape.visible ? shape.x + shape.width + Theme.gap : Theme.mm(3)
                    y: Math.round((line.height - height) / 2)
                    width: line.end - x - (line.wraps ? 0 : line.side)

                    Text {
                        id: caption

                        width: parent.width
                        text: line.modelData.title
                        color: Theme.ink
                        font.pixelSize: rows.pixels
                        font.weight: Font.Bold
                        wrapMode: Text.Wrap
                        textFormat: Text.PlainText
                        Accessible.ignored: true
                    }

                    Text {
                        width: parent.width
                        visible: text !== ""
                        text: line.modelData.detail
                        color: Theme.ink
                        font.pixelSize: Theme.capMm(Theme.smallestTextMm)
                        font.weight: Font.Medium
                        wrapMode: Text.Wrap
                        textFormat: Text.PlainText
                        Accessible.ignored: true
                    }

                    Text {
                        width: parent.width
                        visible: line.wraps && text !== ""
                        text: line.modelData.value
                        color: Theme.ink
                        font.pixelSize: rows.pixels
                        font.weight: Font.Medium
                        wrapMode: Text.Wrap
                        textFormat: Text.PlainText
                        Accessible.ignored: true
                    }
                }

                Text {
                    id: value

                    x: line.end - width
                    anchors.verticalCenter: parent.verticalCenter
                    visible: text !== ""
                    opacity: line.wraps ? 0 : 1
                    text: line.modelData.value
                    color: Theme.ink
                    font.pixelSize: rows.pixels
                    font.weight: Font.Bold
                    textFormat: Text.PlainText
                    Accessible.ignored: true
                }

                Icon {
                    id: arrow

                    x: line.width - width - Theme.mm(2.2)
                    y: Math.round((line.height - height) / 2)
                    visible: line.modelData.id !== ""
                    name: "arrow-right"
                    ink: Theme.ink
                    paper: line.color
                    width: Theme.mm(4.4)
                    height: width
                }
            }
        }

        Row {
            visible: (rows.block.newer ?? "") !== "" || (rows.block.older ?? "") !== ""
            spacing: Theme.gap

            PressButton {
                visible: (rows.block.newer ?? "") !== ""
                icon: "arrow-left"
                text: Manager.labels.newer ?? ""
                onPressed: {
                    Manager.act(rows.block.newer);
                    rows.turned();
                }
            }

            PressButton {
                visible: (rows.block.older ?? "") !== ""
                icon: "arrow-right"
                text: Manager.labels.older ?? ""
                onPressed: {
                    Manager.act(rows.block.older);
                    rows.turned();
                }
            }
        }
    }
}
