"""Supply against demand, for those who follow up."""
