"""The tools that reach loudspeakers: contract, seal, link, drivers, and the program on the pole."""
