//! From frames to the blocks of the viewer.

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use perforin_core::rng::philox4x32_10;
use perforin_lesion::cells::Condition;
use perforin_lesion::storage::frames::Frame;

use super::scale::Range;
use super::{FIELD_EDGE, Grid, Header, Kind, Packed, Scale, Shown};
use crate::failure::Failure;
use crate::report::figures::colours;

/// Codes of a coordinate.
const CODES: f64 = 4095.0;

/// The frames that are packed, with the scales that hold all of them.
pub(super) struct Packer {
    files: Vec<PathBuf>,
    header: Header,
    /// Share of the cells that is shown.
    share: f64,
}

impl Packer {
    /// Reads the frames once for their ranges. `all` is the number of frames that there are, `most` that of cells shown
    /// in all frames together.
    pub fn survey(files: &[PathBuf], all: usize, most: usize) -> Result<Self, Failure> {
        let mut survey: Option<Survey> = None;
        for file in files {
            let frame = read_frame(file)?;
            survey.get_or_insert_with(|| Survey::new(&frame)).take(&frame);
        }
        let survey = survey.ok_or_else(|| Failure::input("there are no frames"))?;
        let cells: usize = survey.frames.iter().map(|frame| frame.n).sum();
        let share = if cells > most { most as f64 / cells as f64 } else { 1.0 };
        let mut header = survey.header();
        header.thinned = thinned(files.len(), all, share);
        Ok(Self { files: files.to_vec(), header, share })
    }

    /// Reads the frames again and packs them.
    pub fn pack(mut self) -> Result<Packed, Failure> {
        let mut blocks = Vec::with_capacity(self.files.len());
        for (place, file) in self.files.iter().enumerate() {
            let frame = read_frame(file)?;
            let rows: Vec<usize> =
                (0..frame.id.len()).filter(|&row| is_shown(frame.id[row], self.share)).collect();
            self.header.frames[place].n = rows.len();
            blocks.push(deflated(&self.bytes(&frame, &rows))?);
        }
        Ok(Packed { header: self.header, blocks })
    }

    fn bytes(&self, frame: &Frame, rows: &[usize]) -> Vec<u8> {
        let header = &self.header;
        let mut bytes = Vec::with_capacity(rows.len() * (13 + header.scalars.len()));
        let mut gaps = Vec::with_capacity(rows.len());
        let mut previous = 0;
        for &row in rows {
            gaps.push((frame.id[row] - previous) as u32);
            previous = frame.id[row];
        }
        planes(&mut bytes, &gaps.iter().map(|gap| gap.to_le_bytes()).collect::<Vec<_>>());
        for axis in 0..3 {
            let (low, high) = (header.low[axis], header.high[axis]);
            let code = |&row: &usize| {
                let share = (frame.position[row][axis] - low) / (high - low).max(f64::MIN_POSITIVE);
                (libm::round(CODES * share.clamp(0.0, 1.0)) as u16).to_le_bytes()
            };
            planes(&mut bytes, &rows.iter().map(code).collect::<Vec<_>>());
        }
        let radius = Scale { low: 0.0, high: header.radius, ..Range::share("radius").scale() };
        bytes.extend(rows.iter().map(|&row| radius.code(frame.radius[row])));
        bytes.extend(rows.iter().map(|&row| frame.kind[row]));
        bytes.extend(rows.iter().map(|&row| frame.condition[row] | u8::from(frame.bound[row]) << 7));
        for (scale, value) in header.scalars.iter().zip(scalars(frame)) {
            bytes.extend(rows.iter().map(|&row| scale.code(value(row))));
        }
        if let Some(grid) = &header.grid {
            for (scale, field) in header.fields.iter().zip(&frame.fields) {
                bytes.extend(coarse(frame, &field.value, grid.n).map(|value| scale.code(value)));
            }
        }
        bytes
    }
}

/// A frame from its file.
///
/// # Errors
/// If it cannot be read.
pub fn read_frame(file: &Path) -> Result<Frame, Failure> {
    Frame::read(file).map_err(|e| Failure::unreadable("a frame cannot be read").because(&e))
}

/// One plane after the other: all lowest bytes, then all second ones, and so on.
fn planes<const N: usize>(bytes: &mut Vec<u8>, values: &[[u8; N]]) {
    for byte in 0..N {
        bytes.extend(values.iter().map(|value| value[byte]));
    }
}

fn deflated(bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    packed.map_err(|e| Failure::input("a frame cannot be packed").because(&e))
}

/// Whether a cell is shown, the same in every frame.
pub fn is_shown(id: u64, share: f64) -> bool {
    let [draw, ..] = philox4x32_10([id as u32, (id >> 32) as u32, 0, 0], [0, 0]);
    share >= 1.0 || f64::from(draw) < share * 4_294_967_296.0
}

fn thinned(shown: usize, all: usize, share: f64) -> String {
    let mut parts = Vec::new();
    if shown < all {
        parts.push(format!("{shown} of {all} frames"));
    }
    if share < 1.0 {
        parts.push(format!("{:.0} % of the cells, the same ones at all times", 100.0 * share));
    }
    if parts.is_empty() {
        return String::new();
    }
    format!("To keep this page small it holds {}. The folder has all of them.", parts.join(" and "))
}

/// Ranges over all frames.
struct Survey {
    first: Frame,
    low: [f64; 3],
    high: [f64; 3],
    radius: f64,
    scalars: Vec<Range>,
    fields: Vec<Range>,
    frames: Vec<Shown>,
}

impl Survey {
    fn new(frame: &Frame) -> Self {
        let mut scalars: Vec<Range> =
            frame.antigens.iter().map(|antigen| Range::new(antigen, "/cell", true)).collect();
        scalars.extend(frame.oxygen.as_ref().map(|_| Range::new("oxygen", "mmHg", false)));
        scalars.extend(frame.lysis.as_ref().map(|_| Range::share("lytic signal")));
        scalars.extend(frame.exhaustion.as_ref().map(|_| Range::share("exhaustion")));
        let fields = frame.fields.iter().map(|field| Range::new(&field.name, &field.unit, false)).collect();
        Self {
            first: frame.clone(),
            low: frame.grid.origin,
            high: frame.grid.upper(),
            radius: 0.0,
            scalars,
            fields,
            frames: Vec::new(),
        }
    }

    fn take(&mut self, frame: &Frame) {
        for position in &frame.position {
            for axis in 0..3 {
                self.low[axis] = self.low[axis].min(position[axis]);
                self.high[axis] = self.high[axis].max(position[axis]);
            }
        }
        self.radius = frame.radius.iter().copied().fold(self.radius, f64::max);
        for (range, value) in self.scalars.iter_mut().zip(scalars(frame)) {
            (0..frame.id.len()).for_each(|row| range.take(value(row)));
        }
        for (range, field) in self.fields.iter_mut().zip(&frame.fields) {
            field.value.iter().for_each(|value| range.take(f64::from(*value)));
        }
        let mut counts = vec![0; frame.types.len()];
        frame.kind.iter().for_each(|kind| counts[usize::from(*kind)] += 1);
        self.frames.push(Shown { day: frame.time / 1440.0, n: frame.id.len(), counts });
    }

    fn header(self) -> Header {
        let first = &self.first;
        let roles = first.types.iter().map(|(_, role)| *role);
        let types = first.types.iter().zip(colours(roles));
        let n = first.grid.n.map(|n| n.min(FIELD_EDGE));
        let grid = Grid { n, low: first.grid.origin, high: first.grid.upper() };
        Header {
            low: self.low,
            high: self.high,
            radius: self.radius,
            types: types.map(|((name, _), colour)| Kind { name: name.clone(), colour }).collect(),
            conditions: (0..=u8::MAX)
                .map_while(Condition::from_number)
                .map(|condition| format!("{condition:?}").to_lowercase())
                .collect(),
            scalars: self.scalars.into_iter().map(Range::scale).collect(),
            grid: (!self.fields.is_empty()).then_some(grid),
            fields: self.fields.into_iter().map(Range::scale).collect(),
            frames: self.frames,
            thinned: String::new(),
        }
    }
}

/// The scalars of a frame by row, in the order of the survey.
fn scalars(frame: &Frame) -> Vec<Box<dyn Fn(usize) -> f64 + '_>> {
    let n = frame.id.len();
    let mut all: Vec<Box<dyn Fn(usize) -> f64 + '_>> = Vec::new();
    for antigen in 0..frame.antigens.len() {
        all.push(Box::new(move |row| f64::from(frame.density[antigen * n + row])));
    }
    for column in [&frame.oxygen, &frame.lysis, &frame.exhaustion].into_iter().flatten() {
        all.push(Box::new(move |row| column[row]));
    }
    all
}

/// A substance on fewer voxels: the nearest voxel to the middle of each.
fn coarse<'a>(frame: &'a Frame, value: &'a [f32], n: [usize; 3]) -> impl Iterator<Item = f64> + 'a {
    let full = frame.grid.n;
    let at = move |axis: usize, i: usize| (2 * i + 1) * full[axis] / (2 * n[axis]);
    (0..n[2]).flat_map(move |z| {
        (0..n[1]).flat_map(move |y| {
            (0..n[0]).map(move |x| f64::from(value[(at(2, z) * full[1] + at(1, y)) * full[0] + at(0, x)]))
        })
    })
}
