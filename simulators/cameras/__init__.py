"""Camera mô phỏng: ONVIF cameras on loopback, over real sockets, that answer well or lie in every way real ones do."""
