"""How one generation answers: a request becomes a search of the cluster, and its answer ours."""
