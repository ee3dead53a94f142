pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Backend
import Kiosk.Theme

// A large shape, a title and some sentences; with a control under the shape or under the words.
Item {
    id: page

    property string icon
    property string title
    property list<string> texts
    property Component control
    property bool controlUnderIcon: false
    // The sentence that says what to do stands out.
    property string strong
    // A page with few words can afford large ones.
    property real titleMm: Theme.titleMm
    property real iconPart: 1

    // An alarm above it makes the page of a tall glass about as wide as high.
    readonly property bool portrait: height > 0.8 * width
    readonly property real controlWidth: controls.implicitWidth
    readonly property real controlHeight: controls.status === Loader.Ready ? controls.implicitHeight + 2 * Theme.gap : 0
    readonly property real iconArea: portrait ? height * (Visitor.large ? 0.22 : 0.3) * iconPart : width * (Visitor.large ? 0.23 : 0.27) * iconPart
    readonly property real iconWanted: Math.round(Math.min(portrait ? width * 0.6 : height * 0.62 * iconPart, iconArea))
    // Long sentences take from the shape what they need: of its height on a tall glass, of its width on a low one.
    readonly property bool crowded: !portrait && !Typography.fits(title, texts, width - besideWords(iconWanted), wordsHeight, Theme.gap,
        Theme.capMm(Theme.smallestTitleMm), Theme.capMm(Theme.smallestTextMm))
    readonly property real iconSize: portrait ? Math.max(Theme.mm(7), Math.min(iconWanted, height - words.height - 2 * Theme.gap - controlHeight))
        : crowded ? Math.round(Math.min(iconWanted, width * 0.17)) : iconWanted
    readonly property real sideWidth: controlUnderIcon ? Math.max(iconSize, controlWidth) : iconSize
    readonly property real wordsX: portrait ? 0 : besideWords(iconSize)
    readonly property real wordsWidth: width - wordsX
    readonly property real wordsHeight: height - (portrait ? iconWanted + 2 * Theme.gap + controlHeight : controlUnderIcon ? 0 : controlHeight)
    readonly property list<int> sizes: Typography.column(title, texts, wordsWidth, wordsHeight, Theme.gap,
        Theme.capMm(Math.max(titleMm, Theme.titleMm)), Theme.capMm(Theme.smallestTitleMm), Theme.capMm(Theme.textMm), Theme.capMm(Theme.smallestTextMm))
    readonly property real used: portrait ? iconSize + 2 * Theme.gap + words.height + controlHeight : words.height + (controlUnderIcon ? 0 : controlHeight)

    // What a shape of that size takes of the width.
    function besideWords(shapeSize: real): real {
        return (controlUnderIcon ? Math.max(shapeSize, controlWidth) : shapeSize) + 2 * Theme.gap + Theme.margin;
    }

    Icon {
        id: shape

        x: page.portrait ? Math.round((page.width - width) / 2) : Math.round((page.sideWidth - width) / 2)
        y: page.portrait ? Math.round((page.height - page.used) / 2)
            : Math.round((page.height - height - (page.controlUnderIcon ? page.controlHeight : 0)) / 2)
        width: page.iconSize
        height: page.iconSize
        name: page.icon
        ink: Theme.accent
    }

    Column {
        id: words

        x: page.wordsX
        y: page.portrait ? shape.y + shape.height + 2 * Theme.gap : Math.round((page.height - page.used) / 2)
        width: page.wordsWidth
        spacing: Theme.gap

        Label {
            x: page.portrait ? Math.round((words.width - width) / 2) : 0
            width: Typography.balanced(text, font.pixelSize, words.width)
            text: page.title
            font.pixelSize: page.sizes[0]
            font.weight: Font.Bold
            horizontalAlignment: page.portrait ? Text.AlignHCenter : Text.AlignLeft
            Accessible.role: Accessible.Heading
        }

        Repeater {
            model: page.texts.filter(text => text !== "")

            Label {
                required property string modelData

                x: page.portrait ? Math.round((words.width - width) / 2) : 0
                width: Typography.balanced(text, font.pixelSize, words.width)
                text: modelData
                color: modelData === page.strong ? Theme.ink : Theme.soft
                font.weight: modelData === page.strong ? Font.Bold : Font.Medium
                font.pixelSize: page.sizes[1]
                horizontalAlignment: page.portrait ? Text.AlignHCenter : Text.AlignLeft
            }
        }
    }

    Loader {
        id: controls

        sourceComponent: page.control
        x: page.portrait ? Math.round((page.width - page.controlWidth) / 2)
            : page.controlUnderIcon ? Math.round((page.sideWidth - page.controlWidth) / 2) : page.wordsX
        y: page.portrait || !page.controlUnderIcon ? words.y + words.height + 2 * Theme.gap
            : shape.y + shape.height + 2 * Theme.gap
    }
}
