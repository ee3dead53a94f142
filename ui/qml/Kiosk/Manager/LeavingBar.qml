pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// Nobody has touched the screen for long: it says so before it signs out. A touch anywhere is enough.
Rectangle {
    id: bar

    readonly property var hues: Theme.palettes.care

    visible: Manager.secondsLeft > 0
    height: words.height + 2 * Theme.mm(2) + Theme.mm(1.6)
    color: hues.paper

    Rectangle {
        height: Theme.mm(1.6)
        width: bar.width * Math.min(1, Manager.secondsLeft / 15)
        color: bar.hues.ink
    }

    Label {
        id: words

        x: Theme.margin
        y: Theme.mm(1.6) + Theme.mm(2)
        width: bar.width - 2 * Theme.margin
        text: (Manager.labels.leaving ?? "").replace("{seconds}", Manager.secondsLeft)
        color: bar.hues.ink
        font.pixelSize: Theme.capMm(Theme.staffMm)
        font.weight: Font.Bold
        horizontalAlignment: Text.AlignHCenter
    }
}
