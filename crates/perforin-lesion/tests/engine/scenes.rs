//! Each scene holds the cells, matrix, oxygen and entry that its study states.

use perforin_core::study::StudyFile;
use perforin_lesion::model::{EntrySite, Role};
use perforin_lesion::scenario::{self, ImportedCells, Scenario};

use crate::support::{distance, run, scenario, start};

/// A study of a scene with a default product.
fn study(lesion: &str, more: &str) -> String {
    format!(
        r#"
[study]
title = "scene"
duration = "10 d"
seed = 5
[lesion]
{lesion}
[lesion.antigen.HER2]
density = {{ median = "100000 /cell", log_sd = 0.5 }}
negative = {{ fraction = "20 %", patch = "50 µm" }}
[product]
kind = "CAR-T"
gate = "HER2"
[product.receptor.HER2]
kd = "5 nM"
{more}
"#
    )
}

const ISLETS: &str = "shape = \"islets\"\ndomain = \"400 µm\"\nislets = { number = 12, diameter = \"80 µm\", gap = \"15 µm\" }";
const SLAB: &str = "shape = \"slab\"\ndomain = \"200 µm\"\nslab = { thickness = \"120 µm\" }";
const CUBE: &str = "shape = \"cube\"\ndomain = \"200 µm\"\nvessels = { spacing = \"60 µm\" }";
const MONOLAYER: &str = "shape = \"monolayer\"\nmonolayer = { cells = 500 }";
const SPHERE: &str = "diameter = \"160 µm\"";
const ALL: [&str; 5] = [SPHERE, ISLETS, SLAB, CUBE, MONOLAYER];

fn positions(scenario: &Scenario, name: &str) -> Vec<[f64; 3]> {
    let kind = scenario.model.types.iter().position(|t| t.name == name).expect("the type");
    let cells = &scenario.cells;
    (0..cells.len()).filter(|i| usize::from(cells.kind[*i]) == kind).map(|i| cells.position[i]).collect()
}

/// The dotted paths of everything that is wrong with a study.
fn problems(text: &str) -> Vec<String> {
    let study: StudyFile = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
    scenario::build(&study).expect_err("a wrong study").into_iter().map(|p| p.path).collect()
}

/// Cells of one islet touch; those of two lie at least the gap apart. Groups of cells that touch are the islets.
#[test]
fn islets_are_as_many_as_stated_apart_and_in_the_box() {
    let built = scenario(&study(ISLETS, ""));
    let cells = positions(&built, "tumour");
    let mut islet: Vec<usize> = (0..cells.len()).collect();
    for i in 0..cells.len() {
        for j in 0..i {
            // Neighbours of the packing are at most 2.2 radii apart.
            if distance(cells[i], cells[j]) < 20.0 && islet[i] != islet[j] {
                let (from, to) = (islet[i], islet[j]);
                islet.iter_mut().filter(|k| **k == from).for_each(|k| *k = to);
            }
        }
    }
    let mut names = islet.clone();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 12);
    let (lower, upper) = (built.model.grid.origin, built.model.grid.upper());
    assert!(cells.iter().all(|p| (0..3).all(|a| p[a] > lower[a] && p[a] < upper[a])));
    for name in names {
        let members: Vec<[f64; 3]> =
            (0..cells.len()).filter(|i| islet[*i] == name).map(|i| cells[i]).collect();
        let widest =
            members.iter().flat_map(|a| members.iter().map(|b| distance(*a, *b))).fold(0.0, f64::max);
        assert!(widest <= 80.0, "{widest}");
    }
}

#[test]
fn matrix_of_the_stroma_fills_all_but_the_islets() {
    let matrix = "[lesion.matrix]\ndensity = \"80 %\"\nplace = \"stroma\"\n";
    let built = scenario(&study(ISLETS, matrix));
    let (grid, share) = (&built.model.grid, &built.model.matrix);
    assert!(share.iter().all(|m| *m == 0.0 || *m == 0.8));
    let free = share.iter().filter(|m| **m == 0.0).count() as f64 * grid.voxel_volume();
    // Twelve balls of 80 µm, seen in voxels of 20 µm whose centres lie in them: about 34 for each.
    let exact = 12.0 * std::f64::consts::PI / 6.0 * 80.0_f64.powi(3);
    assert!((free / exact - 1.0).abs() < 0.1, "{free} against {exact}");
    let in_matrix = positions(&built, "tumour").iter().filter(|p| share[grid.voxel_at(**p)] > 0.0).count();
    // Only voxels cut by the edge of an islet hold cells and matrix.
    assert!(in_matrix * 3 < built.cells.len(), "{in_matrix} of {}", built.cells.len());
}

#[test]
fn fibres_run_around_the_nearest_islet() {
    let matrix = "[lesion.matrix]\ndensity = \"90 %\"\nplace = \"stroma\"\nfibres = \"circumferential\"\n";
    let built = scenario(&study(ISLETS, matrix));
    let foci = &built.model.matrix_change.foci;
    assert_eq!(foci.len(), 12);
    for focus in foci {
        let near = positions(&built, "tumour").iter().filter(|p| distance(**p, *focus) < 40.0).count();
        assert!(near > 50, "{near} cells around a focus");
    }
    // A heading straight at an islet is turned away most where the matrix is densest: only what is across is lost.
    let focus = foci[0];
    let beside = [focus[0] + 50.0, focus[1], focus[2]];
    let turned = perforin_lesion::matrix::guided(
        &built.model,
        &vec![0.9; built.model.grid.len()],
        beside,
        [-0.6, 0.8, 0.0],
    );
    assert!(turned[0].abs() < 0.6 && turned[1] > 0.8, "{turned:?}");
}

#[test]
fn a_slab_has_healthy_tissue_below_and_a_free_face_above() {
    let normal = "[lesion.normal_tissue]\nthickness = \"60 µm\"\ngap = \"30 µm\"\n";
    let built = scenario(&study(SLAB, normal));
    let height = |name: &str| {
        let z: Vec<f64> = positions(&built, name).iter().map(|p| p[2]).collect();
        (z.iter().copied().fold(f64::INFINITY, f64::min), z.iter().copied().fold(f64::NEG_INFINITY, f64::max))
    };
    let (floor, radius) = (built.model.grid.origin[2], built.cells.radius[0]);
    let (normal, tumour) = (height("normal"), height("tumour"));
    // A layer of the packing is √3 radii thick.
    assert!(
        normal.0 >= floor && normal.1 <= floor + 60.0 && normal.1 > floor + 60.0 - 3.0 * radius,
        "{normal:?}"
    );
    assert!(tumour.0 >= floor + 90.0 && tumour.1 <= floor + 210.0 && tumour.1 > 210.0 + floor - 3.0 * radius);
    let volume = 200.0 * 200.0 * 120.0;
    let each = 4.0 / 3.0 * std::f64::consts::PI * radius.powi(3);
    let filled = positions(&built, "tumour").len() as f64 * each / volume;
    // The packing fills 0.70 of space (4π/3 r³ in 2r · √3r · √3r); the edges cost up to a layer along each axis.
    assert!((0.5..0.75).contains(&filled), "{filled}");
    // Oxygen comes through the free face and from below, not from the sides.
    assert_eq!(built.model.open_faces, [false, false, false, false, true, true]);
    let oxygen = &built.model.substances[0].faces;
    let open = oxygen.map(|face| face != perforin_lesion::fields::Face::NoFlux);
    assert_eq!(open, built.model.open_faces);
}

/// Product cells of a study right after they entered, all at once.
fn newcomers(lesion: &str, place: &str) -> (Scenario, Vec<[f64; 3]>) {
    let entry = format!(
        "[lesion.entry]\nfraction = \"100 %\"\nover = \"0 min\"\ngap = \"10 µm\"\nplace = \"{place}\"\n\
         [[regimen.infusion]]\nday = 0\ndose = \"600 CAR+ cells\"\n"
    );
    let text = study(lesion, &entry);
    let built = scenario(&text);
    let mut cells = built.cells.clone();
    let mut events = Vec::new();
    let mut next = cells.len() as u64;
    let fields: Vec<_> = built
        .model
        .substances
        .iter()
        .map(|s| perforin_lesion::fields::Field::new(s.clone(), &built.model.grid))
        .collect();
    let first = cells.len();
    perforin_lesion::arrival::enter(&built.model, &fields, &mut cells, &mut next, (0.0, 6.0), &mut events);
    assert_eq!(cells.len() - first, 600);
    let entered = cells.position[first..].to_vec();
    (built, entered)
}

#[test]
fn cells_enter_where_each_scene_has_its_edge() {
    let (slab, entered) = newcomers(SLAB, "surface");
    let highest = positions(&slab, "tumour").iter().map(|p| p[2]).fold(f64::NEG_INFINITY, f64::max);
    let top = highest + slab.cells.radius[0];
    assert!(entered.iter().all(|p| (p[2] - top - 10.0).abs() < 1e-9));
    let east = entered.iter().filter(|p| p[0] > 0.0).count();
    // 600 fair coins: five standard deviations are 61.
    assert!(east.abs_diff(300) < 61, "{east}");

    let (layer, entered) = newcomers(MONOLAYER, "surface");
    let floor = layer.model.grid.origin[2];
    assert!(entered.iter().all(|p| p[2] > floor + 8.0 && p[2] <= layer.model.ceiling));

    let (islets, entered) = newcomers(ISLETS, "surface");
    let tumour = positions(&islets, "tumour");
    let nearest = |p: &[f64; 3]| tumour.iter().map(|c| distance(*c, *p)).fold(f64::INFINITY, f64::min);
    // No newcomer lies in a voxel with a tumour cell, so few lie within a cell's radius of one.
    let close = entered.iter().filter(|p| nearest(p) < 8.0).count();
    assert!(close * 20 < entered.len(), "{close}");
    let share = |from: f64| entered.iter().filter(|p| p[2] >= from && p[2] < from + 100.0).count();
    // Spread over the whole box, not around its middle: a quarter in each quarter of the height, but for islets.
    assert!([-200.0, -100.0, 0.0, 100.0].iter().all(|z| share(*z) > 90), "{:?}", share(-200.0));

    let (cube, entered) = newcomers(CUBE, "surface");
    let vessels = &cube.model.vessels.voxels;
    assert!(matches!(cube.model.arrivals[0].site, EntrySite::Vessels { .. }));
    assert!(entered.iter().all(|p| vessels.contains(&(cube.model.grid.voxel_at(*p) as u32))));
}

#[test]
fn a_co_culture_has_the_stated_ratio_in_every_scene_with_a_surface() {
    for lesion in [SPHERE, ISLETS, SLAB, MONOLAYER] {
        let built = scenario(&study(lesion, "[[regimen.infusion]]\nday = 0\neffector_to_target = 0.25\n"));
        let targets = positions(&built, "tumour").len() as f64;
        assert_eq!(built.model.arrivals[0].total(), (0.25 * targets).round() as u64, "{lesion}");
    }
    assert_eq!(positions(&scenario(&study(MONOLAYER, "")), "tumour").len(), 500);
}

#[test]
fn patches_clones_and_infiltrating_cells_have_their_shares_in_every_scene() {
    let more = "[lesion.clone.slow]\nfraction = \"30 %\"\npatch = \"40 µm\"\n[lesion.regulatory_t_cells]\nfraction = \
                \"10 %\"\n";
    for lesion in ALL {
        let built = scenario(&study(lesion, more));
        let tumour: Vec<usize> = (0..built.cells.len())
            .filter(|i| built.model.types[usize::from(built.cells.kind[*i])].role == Role::Tumour)
            .collect();
        let n = tumour.len() as f64;
        let negative = tumour.iter().filter(|i| built.cells.densities(**i)[0] == 0.0).count() as f64;
        let clone = tumour.iter().filter(|i| built.cells.clone[**i] == 1).count() as f64;
        let regulatory = positions(&built, "regulatory_t_cell").len() as f64;
        // Whole patches are taken: the share is met to half of a patch of 50 µm, 33 cells at most.
        assert!(
            (negative - 0.2 * n).abs() < 34.0 && (clone - 0.3 * n).abs() < 34.0,
            "{lesion}: {negative}, {clone}"
        );
        assert_eq!(regulatory, (0.1 * n).round(), "{lesion}");
        let (lower, upper) = (built.model.grid.origin, built.model.grid.upper());
        let top = upper[2].min(built.model.ceiling);
        let inside = |p: &[f64; 3]| {
            (0..2).all(|a| p[a] > lower[a] && p[a] < upper[a]) && p[2] > lower[2] && p[2] < top
        };
        assert!(built.cells.position.iter().all(inside), "{lesion}");
    }
}

#[test]
fn fibroblasts_of_the_stroma_lie_between_the_islets() {
    let fibroblasts = "[lesion.fibroblasts]\nfraction = \"20 %\"\nplace = \"stroma\"\n";
    let built = scenario(&study(ISLETS, fibroblasts));
    let foci: Vec<[f64; 3]> = {
        let with_fibres = "[lesion.matrix]\ndensity = \"1 %\"\nfibres = \"radial\"\n";
        scenario(&study(ISLETS, with_fibres)).model.matrix_change.foci
    };
    let placed = positions(&built, "fibroblast");
    assert!(placed.len() > 150);
    let depth = |p: &[f64; 3]| foci.iter().map(|c| distance(*c, *p)).fold(f64::INFINITY, f64::min);
    // The centre of each one's voxel lies outside; a voxel's corner is 17 µm from its centre.
    assert!(placed.iter().all(|p| depth(p) > 40.0 - 17.4));
    assert_eq!(problems(&study(CUBE, fibroblasts)), ["lesion.fibroblasts.place"]);
}

/// In the quiet medium oxygen falls straight from the top to the layer, which takes up what arrives:
/// `D (c_top − c)/(H − h/2) = k h c` in the layer's voxels of height `h`.
#[test]
fn oxygen_over_a_monolayer_is_that_of_the_one_dimensional_solution() {
    let lesion = "shape = \"monolayer\"\nmonolayer = { cells = 900 }\nmedium = { oxygen = \"152 mmHg\", depth = \"300 µm\" }";
    let Scenario { model, cells, .. } = scenario(&study(lesion, ""));
    let volume: f64 = 900.0 * 2494.0;
    let lesion = start(model, cells);
    let (grid, field) = (&lesion.model.grid, &lesion.state.fields[0]);
    let layer = &field.value[..grid.n[0] * grid.n[1]];
    let found = layer.iter().sum::<f64>() / layer.len() as f64;
    let width = grid.spacing * grid.n[0] as f64;
    let uptake = 10.0 * volume / (width * width * grid.spacing);
    let exact = 152.0 / (1.0 + uptake * grid.spacing * (300.0 - 10.0) / 1e5);
    // The floor between wall and layer has no uptake, which a mean over the layer feels in its second order.
    assert!((found / exact - 1.0).abs() < 0.01, "{found} against {exact}");
    assert_eq!(field.substance.decay, 0.0);
}

#[test]
fn a_spheroid_in_medium_has_the_oxygen_of_air_and_gets_all_cells_at_once() {
    let dose = "[lesion.medium]\n[[regimen.infusion]]\nday = 0\ndose = \"50 CAR+ cells\"\n";
    let built = scenario(&study("diameter = \"160 µm\"\ndomain = \"500 µm\"", dose));
    assert_eq!(built.model.arrivals[0].entered_by(1e-6), 50);
    assert_eq!(built.model.substances[0].faces, [perforin_lesion::fields::Face::Fixed(160.0); 6]);
}

#[test]
fn settled_cells_stay_on_the_floor_of_the_well() {
    let mixed =
        "[[regimen.infusion]]\nday = 0\neffector_to_target = 0.5\n[numerics]\nfield_step = \"6 min\"\n";
    let Scenario { model, cells, .. } = scenario(&study(MONOLAYER, mixed));
    let ceiling = model.ceiling;
    assert!((ceiling - model.grid.origin[2] - 30.0).abs() < 1e-9);
    let mut lesion = start(model, cells);
    run(&mut lesion, 120.0);
    assert!(lesion.state.cells.len() > 700);
    assert!(lesion.state.cells.position.iter().all(|p| p[2] <= ceiling));
}

/// A cube without vessels and with closed faces would suffocate; with vessels oxygen comes from inside alone.
#[test]
fn a_cube_breathes_through_its_vessels_alone() {
    assert_eq!(problems(&study("shape = \"cube\"\ndomain = \"100 µm\"", "")), ["lesion.shape"]);
    let Scenario { model, cells, .. } = scenario(&study(CUBE, ""));
    assert_eq!(model.substances[0].faces, [perforin_lesion::fields::Face::NoFlux; 6]);
    let vessels = model.vessels.voxels.clone();
    let lesion = start(model, cells);
    let value = &lesion.state.fields[0].value;
    let mean = |voxels: &[u32]| voxels.iter().map(|v| value[*v as usize]).sum::<f64>() / voxels.len() as f64;
    let all: Vec<u32> = (0..value.len() as u32).collect();
    assert!(mean(&vessels) > mean(&all) && mean(&all) > 1.0, "{} and {}", mean(&vessels), mean(&all));
    assert!(value.iter().all(|c| *c < 38.0 + 1e-6));
}

#[test]
fn what_contradicts_a_scene_is_refused_at_its_place() {
    let cases = [
        ("shape = \"slab\"", "", vec!["lesion.shape"]),
        (
            "shape = \"slab\"\nslab = { thickness = \"100 µm\" }\ndiameter = \"1 mm\"",
            "",
            vec!["lesion.diameter"],
        ),
        ("diameter = \"100 µm\"\nislets = { number = 2, diameter = \"50 µm\" }", "", vec!["lesion.islets"]),
        (SLAB, "[lesion.medium]\n", vec!["lesion.medium"]),
        (ISLETS, "[lesion.normal_tissue]\nthickness = \"20 µm\"\n", vec!["lesion.normal_tissue"]),
        (SLAB, "[lesion.matrix]\ndensity = \"50 %\"\nfibres = \"radial\"\n", vec!["lesion.matrix.fibres"]),
        (CUBE, "[lesion.matrix]\ndensity = \"50 %\"\nplace = \"stroma\"\n", vec!["lesion.matrix.place"]),
        (CUBE, "[[regimen.infusion]]\nday = 0\neffector_to_target = 1.0\n", vec!["regimen.infusion.0"]),
        (
            "shape = \"islets\"\ndomain = \"200 µm\"\nislets = { number = 30, diameter = \"80 µm\" }",
            "",
            vec!["lesion.islets"],
        ),
        ("shape = \"monolayer\"\nmonolayer = { cells = 0 }", "", vec!["lesion.monolayer.cells"]),
        (
            "shape = \"monolayer\"\ndomain = \"100 µm\"\nmonolayer = { cells = 500 }",
            "",
            vec!["lesion.domain"],
        ),
        (
            MONOLAYER,
            "[lesion.medium]\noxygen = \"20 mmHg\"\n[lesion.field.oxygen]\nboundary = \"20 mmHg\"\n",
            vec!["lesion.medium.oxygen"],
        ),
    ];
    for (lesion, more, expected) in cases {
        assert_eq!(problems(&study(lesion, more)), expected, "{lesion}\n{more}");
    }
}

/// The study of an imported section, and its cells: a row of tumour cells, then healthy ones, then a T cell.
fn import() -> (String, ImportedCells) {
    let text = study(
        "[lesion.import]\nfile = \"cells.csv\"\nunit = \"0.5 µm\"\nthickness = \"20 µm\"\n\
         types = { T = \"tumour\", N = \"normal\", R = \"regulatory_t_cell\", X = \"none\" }\n\
         [lesion.import.antigen.HER2]\nfrom = \"her2\"\nfactor = \"1 /cell\"\n\
         [lesion.import.antigen.B7H3]\nfrom = \"b7h3\"\nfactor = \"1 /cell\"\n",
        "",
    );
    let cells = ImportedCells {
        types: vec!["tumour".into(), "normal".into(), "regulatory_t_cell".into()],
        kind: (0..31).map(|i| usize::from(i >= 20) + usize::from(i == 30)).collect(),
        position: (0..31).map(|i| [1000.0 + 17.0 * f64::from(i), 3000.0 + f64::from(i % 3), 0.0]).collect(),
        antigens: vec!["B7H3".into(), "HER2".into()],
        density: (0..31).flat_map(|i| [i as f32, 100.0 * i as f32]).collect(),
    };
    (text, cells)
}

fn built_with(text: &str, cells: Option<&ImportedCells>) -> Result<Scenario, Vec<String>> {
    let study: StudyFile = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
    scenario::build_with(&study, cells).map_err(|problems| problems.into_iter().map(|p| p.path).collect())
}

#[test]
fn imported_cells_keep_their_distances_types_and_antigens() {
    let (text, cells) = import();
    let Scenario { model, cells: placed, .. } = built_with(&text, Some(&cells)).expect("a right study");
    assert_eq!(placed.len(), 31);
    for i in 0..31 {
        assert_eq!(model.types[usize::from(placed.kind[i])].name, cells.types[cells.kind[i]]);
        let between = |p: &[[f64; 3]]| distance(p[i], p[0]);
        assert!((between(&placed.position) - between(&cells.position)).abs() < 1e-9);
        assert_eq!(
            placed.densities(i),
            [i as f32, 100.0 * i as f32],
            "antigens are in the order of their names"
        );
        assert_eq!(placed.inherited[2 * i..2 * i + 2], placed.density[2 * i..2 * i + 2]);
    }
    assert_eq!(model.open_faces, [true, true, true, true, false, false]);
    let floor = model.grid.origin[2];
    assert!((model.ceiling - floor - 20.0).abs() < 1e-9);
    assert!(placed.position.iter().all(|p| (p[2] - floor - 10.0).abs() < 1e-9));
    let mut lesion = start(model, placed);
    run(&mut lesion, 60.0);
    assert!(lesion.state.cells.position.iter().all(|p| p[2] >= floor && p[2] <= floor + 20.0));
}

/// 20 tumour cells and ten of another type that the study calls a tumour.
#[test]
fn a_co_culture_with_imported_cells_counts_all_of_their_tumour_types() {
    let (text, cells) = import();
    let dose = "[[regimen.infusion]]\nday = 0\neffector_to_target = 0.5\n";
    let total = |text: &str, cells: &ImportedCells| {
        let built = built_with(&(text.to_owned() + dose), Some(cells)).expect("a right study");
        built.model.arrivals[0].total()
    };
    assert_eq!(total(&text, &cells), 10);
    let second = text.replace("\"normal\"", "\"resistant\"") + "[lesion.cell.resistant]\nrole = \"tumour\"\n";
    let types = vec!["tumour".into(), "resistant".into(), "regulatory_t_cell".into()];
    assert_eq!(total(&second, &ImportedCells { types, ..cells }), 15);
}

#[test]
fn what_is_wrong_with_an_import_is_refused_at_its_place() {
    let (text, cells) = import();
    let wrong =
        |text: &str, cells: Option<&ImportedCells>| built_with(text, cells).expect_err("a wrong import");
    assert_eq!(wrong(&text, None), ["lesion.import.file"]);
    assert_eq!(wrong(&text, Some(&ImportedCells::default())), ["lesion.import.file"]);
    let broken = ImportedCells { position: vec![[f64::NAN, 0.0, 0.0]; 31], ..cells.clone() };
    assert_eq!(wrong(&text, Some(&broken)), ["lesion.import.file"]);
    let short = ImportedCells { kind: vec![0; 30], ..cells.clone() };
    assert_eq!(wrong(&text, Some(&short)), ["lesion.import.file"]);
    let unknown = text.replace("\"normal\"", "\"stromal\"");
    assert_eq!(wrong(&unknown, Some(&cells))[0], "lesion.import.types.N");
    let blind = text.replace("\"normal\"", "\"endogenous_t_cell\"");
    assert!(wrong(&blind, Some(&cells)).contains(&"lesion.import.types.N".to_owned()));
    let thin = text.replace("\"20 µm\"", "\"2 µm\"");
    assert_eq!(wrong(&thin, Some(&cells)), ["lesion.import.thickness"]);
    let both = text.replace("[lesion.import]", "shape = \"slab\"\n[lesion.import]");
    assert_eq!(wrong(&both, Some(&cells)), ["lesion.shape"]);
    let narrow = text.replace("[lesion.import]", "domain = \"100 µm\"\n[lesion.import]");
    assert_eq!(wrong(&narrow, Some(&cells)), ["lesion.domain"]);
}
