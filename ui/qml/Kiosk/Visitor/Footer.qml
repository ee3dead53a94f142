pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// Always there, always in the same place: the other language, a person, larger letters, more contrast.
Item {
    id: footer

    required property bool portrait
    readonly property real iconsWidth: size.width + contrast.width + 2 * Theme.gap
    readonly property real decoration: language.decoration + help.decoration
    readonly property int pixels: portrait
        ? Math.min(Typography.row([Visitor.labels.help], width - decoration, largest, smallest),
                   Typography.row([Visitor.labels.language], width - iconsWidth - decoration, largest, smallest))
        : Typography.row([Visitor.labels.language, Visitor.labels.help], width - iconsWidth - Theme.gap - decoration, largest, smallest)
    readonly property int largest: Math.min(Theme.capMm(Theme.textMm), Math.floor(Theme.target * 0.75))
    readonly property int smallest: Theme.capMm(Theme.smallestTextMm)

    height: portrait ? 2 * Theme.target + Theme.gap : Theme.target

    TouchButton {
        id: language

        objectName: "language"
        y: footer.portrait ? Theme.target + Theme.gap : 0
        icon: footer.portrait || Theme.mm(100) < footer.width / 1.6 ? "globe" : ""
        text: Visitor.labels.language
        pixelSize: footer.pixels
        width: footer.portrait ? footer.width - footer.iconsWidth : implicitWidth
        height: Theme.target
        onPressed: Visitor.otherLanguage()
    }

    TouchButton {
        id: help

        objectName: "help"
        x: footer.portrait ? 0 : language.width + Theme.gap
        width: footer.portrait ? footer.width : footer.width - x - footer.iconsWidth
        height: Theme.target
        icon: "help"
        text: Visitor.labels.help
        pixelSize: footer.pixels
        onPressed: Visitor.help()
    }

    TouchButton {
        id: size

        objectName: "textSize"
        x: footer.width - contrast.width - Theme.gap - width
        y: language.y
        width: Theme.target
        height: Theme.target
        icon: "text-size"
        name: Visitor.labels.textSize
        on: Visitor.large
        onPressed: Visitor.toggleLarge()
    }

    TouchButton {
        id: contrast

        objectName: "contrast"
        x: footer.width - width
        y: language.y
        width: Theme.target
        height: Theme.target
        icon: "contrast"
        name: Visitor.labels.contrast
        on: Visitor.highContrast
        onPressed: Visitor.toggleContrast()
    }
}
