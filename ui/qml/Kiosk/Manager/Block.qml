import QtQuick

// What the drawings of all kinds of blocks have: the block (a class of ui/manager/blocks.py, by the names of its
// fields), the room of the page, and a way to say that a value is to be changed.
Item {
    property var block: ({})
    property real room: 0

    signal edit(var field)
}
