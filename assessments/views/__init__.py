"""The pages of the SUSI-vurdering and of the decision on the transition."""
