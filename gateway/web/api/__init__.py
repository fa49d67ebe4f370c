"""The routes under ``/api/v1``, one small file per thing."""
