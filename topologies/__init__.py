"""The estate and the organisation: as files, as models, and the weak spots that can be seen without running anything."""
