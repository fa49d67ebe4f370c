"""The product's rules, pure: no clock, no I/O, no waiting, no log. Time is an argument; everything points here."""
