"""The manager's screen: pages are described as blocks here, without Qt, and drawn by `ui/qml/Kiosk/Manager`."""
