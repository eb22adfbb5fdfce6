//! Whole answers: the planted gate of a synthetic atlas, and two real tumours.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use perforin_atlas::answer::{Profile, answer, targets};
use perforin_atlas::cohort::{AtlasFile, Field, Malignancy};
use perforin_atlas::dropout::Detection;
use perforin_atlas::evidence::{NormalProtein, NormalRna, ProteinEvidence, RnaEvidence, read_surface};
use perforin_atlas::goal::Objective;
use perforin_atlas::load::{Calling, Loaded, load};
use perforin_atlas::read::MatrixChoice;
use perforin_atlas::request::{Candidates, TargetsRequest};
use perforin_atlas::shape::Shape;
use perforin_atlas::synthetic::Synthetic;

fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

fn small() -> Synthetic {
    Synthetic { seed: 11, genes: 60, patients: 6, malignant: 900, tissues: 8, normal: 1600 }
}

fn loaded(atlas: &Synthetic, thresholds: Vec<f64>) -> Loaded {
    load(&[atlas.file()], None, &[], &Calling { thresholds, ..Calling::default() }, &|_| false).unwrap()
}

#[test]
fn the_planted_gate_is_found_and_proved_best() {
    let mut request = TargetsRequest::new(Vec::new());
    request.calling.thresholds = vec![0.0, 2.0];
    let answer = answer(&request, &loaded(&small(), vec![0.0, 2.0]), &|_| false).unwrap();
    let best = &answer.gates[0];
    assert_eq!(best.gate, "(PLANT_A | PLANT_B) & !PLANT_C");
    // Mean counts of 4 at a depth of e^±1: one cell in about 20 to 60 shows none of its antigen.
    assert!(best.value > 0.85 && best.pooled.sensitivity > 0.9, "{}", best.value);
    assert!(best.tissues[0].fraction <= 0.05);
    assert!(answer.shapes.iter().all(|shape| shape.certificate.proven));
    assert!(best.thresholds[1].value < best.thresholds[0].value);
    // The blocker is detected where it protects, and malignant cells hardly ever show it.
    let blocker = &best.blockers[0];
    assert_eq!(blocker.blocker, "PLANT_C");
    assert!(blocker.detection.as_ref().unwrap().1 > 0.9);
    let protected: u32 = blocker.protected.iter().map(|p| p.without - p.with).sum();
    assert!(protected > 500, "{protected}");
    assert!(best.discounted.unwrap() > 0.95 * best.value);
    // Every patient is covered by a gate of the others.
    assert_eq!(answer.leave_one_out.len(), 6);
    assert!(answer.ranked_tsv().lines().nth(1).unwrap().starts_with("1\t(PLANT_A | PLANT_B) & !PLANT_C"));
    assert!(answer.json().unwrap().contains("\"proven\": true"));
    assert!(best.product_block().contains("gate = \"(PLANT_A | PLANT_B) & !PLANT_C\""));
}

#[test]
fn a_pooled_answer_has_pooled_figures_at_every_threshold() {
    let mut request = TargetsRequest::new(Vec::new());
    request.objective = Objective::Pooled;
    request.safety.cap = 0.1;
    request.literals = 2;
    let answer = answer(&request, &loaded(&small(), vec![0.0, 2.0]), &|_| false).unwrap();
    for gate in &answer.gates {
        assert_eq!(gate.value, gate.pooled.sensitivity);
        assert_eq!(gate.thresholds[0].value, gate.value);
        assert!(gate.thresholds[0].within_limits && gate.pooled.specificity.unwrap() >= 0.9);
        assert!(gate.thresholds[1].value < gate.value);
        assert!(gate.limiting.is_none() && gate.tissues[0].cap.is_none());
    }
    assert!(answer.leave_one_out.is_empty());
}

/// The share of malignant cells of a state that carries an antigen is known; the model must give back those missed.
#[test]
fn the_model_of_dropout_gives_back_the_cells_that_were_missed() {
    let atlas = Synthetic { malignant: 6000, patients: 2, ..small() };
    let calling = |detection| Calling { detection, ..Calling::default() };
    let share = |calling: &Calling, literal: usize| {
        let loaded = load(&[atlas.file()], None, &[], calling, &|_| false).unwrap();
        let group = &loaded.planes.groups[0];
        let ones: u32 =
            group.of(loaded.planes.plane(0, literal)).iter().flatten().map(|w| w.count_ones()).sum();
        f64::from(ones) / group.cells as f64
    };
    let detection = Some(Detection { floor: 0.3, seed: 5 });
    // Every malignant cell carries one of the two antigens; a hundredth has a stray count of the other, which the model
    // takes for carried.
    let both = |calling: &Calling| share(calling, 0) + share(calling, 1);
    let (seen, modelled) = (both(&calling(None)), both(&calling(detection)));
    // Sums of 60 genes' counts measure depth poorly, and draws of 3,000 cells scatter by 0.01.
    assert!(seen < 0.98 && modelled > seen + 0.01 && (modelled - 1.01).abs() < 0.03, "{seen} {modelled}");
    let mut request = TargetsRequest::new(vec![atlas.file()]);
    (request.calling.detection, request.leave_one_out) = (detection, 0);
    let answer = targets(&request, &|_| false).unwrap();
    let best = &answer.gates[0];
    let [modelled, observed] = &best.thresholds[..] else { panic!() };
    assert!(modelled.modelled && !observed.modelled && modelled.value > observed.value);
    // The model has already called blockers that were missed: nothing is left to discount.
    assert_eq!(best.discounted, Some(best.value));
    let mut both = request.clone();
    both.calling.depth_matched = true;
    assert!(targets(&both, &|_| false).is_err());
}

#[test]
fn a_model_of_dropout_refuses_values_that_are_no_counts() {
    let Some(mut request) = oligodendroglioma() else { return };
    request.calling.detection = Some(Detection { floor: 0.3, seed: 1 });
    let error = targets(&request, &|_| false).unwrap_err();
    assert!(error.to_string().contains("is no count"), "{error}");
}

#[test]
fn a_certified_limit_is_stricter_and_says_where_cells_are_too_few() {
    let mut request = TargetsRequest::new(Vec::new());
    (request.literals, request.leave_one_out, request.larger) = (2, 0, 4);
    let plain = answer(&request, &loaded(&small(), vec![0.0]), &|_| false).unwrap();
    request.safety.certified = true;
    let strict = answer(&request, &loaded(&small(), vec![0.0]), &|_| false).unwrap();
    for (plain, strict) in plain.shapes.iter().zip(&strict.shapes) {
        assert!(strict.certificate.optimum <= plain.certificate.optimum);
    }
    assert!(strict.gates.iter().flat_map(|g| &g.tissues).all(|row| row.interval.high <= 0.05));
    // 60 cells or fewer without a hit leave more than 5 % possible; 200 do not.
    let atlas = Synthetic { normal: 480, ..small() };
    let few = answer(&request, &loaded(&atlas, vec![0.0]), &|_| false).unwrap();
    assert!(few.warnings.iter().any(|w| w.contains("60 cells, too few to certify")));
    // The planted gate has three literals, so the best of up to four beats the best of two.
    let larger = plain.larger.unwrap();
    assert!(larger.result.proven && larger.gate.is_some());
    assert!(larger.result.bound > plain.gates[0].value);
}

#[test]
fn a_gene_that_is_hardly_ever_detected_is_no_blocker() {
    let mut request = TargetsRequest::new(Vec::new());
    request.blocker_share = 1.0;
    request.leave_one_out = 0;
    let answer = answer(&request, &loaded(&small(), vec![0.0]), &|_| false).unwrap();
    let negated = answer.gates.iter().any(|gate| gate.antigens.iter().any(|antigen| antigen.negated));
    assert!(!negated);
}

#[test]
fn the_file_of_a_synthetic_atlas_gives_its_planes() {
    let atlas = small();
    let path = std::env::temp_dir().join(format!("perforin-synthetic-{}.h5ad", std::process::id()));
    std::fs::write(&path, atlas.h5ad().unwrap()).unwrap();
    let column = |name: &str| Field::Column(name.into());
    let file = AtlasFile {
        path: path.clone(),
        matrix: MatrixChoice::Main,
        labels: None,
        malignant: Malignancy::Label {
            column: "malignant".into(),
            malignant: vec!["true".into()],
            normal: Vec::new(),
        },
        patient: column("patient"),
        tissue: column("tissue"),
        cell_type: column("cell_type"),
    };
    let loaded =
        perforin_atlas::load::load(&[file], None, &[], &perforin_atlas::load::Calling::default(), &|_| false)
            .unwrap();
    std::fs::remove_file(path).unwrap();
    let direct = atlas.planes(vec![0.0]);
    assert_eq!(loaded.planes.groups, direct.groups);
    assert_eq!(loaded.planes.literals, direct.literals);
    for literal in 0..direct.literals.len() {
        assert_eq!(loaded.planes.plane(0, literal), direct.plane(0, literal), "{literal}");
    }
}

#[test]
fn a_profile_counts_every_cell_once() {
    let loaded = loaded(&small(), vec![0.0]);
    let profile = Profile::new(&loaded, &[0, 1]);
    assert_eq!(profile.antigens, ["PLANT_A", "PLANT_B"]);
    let first = &profile.groups[0];
    assert_eq!(first.cells.iter().sum::<u32>(), 150);
    // 55 % of malignant cells carry A and 45 % carry B; five standard errors of 150 draws are 0.2.
    let with_a = f64::from(first.cells[1] + first.cells[3]) / 150.0;
    assert!((with_a - 0.55 * 0.95).abs() < 0.2, "{with_a}");
}

fn oligodendroglioma() -> Option<TargetsRequest> {
    let path = shared("oligodendroglioma/oligodendroglioma_expression_downsampled.counts.matrix.gz")?;
    let mut request = TargetsRequest::new(vec![AtlasFile {
        labels: Some(path.with_file_name("oligodendroglioma_annotations_downsampled.txt")),
        path,
        matrix: MatrixChoice::Main,
        malignant: Malignancy::Label {
            column: "label".into(),
            malignant: vec!["malignant_*".into()],
            normal: Vec::new(),
        },
        patient: Field::Column("label".into()),
        tissue: Field::Fixed("brain".into()),
        cell_type: Field::Column("label".into()),
    }]);
    request.candidates = Candidates::Surface { lists: vec![shared("surfaceome/surfy_2886.tsv")?], grade: 1 };
    Some(request)
}

#[test]
fn oligodendroglioma_from_files_to_answer() {
    let Some(mut request) = oligodendroglioma() else { return };
    request.normal_protein = shared("hpa_normal/hpa21_hpaNormalTissue.tsv.gz");
    request.literals = 2;
    let answer = targets(&request, &|_| false).unwrap();
    let cells: Vec<usize> = answer.groups.iter().map(|g| g.cells).collect();
    assert_eq!(cells, [40, 35, 33, 34, 19, 23]);
    assert!(answer.shapes.iter().all(|s| s.certificate.proven));
    let by_shape = |shape| answer.shapes.iter().find(|s| s.shape == shape).unwrap().certificate.optimum;
    // A gate of two literals may repeat what one does, but never does worse than the best single antigen.
    let pairs = [Shape::And, Shape::Or, Shape::AndNot].map(by_shape).into_iter().fold(0.0, f64::max);
    assert!(pairs >= by_shape(Shape::Single));
    assert!(answer.gates[0].value > 0.5, "{}", answer.gates[0].gate);
    // So few cells and patients certify little, and the answer says so.
    assert!(answer.warnings.iter().any(|w| w.starts_with("4 patient(s)")));
    assert!(answer.warnings.iter().any(|w| w.contains("19 cells")));
    assert_eq!(answer.leave_one_out.len(), 4);
    println!("{}", answer.ranked_tsv());
    for left in &answer.leave_one_out {
        println!("{left:?}");
    }
    println!("{:#?}", answer.warnings);
}

#[test]
fn breast_cancer_from_a_matrix_market_folder() {
    let Some(path) = shared("tnbc_copykat") else { return };
    let mut request = TargetsRequest::new(vec![AtlasFile {
        labels: Some(path.join("copykat_prediction.txt")),
        path,
        matrix: MatrixChoice::Main,
        malignant: Malignancy::Label {
            column: "copykat.pred".into(),
            malignant: vec!["aneuploid".into()],
            normal: vec!["diploid".into()],
        },
        patient: Field::Fixed("TNBC1".into()),
        tissue: Field::Fixed("breast".into()),
        cell_type: Field::Fixed("diploid".into()),
    }]);
    let Some(list) = shared("surfaceome/cspa_human_1492.tsv") else { return };
    request.candidates = Candidates::Surface { lists: vec![list], grade: 3 };
    request.objective = Objective::Minimum;
    let answer = targets(&request, &|_| false).unwrap();
    assert_eq!(answer.groups.iter().map(|g| g.cells).sum::<usize>(), 302);
    assert!(answer.shapes.iter().all(|s| s.certificate.proven));
    assert!(answer.leave_one_out.is_empty());
    println!("{}", answer.ranked_tsv());
}

#[test]
fn surface_lists_are_recognised_by_their_headers() {
    let sizes = [
        ("surfaceome/surfy_2886.tsv", 2700..2900),
        ("surfaceome/cspa_human_1492.tsv", 1400..1500),
        ("surfaceome/deliverome_candidate_universe.tsv", 5500..5700),
    ];
    for (name, size) in sizes {
        let Some(path) = shared(name) else { continue };
        let genes = read_surface(&path).unwrap();
        assert!(size.contains(&genes.len()), "{name}: {}", genes.len());
        assert!(genes.iter().any(|g| g.symbol == "EGFR"));
    }
    let Some(path) = shared("surfaceome/cspa_human_1492.tsv") else { return };
    let certain = read_surface(&path).unwrap().into_iter().filter(|g| g.grade == 3).count();
    // The paper counts 1,039 proteins of high confidence; some share a gene or lack a symbol.
    assert!((950..=1039).contains(&certain), "{certain}");
}

/// The positive controls of the protein table: expression that is known to have harmed, and what is not known.
#[test]
fn protein_that_nobody_stained_is_unknown_not_absent() {
    let Some(path) = shared("hpa_normal/hpa21_hpaNormalTissue.tsv.gz") else { return };
    let genes = ["CA9", "CLDN18", "FOLR1", "GPC3", "DLL3", "IL13RA2"];
    let table = NormalProtein::open(&path, &genes.into_iter().collect()).unwrap();
    for gene in ["FOLR1", "GPC3", "DLL3", "IL13RA2"] {
        assert_eq!(table.evidence(gene), ProteinEvidence::Unknown, "{gene}");
    }
    let strongest = |gene| match table.evidence(gene) {
        ProteinEvidence::Present { positive, .. } => positive.into_iter().map(|p| p.0).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert!(strongest("CA9")[..3].contains(&"gallbladder · glandular cells".to_owned()));
    assert!(strongest("CLDN18").contains(&"lung · alveolar cells type II".to_owned()));
}

/// The published level behind a fatal toxicity: low in bulk, and not even among the highest tissues.
#[test]
fn bulk_levels_are_read_and_a_gene_without_any_is_unknown() {
    let Some(path) = shared("hpa_normal/hpa21_rnaConsensusTissue.tsv.gz") else { return };
    let table = NormalRna::open(&path, &["ERBB2", "CA9", "NO_SUCH_GENE"].into_iter().collect()).unwrap();
    let highest = |gene| match table.evidence(gene) {
        RnaEvidence::Known { tissues: 54, highest } => highest,
        other => panic!("{other:?}"),
    };
    assert!(highest("ERBB2").iter().all(|(tissue, level)| tissue != "lung" && *level > 36.0));
    assert!(highest("CA9").iter().any(|(tissue, _)| tissue.starts_with("stomach")));
    assert_eq!(table.evidence("NO_SUCH_GENE"), RnaEvidence::Unknown);
}
