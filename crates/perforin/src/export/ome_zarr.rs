//! OME-Zarr 0.5 of the substances: one array of time, substance, z, y and x, packed with gzip, a chunk for each time and
//! substance.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use super::{Course, make_folder};
use crate::failure::Failure;
use crate::files::{self, cannot_write};

/// Writes the folder.
///
/// # Errors
/// If the frames hold no substances, or it cannot be written.
pub fn write(course: &Course, target: &Path) -> Result<(), Failure> {
    let first = &course.frames[0];
    if first.fields.is_empty() {
        return Err(Failure::input("the frames of this run hold no substances")
            .help("run the study again with `[output] fields = true`"));
    }
    let folder = make_folder(target.to_owned())?;
    let [nx, ny, nz] = first.grid.n;
    files::write_json(&folder.join("zarr.json"), &group(course))?;
    let array = json!({
        "zarr_format": 3,
        "node_type": "array",
        "shape": [course.frames.len(), first.fields.len(), nz, ny, nx],
        "data_type": "float32",
        "chunk_grid": { "name": "regular", "configuration": { "chunk_shape": [1, 1, nz, ny, nx] } },
        "chunk_key_encoding": { "name": "default", "configuration": { "separator": "/" } },
        "fill_value": 0.0,
        "codecs": [
            { "name": "bytes", "configuration": { "endian": "little" } },
            { "name": "gzip", "configuration": { "level": 5 } }
        ],
        "dimension_names": ["t", "c", "z", "y", "x"],
        "attributes": {}
    });
    files::write_json(&make_folder(folder.join("0"))?.join("zarr.json"), &array)?;
    for (t, frame) in course.frames.iter().enumerate() {
        for (c, field) in frame.fields.iter().enumerate() {
            let bytes: Vec<u8> = field.value.iter().flat_map(|value| value.to_le_bytes()).collect();
            let place = make_folder(folder.join(format!("0/c/{t}/{c}/0/0")))?.join("0");
            let mut packer = GzEncoder::new(Vec::new(), Compression::new(5));
            let packed = packer.write_all(&bytes).and_then(|()| packer.finish());
            files::write(&place, &packed.map_err(|e| cannot_write(&place, &e))?)?;
        }
    }
    Ok(())
}

fn group(course: &Course) -> serde_json::Value {
    let first = &course.frames[0];
    let (origin, d) = (first.grid.origin, first.grid.spacing);
    let days = course.frames.iter().map(|frame| frame.time / 1440.0).collect::<Vec<_>>();
    let step = if days.len() > 1 { days[1] - days[0] } else { 1.0 };
    // The middle of the first voxel.
    let first_voxel = |axis: usize| origin[axis] + 0.5 * d;
    let space = |name: &str| json!({ "name": name, "type": "space", "unit": "micrometer" });
    let channel = |field: &perforin_lesion::storage::frames::FrameField| {
        let values = field.value.iter().copied();
        let high = values.fold(f32::MIN_POSITIVE, f32::max);
        json!({ "label": format!("{} ({})", field.name, field.unit), "color": "FFFFFF", "active": true,
                "window": { "min": 0.0, "start": 0.0, "end": high, "max": high } })
    };
    json!({
        "zarr_format": 3,
        "node_type": "group",
        "attributes": {
            "ome": {
                "version": "0.5",
                "multiscales": [{
                    "name": course.title,
                    "axes": [
                        { "name": "t", "type": "time", "unit": "day" },
                        { "name": "c", "type": "channel" },
                        space("z"), space("y"), space("x")
                    ],
                    "datasets": [{
                        "path": "0",
                        "coordinateTransformations": [
                            { "type": "scale", "scale": [step, 1.0, d, d, d] },
                            { "type": "translation",
                              "translation": [days[0], 0.0, first_voxel(2), first_voxel(1), first_voxel(0)] }
                        ]
                    }]
                }],
                "omero": { "channels": first.fields.iter().map(channel).collect::<Vec<_>>() }
            },
            "days": days
        }
    })
}
