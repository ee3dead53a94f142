pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// Numbers on cards, as many beside each other as there is room for.
Block {
    id: figures

    readonly property var items: figures.block.items ?? []
    readonly property int most: Math.max(1, Math.min(items.length, Math.floor((width + Theme.gap) / (Theme.mm(7.7 * Theme.smallestTextMm) + Theme.gap))))
    // As many in each line.
    readonly property int columns: Math.max(1, Math.ceil(items.length / Math.max(1, Math.ceil(items.length / most))))
    readonly property real card: Math.floor((width + Theme.gap) / columns) - Theme.gap

    implicitHeight: grid.height

    Grid {
        id: grid

        columns: figures.columns
        spacing: Theme.gap

        Repeater {
            id: cards

            model: figures.items

            Rectangle {
                id: card

                required property var modelData
                readonly property var hues: modelData.tone ? Theme.palettes[modelData.tone] : Theme.colours

                width: figures.card
                height: {
                    let tallest = 0;
                    for (let n = 0; n < cards.count; n++)
                        tallest = Math.max(tallest, (cards.itemAt(n) as Item)?.implicitHeight ?? 0);
                    return tallest;
                }
                implicitHeight: words.height + 2 * Theme.mm(2)
                radius: Theme.radius
                color: modelData.tone ? hues.paper : Theme.control
                border.width: Visitor.highContrast ? Theme.hairline : 0
                border.color: Theme.line

                Column {
                    id: words

                    x: Theme.mm(2.4)
                    y: Theme.mm(2)
                    width: card.width - 2 * x

                    Label {
                        width: parent.width
                        text: card.modelData.label
                        color: card.hues.ink
                        font.pixelSize: Theme.capMm(Theme.smallestTextMm)
                    }

                    Label {
                        width: parent.width
                        text: card.modelData.value
                        color: card.hues.ink
                        font.pixelSize: Theme.capMm(Theme.smallestTitleMm * 1.3)
                        font.weight: Font.Bold
                    }

                    Label {
                        width: parent.width
                        visible: text !== ""
                        text: card.modelData.note
                        color: card.hues.ink
                        font.pixelSize: Theme.capMm(Theme.smallestTextMm)
                    }
                }
            }
        }
    }
}
