"""The program on the pole: holds the signed plan, fetches and checks audio, plays on time, and proves it."""
