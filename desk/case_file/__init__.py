"""The case file (sagens akter): what there is, what of it is handed out, and how the zip is made."""
