"""The composition root: builds everything, starts it, and stops it in reverse. The only place that knows every part."""
