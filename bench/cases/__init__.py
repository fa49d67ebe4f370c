"""One module per question. ``run(context)`` asks it and returns rows; other functions run in the ward's processes."""
