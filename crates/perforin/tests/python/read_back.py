"""Reads exports back with the tools that they are for, and prints what these found as JSON.

Usage: read_back.py FOLDER, where FOLDER holds last.h5ad, all.h5ad, vtk/, run.simularium, fields.zarr/
and snapshots/.
"""

import json
import sys
from pathlib import Path

import anndata
import numpy as np
import pcdl
import vtk
import zarr
from ome_zarr.io import parse_url
from ome_zarr.reader import Reader
from simulariumio import FileConverter, InputFileData
from vtk.util.numpy_support import vtk_to_numpy

folder = Path(sys.argv[1])
found = {}

cells = anndata.read_h5ad(folder / "last.h5ad")
everything = anndata.read_h5ad(folder / "all.h5ad")
assert everything.obs["day"].nunique() == 5
assert everything.obs_names.is_unique
assert cells.obs["cell_type"].dtype.name == "category"
assert cells.X.shape == (cells.n_obs, cells.n_vars)
found["anndata"] = {"cells": cells.n_obs, "sum": cells.obsm["spatial"].sum(axis=0).tolist()}

points = vtk.vtkXMLPolyDataReader()
points.SetFileName(str(folder / "vtk" / "cells-0004.vtp"))
points.Update()
place = vtk_to_numpy(points.GetOutput().GetPoints().GetData())
grid = vtk.vtkXMLImageDataReader()
grid.SetFileName(str(folder / "vtk" / "fields-0004.vti"))
grid.Update()
oxygen = vtk_to_numpy(grid.GetOutput().GetCellData().GetArray("oxygen"))
found["vtk"] = {
    "cells": points.GetOutput().GetNumberOfVerts(),
    "sum": place.astype(float).sum(axis=0).tolist(),
    "oxygen": float(oxygen.astype(float).mean()),
}

trajectory = FileConverter(input_file=InputFileData(file_path=str(folder / "run.simularium")))._data
agents = trajectory.agent_data
count = int(agents.n_agents[-1])
# Positions are relative to the middle of the box.
bounds = np.array(grid.GetOutput().GetBounds()).reshape(3, 2).mean(axis=1)
found["simularium"] = {
    "cells": count,
    "sum": (agents.positions[-1][:count] + bounds).sum(axis=0).tolist(),
}

image = next(iter(Reader(parse_url(folder / "fields.zarr"))()))
channel = [name.split(" ")[0] for name in image.metadata["channel_names"]].index("oxygen")
data = np.asarray(image.data[0])
assert np.array_equal(data, zarr.open(folder / "fields.zarr")["0"][:])
found["ome_zarr"] = {"oxygen": float(data[-1, channel].astype(float).mean())}

snapshot = pcdl.TimeStep("output00000004.xml", output_path=str(folder / "snapshots"), verbose=False)
frame = snapshot.get_cell_df()
assert set(frame["current_phase"]) <= {"live", "apoptotic", "necrotic_swelling", "necrotic_lysed"}
assert sorted(set(frame["cell_type"])) == sorted(set(cells.obs["cell_type"]))
assert np.array_equal(frame["HER2"].to_numpy(), cells[[f"0-{i}" for i in frame.index], "HER2"].X[:, 0].astype(float))
assert len(pcdl.TimeSeries(str(folder / "snapshots"), verbose=False).get_mcds_list()) == 5
found["pcdl"] = {
    "cells": len(frame),
    "sum": frame[["position_x", "position_y", "position_z"]].sum().tolist(),
    "oxygen": float(snapshot.get_conc_df()["oxygen"].mean()),
}

print(json.dumps(found))
