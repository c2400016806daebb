"""Undoing: what is to be restored is on disk before anything is touched, and somebody else can restore it."""
