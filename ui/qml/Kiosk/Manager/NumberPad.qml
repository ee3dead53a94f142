pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// Digits as on a telephone, one key to take back, one to say that it is whole. Where four rows are too high, three: what
// stood below the digits stands beside them.
Grid {
    id: pad

    property real room: 0
    property real most: 0
    property bool ready: true
    property string extra
    readonly property real keyWidth: Math.max(Theme.target, Math.min(Theme.mm(24), Math.floor((most - (columns - 1) * spacing) / columns)))
    readonly property real keyHeight: Math.max(Theme.target, Math.min(Theme.mm(18), Math.floor((room - (12 / columns - 1) * spacing) * columns / 12)))
    readonly property real four: 4 * Theme.target + 3 * spacing
    // Only beside the words: below them the room changes with what they say, and digits do not jump.
    property bool beside: false
    readonly property bool low: beside && room < four && most >= four

    signal digit(string value)
    signal erase()
    signal enter()

    columns: low ? 4 : 3
    spacing: Theme.mm(2.6)

    Repeater {
        model: pad.low ? ["1", "2", "3", "erase", "4", "5", "6", "0", "7", "8", "9", "enter"]
            : ["1", "2", "3", "4", "5", "6", "7", "8", "9", "erase", "0", "enter"]

        Press {
            id: key

            required property string modelData
            readonly property bool digit: modelData.length === 1

            objectName: "key:" + modelData
            width: pad.keyWidth
            height: pad.keyHeight
            name: digit ? modelData : modelData === "erase" ? Manager.labels.erase ?? "" : Manager.labels.enter_pin ?? ""
            enabled: pad.enabled && (modelData !== "enter" || pad.ready)
            on: modelData === "enter" && pad.ready
            activeFocusOnTab: false
            onPressed: digit ? pad.digit(modelData) : modelData === "erase" ? pad.erase() : pad.enter()

            Text {
                anchors.centerIn: parent
                visible: key.digit
                text: key.digit ? key.modelData : ""
                color: key.ink
                font.pixelSize: Theme.capMm(Theme.smallestTitleMm)
                font.weight: Font.Bold
                textFormat: Text.PlainText
                Accessible.ignored: true
            }

            Icon {
                anchors.centerIn: parent
                visible: !key.digit
                name: key.modelData === "erase" ? "erase" : "tick"
                ink: key.ink
                paper: key.color
                width: Theme.mm(7)
                height: width
            }
        }
    }
}
