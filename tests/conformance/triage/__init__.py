"""What the classifier of failure modes is measured against: incidents of a public history, labelled by reading them.

The history itself is not part of the project; labels are (`gcp_labels.csv`), by the id of the incident.
"""
