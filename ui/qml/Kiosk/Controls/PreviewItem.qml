import QtQuick
import Kiosk.Backend

// A place for the camera picture. While the place is seen, it has the one drawing of it.
Item {
    id: place

    property real radius: 0
    readonly property bool live: Camera.live && Camera.item.parent === place

    function lay() {
        if (place.visible) {
            Camera.item.parent = place;
            Camera.item.anchors.fill = place;
            Camera.round(place.radius);
            Camera.item.visible = true;
        } else if (Camera.item.parent === place) {
            Camera.item.visible = false;
        }
    }

    onVisibleChanged: place.lay()
    onRadiusChanged: place.lay()
    Component.onCompleted: place.lay()
    Component.onDestruction: if (Camera?.item?.parent === place) Camera.item.visible = false
}
