pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// What whoever has no code can do: one control for each form that this kiosk offers.
Column {
    id: offers

    spacing: Theme.gap

    Repeater {
        model: Forms.offers

        TouchButton {
            required property var modelData

            objectName: "offer-" + modelData.purpose
            text: modelData.label
            width: offers.width
            pixelSize: Typography.row([text], width - decoration, Math.min(Theme.capMm(Theme.textMm), Math.floor(Theme.target * 0.75)), Theme.capMm(Theme.smallestTextMm))
            onPressed: Forms.start(modelData.purpose)
        }
    }
}
