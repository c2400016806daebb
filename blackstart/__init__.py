"""The Python front door for notebooks and scripts."""
