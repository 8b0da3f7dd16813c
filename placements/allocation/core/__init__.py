"""The compiled allocation core: the exact lexicographic optimum by shortest augmenting paths (decision 0006)."""
