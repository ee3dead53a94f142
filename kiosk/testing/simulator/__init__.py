"""A day at the door in seconds: the real gate process, with people, doors, sensors and faults that are played."""
