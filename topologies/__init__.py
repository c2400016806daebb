"""The estate and the organisation: as files, as models, and the weak spots that show without running anything."""
