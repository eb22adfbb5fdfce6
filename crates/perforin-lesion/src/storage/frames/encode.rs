//! From a frame to the sections of its file.

use super::meta::{AntigenMeta, FieldMeta, GridMeta, Meta, TypeMeta};
use super::scale::{BYTE, Linear, Logarithmic, WORD};
use super::{Frame, KIND};
use crate::cells::Condition;
use crate::storage::container::{Packing, Writer};

/// The description of a frame, with the scales that just hold its values.
pub(super) fn meta(frame: &Frame) -> Meta {
    let n = frame.id.len();
    let upper = frame.grid.upper();
    let bounds = std::array::from_fn(|axis| {
        let cells = frame.position.iter().map(|p| p[axis]);
        Linear::spanning(cells.chain([frame.grid.origin[axis], upper[axis]]))
    });
    let antigen = |(antigen, name): (usize, &String)| {
        let values = frame.density.iter().skip(antigen * n).take(n).map(|d| f64::from(*d));
        let Logarithmic { low, high } = Logarithmic::spanning(values);
        AntigenMeta { name: name.clone(), low, high }
    };
    Meta {
        step: frame.step,
        time: frame.time,
        cells: n as u64,
        types: frame.types.iter().map(|(name, role)| TypeMeta { name: name.clone(), role: *role }).collect(),
        conditions: conditions(),
        antigens: frame.antigens.iter().enumerate().map(antigen).collect(),
        bounds,
        radius: Linear { low: 0.0, high: Linear::spanning(frame.radius.iter().copied()).high },
        lysis: frame.lysis.is_some(),
        exhaustion: frame.exhaustion.is_some(),
        oxygen: frame.oxygen.as_ref().map(|values| Linear::spanning(values.iter().copied())),
        grid: GridMeta::from(&frame.grid),
        fields: frame
            .fields
            .iter()
            .map(|field| FieldMeta { name: field.name.clone(), unit: field.unit.clone() })
            .collect(),
    }
}

/// Names of the conditions, in the order of their numbers.
fn conditions() -> Vec<String> {
    (0..=u8::MAX)
        .map_while(Condition::from_number)
        .map(|condition| format!("{condition:?}").to_lowercase())
        .collect()
}

/// The sections of a frame.
pub(super) fn sections(frame: &Frame, meta: &Meta) -> Writer {
    let mut writer = Writer::new(KIND);
    let mut add = |name: &str, width, bytes| writer.add(name, width, bytes, Packing::Deflate);
    add("id", 1, identities(&frame.id));
    add("kind", 1, frame.kind.clone());
    let flag = |bound: &bool| u8::from(*bound) << 7;
    add("condition", 1, frame.condition.iter().zip(&frame.bound).map(|(c, b)| c | flag(b)).collect());
    for (axis, name) in ["x", "y", "z"].into_iter().enumerate() {
        let codes = frame.position.iter().map(|p| meta.bounds[axis].code(p[axis], WORD));
        add(name, 2, codes.flat_map(u16::to_le_bytes).collect());
    }
    add("radius", 2, frame.radius.iter().flat_map(|r| meta.radius.code(*r, WORD).to_le_bytes()).collect());
    add("density", 1, densities(frame, meta));
    let share = Linear { low: 0.0, high: 1.0 };
    for (name, values) in [("lysis", &frame.lysis), ("exhaustion", &frame.exhaustion)] {
        if let Some(values) = values {
            add(name, 1, values.iter().map(|v| share.code(*v, BYTE) as u8).collect());
        }
    }
    if let (Some(values), Some(scale)) = (&frame.oxygen, meta.oxygen) {
        add("oxygen", 1, values.iter().map(|v| scale.code(*v, BYTE) as u8).collect());
    }
    for (k, field) in frame.fields.iter().enumerate() {
        add(&format!("field/{k}"), 4, field.value.iter().flat_map(|v| v.to_le_bytes()).collect());
    }
    writer
}

fn densities(frame: &Frame, meta: &Meta) -> Vec<u8> {
    let n = frame.id.len();
    let scales = meta.antigens.iter().map(AntigenMeta::scale).enumerate();
    scales
        .flat_map(|(antigen, scale)| {
            frame.density.iter().skip(antigen * n).take(n).map(move |d| scale.code(f64::from(*d)))
        })
        .collect()
}

/// Gaps between ascending identities, 7 bits per byte.
fn identities(ids: &[u64]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(ids.len() + ids.len() / 8);
    let mut next = 0u64;
    for id in ids {
        let mut gap = id.wrapping_sub(next);
        while gap > 0x7F {
            bytes.push(gap as u8 | 0x80);
            gap >>= 7;
        }
        bytes.push(gap as u8);
        next = id.wrapping_add(1);
    }
    bytes
}
