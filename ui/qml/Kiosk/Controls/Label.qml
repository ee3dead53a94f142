import QtQuick
import Kiosk.Theme

// Words on the screen: wrapped between words only, and always in the accessibility tree.
Text {
    id: label

    color: Theme.ink
    font.pixelSize: Theme.capMm(Theme.textMm)
    font.weight: Font.Medium
    wrapMode: Text.WordWrap
    textFormat: Text.PlainText
    Accessible.role: Accessible.StaticText
    Accessible.name: label.text
    Accessible.ignored: !label.visible || label.text === ""
}
