"""Reads an AnnData export with squidpy and prints what it finds among neighbours in space as JSON.

Usage: squidpy_reads.py FILE RADIUS, where RADIUS is in the units of obsm["spatial"].
"""

import json
import sys

import anndata
import squidpy

cells = anndata.read_h5ad(sys.argv[1])
squidpy.gr.spatial_neighbors(cells, coord_type="generic", radius=float(sys.argv[2]))
squidpy.gr.nhood_enrichment(cells, cluster_key="cell_type", seed=1, n_perms=100, show_progress_bar=False)
# Edges of the graph from each type to each.
edges = cells.uns["cell_type_nhood_enrichment"]["count"]
kinds = list(cells.obs["cell_type"].cat.categories)
found = {a: {b: int(edges[i, j]) for j, b in enumerate(kinds)} for i, a in enumerate(kinds)}
print(json.dumps({"version": squidpy.__version__, "edges": found}))
