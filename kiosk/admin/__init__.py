"""`kiosk-admin`: the one process with rights over the machine, asked by the gate alone, with a closed list of verbs."""
