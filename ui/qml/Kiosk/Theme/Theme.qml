pragma Singleton
import QtQuick
import Kiosk.Backend

// Sizes in millimetres on the glass, colours by the tone of the page (ui/palettes.py). Nothing else in QML names a size
// or a colour.
QtObject {
    id: theme

    // sizes
    // The least that can be read and touched at arm's length; a larger glass is read from further away.
    readonly property real textMm: Math.max(4.8, Visitor.shortSideMm * 0.042) * (Visitor.large ? 1.34 : 1)
    readonly property real smallestTextMm: Math.max(4.8, Visitor.shortSideMm * 0.026)
    // The staff stands before the glass, whatever its size.
    readonly property real staffMm: Math.max(smallestTextMm, Math.min(6, Visitor.shortSideMm * 0.038)) * (Visitor.large ? 1.34 : 1)
    readonly property real titleMm: Math.max(8.5, Visitor.shortSideMm * 0.084) * (Visitor.large ? 1.13 : 1)
    readonly property real smallestTitleMm: Math.max(6.4, Visitor.shortSideMm * 0.035)
    readonly property int target: mm(Math.max(12.7, Visitor.shortSideMm * 0.07))
    readonly property int gap: mm(Math.max(2.6, Visitor.shortSideMm * 0.014))
    readonly property int margin: mm(Math.max(3.6, Visitor.shortSideMm * 0.02))
    readonly property int radius: mm(Math.max(2.6, Visitor.shortSideMm * 0.012))
    readonly property int hairline: Math.max(2, mm(0.35))

    // colours by tone and use: palettes["good"].paper
    readonly property var palettes: Visitor.highContrast ? Appearance.highPalettes : Appearance.palettes
    readonly property var colours: palettes[Manager.shown ? "calm" : Visitor.tone]
    readonly property var alarmColours: palettes[Visitor.alarmUrgent ? "bad" : "care"]
    readonly property color alarmPaper: alarmColours.paper
    readonly property color alarmInk: alarmColours.ink
    readonly property color paper: colours.paper
    readonly property color ink: colours.ink
    readonly property color soft: colours.soft
    readonly property color accent: colours.accent
    readonly property color control: colours.control
    readonly property color line: colours.line

    // Pixels of a length on the glass.
    function mm(length: real): int {
        return Math.ceil(length * Visitor.pixelsPerMm);
    }

    // Font size in pixels whose capitals are `height` millimetres high.
    function capMm(height: real): int {
        return Math.ceil(height * Visitor.pixelsPerMm / Visitor.capRatio);
    }
}
