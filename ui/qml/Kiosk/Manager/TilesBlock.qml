pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// Large controls with a drawing and a word each, in equal columns.
Block {
    id: tiles

    readonly property var items: tiles.block.items ?? []
    readonly property int pixels: Theme.capMm(Theme.staffMm)
    readonly property real swell: Theme.staffMm / 4.8
    readonly property int upright: Math.max(1, Math.floor((width + Theme.gap) / (Theme.mm(36 * swell) + Theme.gap)))
    // Where not all of them fit as upright tiles, the drawing stands beside the word, and there is more on a page.
    readonly property bool tight: Math.ceil(items.length / upright) * (Theme.mm(30 * swell) + Theme.gap) > room
    readonly property int columns: tight ? Math.max(1, Math.floor((width + Theme.gap) / (Theme.mm(44 * swell) + Theme.gap))) : upright
    readonly property real wide: Math.floor((width + Theme.gap) / columns) - Theme.gap
    readonly property int lines: Math.ceil(items.length / columns)
    // As tall as the page has room for, so that few tiles are large ones.
    readonly property real fair: (room + Theme.gap) / Math.max(1, lines) - Theme.gap

    implicitHeight: grid.height

    Grid {
        id: grid

        columns: tiles.columns
        spacing: Theme.gap

        Repeater {
            id: repeater

            model: tiles.items

            Press {
                id: tile

                required property var modelData
                required property int index

                implicitHeight: (tiles.tight ? Math.max(shape.height, words.height) : shape.height + words.height + Theme.gap) + 2 * Theme.mm(tiles.tight ? 1.4 : 2.2)
                objectName: "act:" + modelData.id
                width: tiles.wide
                height: {
                    let tallest = tiles.tight ? Theme.target : Theme.mm(24);
                    const first = index - index % tiles.columns;
                    for (let n = first; n < Math.min(first + tiles.columns, repeater.count); n++)
                        tallest = Math.max(tallest, (repeater.itemAt(n) as Item)?.implicitHeight ?? 0);
                    return Math.max(tallest, Math.min(tiles.fair, tallest * (tiles.tight ? 1.2 : 1.5)));
                }
                name: modelData.label
                tone: modelData.tone
                enabled: modelData.enabled
                onPressed: Manager.act(modelData.id)

                Icon {
                    id: shape

                    x: tiles.tight ? Theme.mm(2.2) : Math.round((tile.width - width) / 2)
                    y: Math.round((tile.height - height - (tiles.tight ? 0 : Theme.gap + words.height)) / 2)
                    name: tile.modelData.icon
                    ink: tile.tone ? tile.ink : Theme.accent
                    paper: tile.color
                    width: Theme.mm(tiles.tight ? 7 : 10)
                    height: width
                }

                Text {
                    id: words

                    x: tiles.tight ? shape.x + shape.width + Theme.mm(2.2) : Theme.mm(1.6)
                    y: tiles.tight ? Math.round((tile.height - height) / 2) : shape.y + shape.height + Theme.gap
                    width: tile.width - x - Theme.mm(1.6)
                    text: tile.modelData.label
                    color: tile.ink
                    font.pixelSize: tiles.pixels
                    font.weight: Font.Bold
                    wrapMode: Text.WordWrap
                    horizontalAlignment: tiles.tight ? Text.AlignLeft : Text.AlignHCenter
                    textFormat: Text.PlainText
                    Accessible.ignored: true
                }
            }
        }
    }
}
