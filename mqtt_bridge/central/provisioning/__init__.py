"""The centre's provisioning service: who is a kiosk of this fleet, said by certificates."""
