"""What the cameras' benchmark runs in processes of their own: the cameras, and those who ask them."""
