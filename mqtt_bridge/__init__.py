"""The bridge: takes events from the gate process to the centre over MQTT, and loses none."""
