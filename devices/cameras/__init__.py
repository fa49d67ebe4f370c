"""Camera ONVIF: looks at cameras, reading only. Nothing here writes to a camera, follows it elsewhere or trusts it."""
