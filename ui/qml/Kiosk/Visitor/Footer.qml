pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Controls
import Kiosk.Theme

// Always there, always in the same place: another language, a person, the screen read out, larger letters, more contrast.
Item {
    id: footer

    required property bool portrait
    readonly property real speakerWidth: speaker.visible ? speaker.width + Theme.gap : 0
    // On a tall glass the loudspeaker stands beside the call for help, not beside the language.
    readonly property real iconsWidth: size.width + contrast.width + 2 * Theme.gap + (portrait ? 0 : speakerWidth)
    readonly property real languageDecoration: language.visible ? language.decoration : 0
    readonly property real languageGap: language.visible ? Theme.gap : 0
    // Whoever has called staff finds in the same place how to say that it is over.
    readonly property bool called: Visitor.labels.helpOver !== ""
    readonly property string helpText: called ? Visitor.labels.helpOver : Visitor.labels.help
    readonly property int pixels: portrait
        ? Math.min(Typography.row([helpText], width - speakerWidth - help.decoration, largest, smallest),
                   Typography.row([Visitor.labels.language], width - iconsWidth - languageDecoration, largest, smallest))
        : Typography.row([Visitor.labels.language, helpText], width - iconsWidth - languageGap - languageDecoration - help.decoration, largest, smallest)
    readonly property int largest: Math.min(Theme.capMm(Theme.textMm), Math.floor(Theme.target * 0.75))
    readonly property int smallest: Theme.capMm(Theme.smallestTextMm)
    // Where a drawing takes the room of words, the words win.
    readonly property bool globe: portrait ? plain.advanceWidth(Visitor.labels.language) + 2 * help.padding + help.iconSize + Theme.mm(1.4) <= width - iconsWidth : Theme.mm(100) < width / 1.6
    readonly property bool crowded: help.room < plain.advanceWidth(helpText) + 2 * help.padding + help.iconSize + Theme.mm(1.4)

    height: portrait ? 2 * Theme.target + Theme.gap : Theme.target

    FontMetrics {
        id: plain

        font.pixelSize: footer.smallest
        font.weight: Font.Bold
    }

    TouchButton {
        id: language

        objectName: "language"
        visible: Visitor.labels.language !== ""
        y: footer.portrait ? Theme.target + Theme.gap : 0
        icon: footer.globe ? "globe" : ""
        text: Visitor.labels.language
        pixelSize: footer.pixels
        on: Visitor.languages.length > 0
        width: footer.portrait ? footer.width - footer.iconsWidth : implicitWidth
        height: Theme.target
        onPressed: Visitor.otherLanguage()
    }

    TouchButton {
        id: help

        readonly property real room: footer.width - (footer.portrait ? footer.speakerWidth
            : footer.iconsWidth + (language.visible ? plain.advanceWidth(Visitor.labels.language) + footer.languageDecoration + Theme.gap : 0))

        objectName: "help"
        x: footer.portrait || !language.visible ? 0 : language.width + Theme.gap
        width: footer.width - x - (footer.portrait ? footer.speakerWidth : footer.iconsWidth)
        height: Theme.target
        icon: footer.crowded || footer.called ? "" : "help"
        text: footer.helpText
        pixelSize: footer.pixels
        onPressed: footer.called ? Visitor.helpOver() : Visitor.help()
    }

    TouchButton {
        id: speaker

        objectName: "readAloud"
        visible: Visitor.labels.readAloud !== ""
        x: footer.portrait ? footer.width - width : size.x - Theme.gap - width
        width: Theme.target
        height: Theme.target
        icon: "speaker"
        name: Visitor.labels.readAloud
        on: Visitor.spoken
        onPressed: Visitor.toggleSpoken()
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
