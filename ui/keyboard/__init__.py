"""The on-screen keyboard: how keys become text, and which keys there are. Pure; `ui/qml/Kiosk/Controls` draws it."""
