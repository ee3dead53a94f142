pragma Singleton
import QtQuick
import Kiosk.Backend

// Sizes in millimetres on the glass, colours by the tone of the page. Nothing else in QML names a size or a colour.
QtObject {
    id: theme

    // sizes
    // The least that can be read at arm's length; a larger glass is read from further away.
    readonly property real textMm: Math.max(4.8, Visitor.shortSideMm * 0.042) * (Visitor.large ? 1.34 : 1)
    readonly property real smallestTextMm: 4.8
    // The staff stands before the glass, whatever its size.
    readonly property real staffMm: Math.min(6, Math.max(4.8, Visitor.shortSideMm * 0.038)) * (Visitor.large ? 1.34 : 1)
    readonly property real titleMm: Math.max(8.5, Visitor.shortSideMm * 0.084) * (Visitor.large ? 1.13 : 1)
    readonly property real smallestTitleMm: 6.4
    readonly property int target: mm(12.7)
    readonly property int gap: mm(2.6)
    readonly property int margin: mm(3.6)
    readonly property int radius: mm(2.6)
    readonly property int hairline: Math.max(2, mm(0.35))

    // colours: white on green, red or amber of at least 7:1; high contrast at least 10:1
    readonly property var palettes: ({
        calm: { paper: "#f4f7fa", ink: "#0e2438", soft: "#34495d", accent: "#0b4a82", control: "#dfe7ef", line: "#b9c7d5" },
        good: { paper: "#0a5c33", ink: "#ffffff", soft: "#ffffff", accent: "#ffffff", control: "#074726", line: "#5b9a78" },
        bad: { paper: "#8f1d14", ink: "#ffffff", soft: "#ffffff", accent: "#ffffff", control: "#71140d", line: "#c4766f" },
        care: { paper: "#7a4d00", ink: "#ffffff", soft: "#ffffff", accent: "#ffffff", control: "#5f3c00", line: "#b8935a" },
        dark: { paper: "#22303d", ink: "#ffffff", soft: "#ffffff", accent: "#ffffff", control: "#16212b", line: "#6b7d8e" }
    })
    readonly property var highPalettes: ({
        calm: { paper: "#000000", ink: "#ffffff", soft: "#ffffff", accent: "#ffe14d", control: "#000000", line: "#ffffff" },
        good: { paper: "#04351c", ink: "#ffffff", soft: "#ffffff", accent: "#ffffff", control: "#000000", line: "#ffffff" },
        bad: { paper: "#560c06", ink: "#ffffff", soft: "#ffffff", accent: "#ffffff", control: "#000000", line: "#ffffff" },
        care: { paper: "#432a00", ink: "#ffffff", soft: "#ffffff", accent: "#ffffff", control: "#000000", line: "#ffffff" },
        dark: { paper: "#000000", ink: "#ffffff", soft: "#ffffff", accent: "#ffffff", control: "#000000", line: "#ffffff" }
    })
    readonly property var colours: (Visitor.highContrast ? highPalettes : palettes)[Manager.shown ? "calm" : Visitor.tone]
    readonly property var alarmColours: (Visitor.highContrast ? highPalettes : palettes)[Visitor.alarmUrgent ? "bad" : "care"]
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
