"""Settings: `base` gathers the topic files; `local`, `test` and `production` are the three ways to run."""
