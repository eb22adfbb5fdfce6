//! Simularium trajectories, JSON of version 3.
//!
//! Positions are centred on the box, as the viewer asks for; every cell type and condition is a type of its own.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::{Course, condition};
use crate::failure::Failure;
use crate::files;

/// A sphere in the list of visual types.
const SPHERE: f64 = 1000.0;

/// Writes the file.
///
/// # Errors
/// If it cannot be written.
pub fn write(course: &Course, target: &Path) -> Result<(), Failure> {
    files::write_json(target, &trajectory(course))
}

fn trajectory(course: &Course) -> Value {
    let frames = &course.frames;
    let grid = &frames[0].grid;
    let upper = grid.upper();
    let middle: [f64; 3] = std::array::from_fn(|axis| 0.5 * (grid.origin[axis] + upper[axis]));
    let size: [f64; 3] = std::array::from_fn(|axis| upper[axis] - grid.origin[axis]);
    let conditions = (0..=u8::MAX).take_while(|number| !condition(*number).is_empty()).count();
    let mut types = Map::new();
    for (k, (name, _)) in frames[0].types.iter().enumerate() {
        for number in 0..conditions {
            // A state stands behind `#`.
            let name = format!("{name}#{}", condition(number as u8));
            types.insert(
                (k * conditions + number).to_string(),
                json!({ "name": name, "geometry": { "displayType": "SPHERE" } }),
            );
        }
    }
    let bundle: Vec<Value> = frames
        .iter()
        .enumerate()
        .map(|(k, frame)| {
            let mut data = Vec::with_capacity(11 * frame.id.len());
            for row in 0..frame.id.len() {
                let kind = usize::from(frame.kind[row]) * conditions + usize::from(frame.condition[row]);
                let [x, y, z] = std::array::from_fn(|axis| frame.position[row][axis] - middle[axis]);
                data.extend([
                    SPHERE,
                    frame.id[row] as f64,
                    kind as f64,
                    x,
                    y,
                    z,
                    0.0,
                    0.0,
                    0.0,
                    frame.radius[row],
                    0.0,
                ]);
            }
            json!({ "frameNumber": k, "time": frame.time / 1440.0, "data": data })
        })
        .collect();
    let step = if frames.len() > 1 { (frames[1].time - frames[0].time) / 1440.0 } else { 1.0 };
    json!({
        "trajectoryInfo": {
            "version": 3,
            "totalSteps": frames.len(),
            "timeStepSize": step,
            "timeUnits": { "magnitude": 1.0, "name": "d" },
            "spatialUnits": { "magnitude": 1.0, "name": "µm" },
            "size": { "x": size[0], "y": size[1], "z": size[2] },
            "cameraDefault": {
                "position": { "x": 0.0, "y": 0.0, "z": 1.5 * size[2] },
                "lookAtPosition": { "x": 0.0, "y": 0.0, "z": 0.0 },
                "upVector": { "x": 0.0, "y": 1.0, "z": 0.0 },
                "fovDegrees": 50.0
            },
            "typeMapping": types,
            "trajectoryTitle": course.title
        },
        "spatialData": { "version": 1, "msgType": 1, "bundleStart": 0, "bundleSize": frames.len(), "bundleData": bundle },
        "plotData": { "version": 1, "data": [] }
    })
}
