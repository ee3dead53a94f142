pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// Buttons beside each other, wrapped where they do not fit.
Block {
    id: buttons

    implicitHeight: column.height

    Column {
        id: column

        width: buttons.width
        spacing: Theme.gap

        Label {
            width: buttons.width
            visible: text !== ""
            text: buttons.block.title ?? ""
            font.pixelSize: Theme.capMm(Theme.staffMm)
            font.weight: Font.Bold
            Accessible.role: Accessible.Heading
        }

        Flow {
            width: buttons.width
            spacing: Theme.gap

            Repeater {
                model: buttons.block.items ?? []

                PressButton {
                    required property var modelData

                    objectName: "act:" + modelData.id
                    // What is held is large: it matters, and a finger rests on it.
                    width: modelData.hold_s > 0 ? buttons.width : implicitWidth
                    height: modelData.hold_s > 0 ? Math.max(implicitHeight, Math.round(Theme.target * 1.5)) : implicitHeight
                    most: buttons.width
                    icon: modelData.icon
                    text: modelData.label
                    hint: modelData.hold_s > 0 ? Manager.labels.hold ?? "" : ""
                    tone: modelData.on ? "" : modelData.tone
                    on: modelData.on
                    enabled: modelData.enabled
                    holdSeconds: modelData.hold_s
                    Accessible.checkable: modelData.on
                    Accessible.checked: modelData.on
                    onPressed: Manager.act(modelData.id)
                }
            }
        }
    }
}
