"""Sound on the pole: decode, measure, place on the card's timeline, and swear to what was heard."""
