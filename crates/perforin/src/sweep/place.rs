//! Setting a value of a study by its dotted path.

use perforin_core::study::StudyValue;
use toml::{Table, Value};

use crate::failure::Failure;

/// Sets the value at a dotted path; elements of lists are counted from 0. Sections on the way are created.
///
/// Whether the study knows the path is for the reader of the study to say.
///
/// # Errors
/// If the path leads through what is no section, or past the end of a list.
pub fn set(study: &mut Table, path: &str, value: &StudyValue) -> Result<(), Failure> {
    let refuse = |why: String| Failure::input(format!("cannot vary `{path}`: {why}"));
    let mut names: Vec<&str> = path.split('.').collect();
    let last = names.pop().unwrap_or_default();
    let Some(first) = names.first() else {
        return Err(
            refuse("it is no value of a section".into()).help("write the section too: `lesion.diameter`")
        );
    };
    let mut here = study.entry(*first).or_insert_with(|| Value::Table(Table::new()));
    for name in names.iter().skip(1).chain([&last]) {
        here = match here {
            Value::Table(table) => table.entry(*name).or_insert_with(|| Value::Table(Table::new())),
            Value::Array(list) => {
                let length = list.len();
                let element = name.parse().ok().and_then(|i: usize| list.get_mut(i));
                element.ok_or_else(|| {
                    refuse(format!("`{name}` is none of the {length} elements of the list (counted from 0)"))
                })?
            }
            _ => return Err(refuse(format!("there is no section that could hold `{name}`"))),
        };
    }
    *here = match value {
        StudyValue::Flag(flag) => Value::Boolean(*flag),
        StudyValue::Whole(whole) => Value::Integer(*whole),
        StudyValue::Number(number) => Value::Float(*number),
        StudyValue::Text(text) => Value::String(text.clone()),
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn study() -> Table {
        "[lesion]\ndiameter = \"1 mm\"\n[[regimen.infusion]]\nday = 0\n".parse().unwrap()
    }

    #[test]
    fn values_are_set_in_sections_lists_and_new_sections() {
        let mut table = study();
        set(&mut table, "lesion.diameter", &StudyValue::Text("2 mm".into())).unwrap();
        set(&mut table, "regimen.infusion.0.day", &StudyValue::Number(1.5)).unwrap();
        set(&mut table, "output.events", &StudyValue::Flag(true)).unwrap();
        assert_eq!(table["lesion"]["diameter"].as_str(), Some("2 mm"));
        assert_eq!(table["regimen"]["infusion"][0]["day"].as_float(), Some(1.5));
        assert_eq!(table["output"]["events"].as_bool(), Some(true));
        assert_eq!(table, toml::to_string(&table).unwrap().parse::<Table>().unwrap());
    }

    #[test]
    fn paths_that_lead_nowhere_are_refused() {
        for (path, why) in [
            ("lesion.diameter.mean", "no section that could hold `mean`"),
            ("regimen.infusion.1.day", "none of the 1 elements"),
            ("regimen.infusion.first.day", "none of the 1 elements"),
            ("diameter", "no value of a section"),
        ] {
            let failure = set(&mut study(), path, &StudyValue::Whole(1)).unwrap_err();
            assert!(failure.what.contains(why), "{failure}");
        }
    }
}
