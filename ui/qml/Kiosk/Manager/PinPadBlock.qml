pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// Typing a PIN: what to do, a dot for each digit, why it did not work, and the digits.
Block {
    id: pin

    readonly property bool portrait: room > width * 0.8 || width < 8 * Theme.target
    readonly property int typed: pin.block.typed ?? 0
    readonly property int least: pin.block.least ?? 6
    readonly property real half: portrait ? width : Math.floor((width - 2 * Theme.gap) / 2)

    readonly property list<int> sizes: Typography.column(block.text ?? "", [block.error ?? ""], half, portrait ? 1e6 : pad.height - Theme.mm(6.4) - 2 * Theme.gap, Theme.gap,
        Theme.capMm(Theme.smallestTitleMm), Theme.capMm(Theme.smallestTextMm), Theme.capMm(Theme.staffMm), Theme.capMm(Theme.smallestTextMm))

    implicitHeight: portrait ? words.height + 2 * Theme.gap + pad.height : Math.max(pad.height, words.height)

    Column {
        id: words

        y: pin.portrait ? 0 : Math.max(0, Math.round((pad.height - height) / 2))
        width: pin.half
        spacing: Theme.gap

        Label {
            width: parent.width
            text: pin.block.text ?? ""
            font.pixelSize: pin.sizes[0]
            font.weight: Font.Bold
            horizontalAlignment: Text.AlignHCenter
        }

        Row {
            id: dots

            readonly property int count: Math.max(pin.least, pin.typed)
            readonly property real dot: Math.min(Theme.mm(6.4), Math.floor((pin.half - (count - 1) * spacing) / count))

            anchors.horizontalCenter: parent.horizontalCenter
            spacing: Theme.mm(2)
            Accessible.role: Accessible.StaticText
            Accessible.name: (Manager.labels.typed ?? "").replace("{count}", pin.typed)

            Repeater {
                model: dots.count

                Rectangle {
                    required property int index

                    width: dots.dot
                    height: width
                    radius: width / 2
                    color: index < pin.typed ? Theme.ink : "transparent"
                    border.width: Theme.hairline
                    border.color: Theme.ink
                }
            }
        }

        // Its place is kept, so that the digits do not jump away from under a finger.
        Label {
            width: parent.width
            height: Math.max(implicitHeight, pin.portrait ? 2 * Theme.capMm(Theme.staffMm) : 0)
            text: pin.block.error ?? ""
            font.pixelSize: pin.sizes[1]
            font.weight: Font.Bold
            horizontalAlignment: Text.AlignHCenter
            Accessible.role: Accessible.AlertMessage
        }
    }

    NumberPad {
        id: pad

        x: pin.portrait ? Math.round((pin.width - width) / 2) : pin.half + 2 * Theme.gap + Math.round((pin.half - width) / 2)
        y: pin.portrait ? words.height + 2 * Theme.gap : 0
        room: pin.portrait ? pin.room - words.height - 2 * Theme.gap : pin.room
        most: pin.half
        beside: !pin.portrait
        enabled: pin.block.enabled ?? true
        ready: pin.typed >= pin.least
        onDigit: value => Manager.act("digit", value)
        onErase: Manager.act("erase")
        onEnter: Manager.act("enter")
    }
}
