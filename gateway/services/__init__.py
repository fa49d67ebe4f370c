"""What the product does. Each service takes exactly what it uses, and time from its clock: no MQTT, no SQL, no HTTP."""
