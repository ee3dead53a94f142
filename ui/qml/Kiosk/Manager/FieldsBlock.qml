pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Controls
import Kiosk.Theme

// Values that can be changed, below each other.
Block {
    id: fields

    implicitHeight: column.height

    Column {
        id: column

        width: fields.width
        spacing: Theme.gap

        Label {
            width: fields.width
            visible: text !== ""
            text: fields.block.title ?? ""
            font.pixelSize: Theme.capMm(Theme.staffMm)
            font.weight: Font.Bold
            Accessible.role: Accessible.Heading
        }

        Repeater {
            model: fields.block.items ?? []

            FieldLine {
                required property var modelData

                width: fields.width
                field: modelData
                onEdit: fields.edit(field)
            }
        }
    }
}
