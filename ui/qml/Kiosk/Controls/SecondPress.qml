pragma ComponentBehavior: Bound
import QtQuick

// A control that a hand holds is pressed at once by a screen reader. That is asked for once more: the second press within
// five seconds acts, and until then the control's name says so.
Timer {
    id: second

    // Of the control, and what asks for the second press.
    property string name
    property string words
    readonly property string spoken: running && words !== "" ? name + ", " + words : name

    signal confirmed()

    function press() {
        if (!second.running) {
            second.start();
            return;
        }
        second.stop();
        second.confirmed();
    }

    objectName: "secondPress"
    interval: 5000
}
