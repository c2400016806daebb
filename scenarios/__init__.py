"""What happens and what good looks like: faults, injects, playbooks, objectives."""
