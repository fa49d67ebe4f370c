"""Vietnamese text to audio that a loudspeaker can play: a tool that does not know the product."""
