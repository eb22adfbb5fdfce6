//! From the sections of a file to a frame.

use std::borrow::Cow;

use super::meta::{AntigenMeta, FieldMeta, Meta};
use super::scale::{BYTE, Linear, WORD};
use super::{Frame, FrameField};
use crate::cells::Condition;
use crate::storage::container::{Container, Fault, ReadError};

/// The frame in a file.
pub(super) fn frame(file: &Container) -> Result<Frame, ReadError> {
    let meta: Meta = file.meta()?;
    let refuse = |what| file.refuse(Fault::Description { what });
    let n = usize::try_from(meta.cells).map_err(|_| refuse("number of cells"))?;
    let voxels = meta.grid.voxels().ok_or_else(|| refuse("grid"))?;
    let columns = Columns { file, n };
    let (condition, bound) = columns.conditions()?;
    let signal = Linear { low: 0.0, high: 1.0 };
    Ok(Frame {
        time: meta.time,
        step: meta.step,
        id: columns.identities()?,
        kind: columns.kinds(meta.types.len())?,
        condition,
        bound,
        position: columns.positions(&meta.bounds)?,
        radius: columns.words_on("radius", meta.radius)?,
        density: columns.densities(&meta.antigens)?,
        lysis: meta.lysis.then(|| columns.bytes_on("lysis", signal)).transpose()?,
        exhaustion: meta.exhaustion.then(|| columns.bytes_on("exhaustion", signal)).transpose()?,
        oxygen: meta.oxygen.map(|scale| columns.bytes_on("oxygen", scale)).transpose()?,
        fields: fields(file, &meta.fields, voxels)?,
        types: meta.types.into_iter().map(|t| (t.name, t.role)).collect(),
        antigens: meta.antigens.into_iter().map(|a| a.name).collect(),
        grid: meta.grid.into(),
    })
}

/// The sections with a value for each of `n` cells.
struct Columns<'a> {
    file: &'a Container,
    n: usize,
}

impl<'a> Columns<'a> {
    /// A section of `n` times `many` values of `width` bytes.
    fn raw(&self, name: &str, width: usize, many: usize) -> Result<Cow<'a, [u8]>, ReadError> {
        let bytes = self.file.section(name, width)?;
        let found = (bytes.len() / width) as u64;
        let expected = (self.n as u64).saturating_mul(many as u64);
        if found == expected { Ok(bytes) } else { Err(self.file.refuse(Fault::count(name, expected, found))) }
    }

    /// Values of one byte on a scale.
    fn bytes_on(&self, name: &str, scale: Linear) -> Result<Vec<f64>, ReadError> {
        Ok(self.raw(name, 1, 1)?.iter().map(|code| scale.value(u16::from(*code), BYTE)).collect())
    }

    /// Values of two bytes on a scale.
    fn words_on(&self, name: &str, scale: Linear) -> Result<Vec<f64>, ReadError> {
        let bytes = self.raw(name, 2, 1)?;
        let (words, _) = bytes.as_chunks();
        Ok(words.iter().map(|word| scale.value(u16::from_le_bytes(*word), WORD)).collect())
    }

    fn positions(&self, bounds: &[Linear; 3]) -> Result<Vec<[f64; 3]>, ReadError> {
        let x = self.words_on("x", bounds[0])?;
        let y = self.words_on("y", bounds[1])?;
        let z = self.words_on("z", bounds[2])?;
        Ok(x.into_iter().zip(y).zip(z).map(|((x, y), z)| [x, y, z]).collect())
    }

    fn kinds(&self, types: usize) -> Result<Vec<u8>, ReadError> {
        let kinds = self.raw("kind", 1, 1)?.into_owned();
        match kinds.iter().position(|kind| usize::from(*kind) >= types) {
            None => Ok(kinds),
            Some(row) => Err(self.refuse_value("kind", row, &kinds[row], "a place in the list of types")),
        }
    }

    fn conditions(&self) -> Result<(Vec<u8>, Vec<bool>), ReadError> {
        let bytes = self.raw("condition", 1, 1)?;
        let condition: Vec<u8> = bytes.iter().map(|byte| byte & 0x7F).collect();
        match condition.iter().position(|c| Condition::from_number(*c).is_none()) {
            None => Ok((condition, bytes.iter().map(|byte| byte & 0x80 != 0).collect())),
            Some(row) => {
                Err(self.refuse_value("condition", row, &condition[row], "the number of a condition"))
            }
        }
    }

    fn densities(&self, antigens: &[AntigenMeta]) -> Result<Vec<f32>, ReadError> {
        let codes = self.raw("density", 1, antigens.len())?;
        let n = self.n;
        let scales = antigens.iter().map(AntigenMeta::scale).enumerate();
        let values = scales.flat_map(|(antigen, scale)| {
            codes[antigen * n..(antigen + 1) * n].iter().map(move |code| scale.value(*code) as f32)
        });
        Ok(values.collect())
    }

    fn identities(&self) -> Result<Vec<u64>, ReadError> {
        let bytes = self.file.section("id", 1)?;
        let mut rest = bytes.iter();
        let mut ids: Vec<u64> = Vec::new();
        while !rest.as_slice().is_empty() {
            let next = ids.last().map_or(Some(0), |id| id.checked_add(1));
            let id = next.zip(gap(&mut rest)).and_then(|(next, gap)| next.checked_add(gap));
            ids.push(id.ok_or_else(|| {
                self.refuse_value("id", ids.len(), &"a gap", "a whole one that leads to a 64-bit number")
            })?);
        }
        if ids.len() == self.n {
            Ok(ids)
        } else {
            Err(self.file.refuse(Fault::count("id", self.n as u64, ids.len() as u64)))
        }
    }

    fn refuse_value(
        &self,
        section: &str,
        row: usize,
        found: &impl ToString,
        needed: &'static str,
    ) -> ReadError {
        self.file.refuse(Fault::value(section, row, found, needed))
    }
}

/// One number of 7 bits per byte, if it is whole and has at most 64 bits.
fn gap(bytes: &mut std::slice::Iter<u8>) -> Option<u64> {
    let mut gap = 0;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.next()?;
        let part = u64::from(byte & 0x7F);
        if (part << shift) >> shift != part {
            return None;
        }
        gap |= part << shift;
        if byte & 0x80 == 0 {
            return Some(gap);
        }
    }
    None
}

fn fields(file: &Container, fields: &[FieldMeta], voxels: usize) -> Result<Vec<FrameField>, ReadError> {
    let field = |(k, about): (usize, &FieldMeta)| {
        let name = format!("field/{k}");
        let bytes = file.section(&name, 4)?;
        let (values, _) = bytes.as_chunks();
        if values.len() != voxels {
            return Err(file.refuse(Fault::count(&name, voxels as u64, values.len() as u64)));
        }
        let value = values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        Ok(FrameField { name: about.name.clone(), unit: about.unit.clone(), value })
    };
    fields.iter().enumerate().map(field).collect()
}
