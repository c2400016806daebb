"""The real sides: controlled faults on non-production systems, and the clock that keeps pace with the wall."""
