"""Kubernetes manifests: `model` is what objects state, `cluster` gathers them and finds what a Service leads to,
`reader` makes a draft."""
