//! The same few thousand tumour cells and killers, cell by cell and in the patient's mean-field lesion.

use perforin_core::catalogue::patient;
use perforin_core::study::StudyFile;
use perforin_lesion::lesion::Lesion;
use perforin_lesion::model::Role;
use perforin_lesion::scenario;
use perforin_patient::regimen::{Act, Route, Rules, Scheduled};
use perforin_patient::solid_tumour::{Case, Central, LesionParameters, Plan, follow};
use perforin_patient::toxicity::ordinal::CutPoints;

/// How tumour and product lie to each other.
#[derive(Clone, Copy, PartialEq)]
pub enum Scene {
    /// Tumour fills a cube, and the product is put into all of it.
    Mixed,
    /// A ball of tumour in stroma, on whose surface the product is put.
    #[allow(dead_code, reason = "the figure has more scenes than the test")]
    Ball,
    /// The same, with dense matrix in the ball.
    Dense,
}

/// An experiment.
#[derive(Clone, Copy)]
pub struct Experiment {
    pub scene: Scene,
    /// Edge of the cube or diameter of the ball, µm.
    pub size: f64,
    /// Product cells for each tumour cell.
    pub ratio: f64,
    /// Share of antigen-negative tumour cells.
    pub negative: f64,
    /// Hours.
    pub hours: u32,
    pub seed: u64,
}

/// Live antigen-positive and -negative tumour cells, hour by hour, and product cells.
pub struct Course {
    pub positive: Vec<f64>,
    pub negative: Vec<f64>,
    pub product: f64,
}

/// Doubling time of the tumour, d.
const DOUBLING: f64 = 4.0;

impl Experiment {
    /// The cells of a study with nothing but growth, search and hits: no exhaustion, suppression, PD-1 or bystanders.
    fn study(&self, dose: f64) -> String {
        let Self { size, negative, hours, seed, .. } = *self;
        let (shape, radius, infusion) = match self.scene {
            Scene::Mixed => {
                let radius = 0.5 * size;
                let shape = format!("shape = \"cube\"\ndomain = \"{size} µm\"");
                (shape, radius, format!("route = \"intratumoural\"\ndose = \"{dose} CAR+ cells\""))
            }
            Scene::Ball | Scene::Dense => {
                let mut shape = format!("diameter = \"{size} µm\"\ndomain = \"{} µm\"", 2.0 * size);
                if self.scene == Scene::Dense {
                    shape += "\nmatrix = { density = \"97 %\", place = \"tumour\" }";
                }
                (shape, size, format!("route = \"intraperitoneal\"\ndose = \"{dose} CAR+ cells\""))
            }
        };
        let radius =
            if self.scene == Scene::Mixed { format!("radius = \"{radius} µm\"") } else { String::new() };
        format!(
            "[study]\ntitle = \"mixed\"\nseed = {seed}\nduration = \"{hours} h\"\n\
             [lesion]\n{shape}\ndoubling_time = \"{DOUBLING} d\"\n\
             antigen.A.density = {{ median = \"1e6 /cell\" }}\nantigen.A.negative = {{ fraction = \"{} %\" }}\n\
             [lesion.vessels]\nspacing = \"40 µm\"\n\
             [lesion.cell.product]\ncycle = {{ model = \"none\" }}\ndeath = {{ apoptosis = \"0 /min\" }}\n\
             [product]\nkind = \"CAR-T\"\ngate = \"A\"\ncd4 = \"0 %\"\nmemory_like = \"0 %\"\nreceptor.A.kd = \"1 nM\"\n\
             [mechanisms]\nall = false\nmatrix = true\n\
             [[regimen.infusion]]\nday = 0\n{infusion}\n{radius}\n",
            100.0 * negative
        )
    }

    fn lesion(&self, dose: f64) -> Lesion {
        let text = self.study(dose);
        let study: StudyFile = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
        let built = scenario::build(&study).unwrap_or_else(|problems| panic!("{problems:#?}\n{text}"));
        Lesion::new(built.model, built.cells).expect("fields in equilibrium")
    }

    /// Cell by cell.
    pub fn cell_by_cell(&self) -> Course {
        let [positive, negative, _] = count(&self.lesion(1.0));
        let mut lesion = self.lesion((self.ratio * (positive + negative)).round());
        let mut course = Course { positive: vec![positive], negative: vec![negative], product: 0.0 };
        for hour in 1..=self.hours {
            while lesion.state.time + 1e-9 < 60.0 * f64::from(hour) {
                lesion.step().expect("a step");
            }
            let [positive, negative, product] = count(&lesion);
            course.positive.push(positive);
            course.negative.push(negative);
            course.product = product;
        }
        course
    }

    /// In the patient's lesion, with the same cells at the start and the catalogue's rate of killing and search.
    pub fn mean_field(&self, like: &Course) -> Course {
        let days: Vec<f64> = (0..=self.hours).map(|hour| f64::from(hour) / 24.0).collect();
        let plan = Plan { days, rules: Rules::default(), release: CutPoints([4.0, 6.0, 7.5, 9.0]), seed: 1 };
        let off = [
            &patient::DELIVERY,
            &patient::EGRESS,
            &patient::EXPANSION,
            &patient::REST,
            &patient::EXHAUSTION,
            &patient::SUPPRESSION,
            &patient::EFFECTOR_DEATH,
            &patient::CHECKPOINT_CD28,
            &patient::BYSTANDER,
            &patient::LOSS,
        ];
        let value = |parameter: &'static perforin_core::catalogue::Parameter| {
            let is_off = off.iter().any(|known| known.name == parameter.name);
            match parameter.name {
                // Numbers of cells here are those of a few that are not drawn.
                name if name == patient::FEW.name => 1.0,
                name if name == patient::DOUBLING.name => DOUBLING,
                _ if is_off => 0.0,
                _ => parameter.value,
            }
        };
        let lesion = LesionParameters {
            positive: like.positive[0],
            negative: like.negative[0],
            ..LesionParameters::new(value)
        };
        let infusion = Act::Infusion { cells: like.product, route: Route::Intratumoural, part: 0 };
        let case = Case {
            number: 0,
            central: Central { memory_share: 0.0, ..Central::new(value) },
            lesions: vec![lesion],
            susceptibility: 0.5,
            weight: 70.0,
            acts: vec![Scheduled { day: 0.0, act: infusion }],
        };
        let followed = follow(&[case], &plan, 1e-8).swap_remove(0);
        let of = |clone: usize| followed.samples.iter().map(|s| s.tumour[0][clone]).collect();
        Course { positive: of(0), negative: of(1), product: like.product }
    }
}

/// Live antigen-positive and -negative tumour cells and product cells.
fn count(lesion: &Lesion) -> [f64; 3] {
    let cells = &lesion.state.cells;
    let mut counts = [0.0; 3];
    for i in (0..cells.len()).filter(|i| cells.is_live(*i)) {
        match lesion.model.types[usize::from(cells.kind[i])].role {
            Role::Tumour if cells.densities(i)[0] > 0.0 => counts[0] += 1.0,
            Role::Tumour => counts[1] += 1.0,
            Role::Product => counts[2] += 1.0,
            _ => {}
        }
    }
    counts
}
