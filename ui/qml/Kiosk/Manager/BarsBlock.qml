pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// A chart of bars. Upright ones stand for hours: labels below as many as there is room for, the largest value above its
// bar. Lying ones have their label above and their value at the end.
Block {
    id: bars

    readonly property var items: bars.block.items ?? []
    readonly property real greatest: items.reduce((most, item) => Math.max(most, item.value), 0)
    readonly property int pixels: Theme.capMm(Theme.smallestTextMm)

    implicitHeight: column.height

    Column {
        id: column

        width: bars.width
        spacing: Theme.gap

        Label {
            width: bars.width
            visible: text !== ""
            text: bars.block.title ?? ""
            font.pixelSize: Theme.capMm(Theme.staffMm)
            font.weight: Font.Bold
            Accessible.role: Accessible.Heading
        }

        Label {
            width: bars.width
            visible: bars.items.length === 0 && text !== ""
            text: bars.block.empty ?? ""
            color: Theme.soft
            font.pixelSize: Theme.capMm(Theme.staffMm)
        }

        Loader {
            width: bars.width
            active: bars.items.length > 0
            visible: active
            sourceComponent: bars.block.upright ? standing : lying
        }
    }

    Component {
        id: standing

        Item {
            id: chart

            readonly property real pitch: width / bars.items.length
            readonly property real tall: Theme.mm(26)
            readonly property real above: bars.pixels * 1.4
            // Every first, second, third … label, so that they do not touch.
            readonly property int every: Math.max(1, Math.ceil(widest.implicitWidth * 1.35 / pitch))

            height: above + tall + bars.pixels * 1.5

            Text {
                id: widest

                visible: false
                text: "00"
                font.pixelSize: bars.pixels
            }

            Rectangle {
                y: chart.above + chart.tall
                width: chart.width
                height: Theme.hairline
                color: Theme.ink
            }

            Repeater {
                model: bars.items

                Item {
                    id: bar

                    required property var modelData
                    required property int index
                    readonly property real high: bars.greatest > 0 ? Math.round(chart.tall * modelData.value / bars.greatest) : 0
                    readonly property bool greatest: modelData.value > 0 && bars.items.findIndex(item => item.value === bars.greatest) === index

                    x: Math.round(index * chart.pitch)
                    width: Math.round((index + 1) * chart.pitch) - x
                    height: chart.height
                    Accessible.role: Accessible.Graphic
                    Accessible.name: modelData.label + ": " + (modelData.text || modelData.value)

                    Rectangle {
                        x: Math.round(bar.width * 0.12)
                        y: chart.above + chart.tall - bar.high
                        width: bar.width - 2 * x
                        height: bar.high
                        color: Theme.accent
                    }

                    Text {
                        x: Math.round(Math.max(-bar.x, Math.min(chart.width - bar.x - width, (bar.width - width) / 2)))
                        y: chart.above + chart.tall - bar.high - height
                        visible: bar.greatest
                        text: bar.modelData.text || bar.modelData.value
                        color: Theme.ink
                        font.pixelSize: bars.pixels
                        font.weight: Font.Bold
                        Accessible.role: Accessible.StaticText
                        Accessible.name: text
                        textFormat: Text.PlainText
                    }

                    Text {
                        x: Math.round(Math.max(-bar.x, Math.min(chart.width - bar.x - width, (bar.width - width) / 2)))
                        y: chart.above + chart.tall + Theme.mm(1)
                        visible: bar.index % chart.every === 0
                        text: bar.modelData.label
                        color: Theme.ink
                        font.pixelSize: bars.pixels
                        Accessible.role: Accessible.StaticText
                        Accessible.name: text
                        textFormat: Text.PlainText
                    }
                }
            }
        }
    }

    Component {
        id: lying

        Column {
            spacing: Theme.mm(1.6)

            Repeater {
                model: bars.items

                Item {
                    id: line

                    required property var modelData

                    width: bars.width
                    height: label.height + Theme.mm(1) + Theme.mm(3)

                    Text {
                        id: label

                        width: line.width - number.width - Theme.gap
                        text: line.modelData.label
                        color: Theme.ink
                        font.pixelSize: bars.pixels
                        wrapMode: Text.WordWrap
                        Accessible.role: Accessible.StaticText
                        Accessible.name: text
                        textFormat: Text.PlainText
                    }

                    Text {
                        id: number

                        x: line.width - width
                        text: line.modelData.text || line.modelData.value
                        color: Theme.ink
                        font.pixelSize: bars.pixels
                        font.weight: Font.Bold
                        Accessible.role: Accessible.StaticText
                        Accessible.name: text
                        textFormat: Text.PlainText
                    }

                    Rectangle {
                        y: label.height + Theme.mm(1)
                        width: line.width
                        height: Theme.mm(3)
                        radius: height / 2
                        color: Theme.control
                        border.width: Visitor.highContrast ? 1 : 0
                        border.color: Theme.line

                        Rectangle {
                            width: bars.greatest > 0 ? Math.max(height, Math.round(parent.width * line.modelData.value / bars.greatest)) : 0
                            height: parent.height
                            radius: height / 2
                            color: Theme.accent
                        }
                    }
                }
            }
        }
    }
}
