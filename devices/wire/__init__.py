"""The MQTT contract ``loa/v1``: topics and messages, and nothing that sends them. ``docs/asyncapi.yaml`` draws it."""
