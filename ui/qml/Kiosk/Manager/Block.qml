import QtQuick

// What the drawings of all kinds of blocks have: the block (a class of ui/manager/blocks.py, by the names of its
// fields), the room of the page, and ways to say that a value is to be changed, or that a list is turned.
Item {
    property var block: ({})
    property real room: 0

    signal edit(var field)
    // Another part of a list is asked for: that begins at the top.
    signal turned()
}
