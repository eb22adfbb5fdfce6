//! Flow-cytometry files against another reader, and files that lie.

use std::path::{Path, PathBuf};

use perforin_core::rng::{Purpose, Stream};
use perforin_patient::diagnostics::fcs::{FcsError, open, read};

fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/fcs").join(name)
}

fn table(name: &str) -> Vec<Vec<f64>> {
    let mut reader = csv::Reader::from_path(place(name)).expect("a table");
    let row = |r: csv::StringRecord| r.iter().map(|x| x.parse().expect("a number")).collect();
    reader.records().map(|r| row(r.expect("a row"))).collect()
}

#[test]
fn floating_point_events_and_compensation_equal_another_reader() {
    let mut sample = open(&place("float.fcs")).unwrap();
    let rows = table("float.csv");
    assert_eq!((sample.version.as_str(), sample.events(), sample.channels.len()), ("FCS3.1", 50, 4));
    assert_eq!(sample.channel("CLDN18.2").unwrap().name, "PE-A");
    assert_eq!(sample.channel("APC-A").unwrap().label.as_deref(), Some("EpCAM/CD326"));
    for (k, row) in rows.iter().enumerate() {
        for (channel, value) in sample.channels.iter().zip(row) {
            assert_eq!(channel.values[k], *value, "event {k} of {}", channel.name);
        }
    }
    let spillover = sample.spillover().unwrap().expect("a matrix");
    assert_eq!(spillover.places, [1, 2, 3]);
    spillover.compensate(&mut sample.channels);
    for (k, row) in rows.iter().enumerate() {
        for (channel, value) in sample.channels[1..].iter().zip(&row[4..]) {
            assert!((channel.values[k] - value).abs() < 1e-9 * value.abs().max(1.0), "event {k}");
        }
    }
}

#[test]
fn integers_of_every_width_logarithms_and_gains_equal_another_reader() {
    let sample = open(&place("integer.fcs")).unwrap();
    // The separator within a value is doubled.
    assert_eq!(sample.channels[0].label.as_deref(), Some("PE|bead"));
    assert_eq!(sample.version, "FCS3.0");
    assert_eq!(sample.spillover().unwrap(), None);
    for (k, row) in table("integer.csv").iter().enumerate() {
        for (channel, value) in sample.channels.iter().zip(row) {
            assert!((channel.values[k] - value).abs() <= 1e-13 * value, "event {k} of {}", channel.name);
        }
    }
}

/// Stands for an empty value.
const EMPTY: &str = "<empty>";

/// A file of two channels of 16 bits with these keywords changed, and its data.
fn built(changes: &[(&str, &str)], data: &[u8]) -> Vec<u8> {
    let mut keywords = vec![
        ("$MODE", "L"),
        ("$DATATYPE", "I"),
        ("$BYTEORD", "1,2,3,4"),
        ("$PAR", "2"),
        ("$TOT", "3"),
        ("$P1N", "A"),
        ("$P1B", "16"),
        ("$P1R", "1024"),
        ("$P1E", "0,0"),
        ("$P2N", "B"),
        ("$P2B", "16"),
        ("$P2R", "65536"),
        ("$P2E", "0,0"),
    ];
    for (key, value) in changes {
        keywords.retain(|(k, _)| k != key);
        if !value.is_empty() {
            keywords.push((key, value));
        }
    }
    let mut text = "/".to_owned();
    for (key, value) in keywords {
        text.extend([key, "/", if value == EMPTY { "" } else { value }, "/"]);
    }
    let begin = 58 + text.len();
    let end = begin + data.len() - 1;
    let header = format!("FCS3.1    {:8}{:8}{begin:8}{end:8}{:8}{:8}", 58, begin - 1, 0, 0);
    [header.as_bytes(), text.as_bytes(), data].concat()
}

const DATA: [u8; 12] = [1, 0xFC, 2, 0, 3, 0, 4, 0, 5, 0, 6, 1];

#[test]
fn unused_bits_are_masked_and_an_extra_byte_is_forgiven() {
    let sample = read(&built(&[], &DATA)).unwrap();
    // 1024 channels are ten bits.
    assert_eq!(sample.channels[0].values, [1.0, 3.0, 5.0]);
    assert_eq!(sample.channels[1].values, [2.0, 4.0, 262.0]);
    assert_eq!(read(&built(&[], &[&DATA[..], &[0]].concat())).unwrap(), sample);
    let big = read(&built(&[("$BYTEORD", "4,3,2,1")], &DATA)).unwrap();
    assert_eq!(big.channels[1].values, [512.0, 1024.0, 1537.0]);
    // An empty value is against the standard, and written all the same.
    let empty = read(&built(&[("$P1S", EMPTY)], &DATA)).unwrap();
    assert_eq!(empty.channels[0].label.as_deref(), Some(""));
    assert_eq!(
        (&empty.channels[0].values, &empty.channels[1]),
        (&sample.channels[0].values, &sample.channels[1])
    );
    // Without $TOT the data say how many there are.
    assert_eq!(read(&built(&[("$TOT", "")], &DATA)).unwrap().events(), 3);
}

#[test]
fn a_file_that_lies_about_its_size_is_named() {
    let error = |changes: &[(&str, &str)], data: &[u8]| read(&built(changes, data)).unwrap_err().to_string();
    let expected = "4 events of 4 bytes need 16 bytes of data, but the data segment has 12";
    assert_eq!(error(&[("$TOT", "4")], &DATA), expected);
    assert!(error(&[("$TOT", "2")], &DATA).contains("need 8 bytes"));
    assert!(error(&[("$TOT", "18446744073709551615")], &DATA).contains("need 73786976294838206460"));
    assert!(error(&[("$TOT", "")], &DATA[..11]).contains("2 events"));
    assert!(error(&[("$PAR", "4000000000")], &DATA).contains("$PAR"));
    assert!(error(&[("$P2B", "64")], &DATA).contains("need 30 bytes"));
    let mut short = built(&[], &DATA);
    short.truncate(short.len() - 1);
    let text = read(&short).unwrap_err().to_string();
    assert!(text.starts_with("the data segment is said to run from byte"), "{text}");
    let mut far = built(&[], &DATA);
    far[34..42].copy_from_slice(b"99999999");
    assert!(matches!(read(&far), Err(FcsError::Segment { what: "data", end: 99_999_999, .. })));
    // The header is right, but the keywords are not.
    let beyond = [("$BEGINDATA", "300"), ("$ENDDATA", "99999")];
    assert!(error(&beyond, &DATA).contains("said to run from byte 300 to 99999"));
}

#[test]
fn what_is_missing_or_malformed_is_named() {
    let error = |changes: &[(&str, &str)]| read(&built(changes, &DATA)).unwrap_err().to_string();
    assert_eq!(error(&[("$P2N", "")]), "the keyword $P2N is missing");
    assert_eq!(error(&[("$DATATYPE", "A")]), "the keyword $DATATYPE is `A`; I, F or D is accepted");
    assert!(error(&[("$BYTEORD", "3,4,1,2")]).contains("$BYTEORD"));
    assert!(error(&[("$MODE", "C")]).contains("$MODE"));
    assert!(error(&[("$P1B", "10")]).contains("$P1B"));
    assert!(error(&[("$P1R", "zero")]).contains("$P1R"));
    assert!(error(&[("$P1E", "4")]).contains("$P1E"));
    assert!(error(&[("$P1G", "0")]).contains("$P1G"));
    assert!(read(b"%PDF-1.7").unwrap_err().to_string().contains("begins with `%PDF-1`"));
    assert!(read(b"FCS3.1    ").unwrap_err().to_string().contains("beginning of the text"));
    assert!(read(b"").is_err());
    assert!(open(Path::new("no such file.fcs")).unwrap_err().to_string().contains("no such file.fcs"));
    for (matrix, why) in [
        ("2,A,B,1,0,0", "n names"),
        ("2,A,C,1,0,0,1", "names of channels"),
        ("2,A,B,1,1,1,1", "can be inverted"),
        ("2,A,B,1,x,0,1", "finite"),
        ("18446744073709551615,A", "n names"),
    ] {
        let sample = read(&built(&[("$SPILLOVER", matrix)], &DATA)).unwrap();
        let text = sample.spillover().unwrap_err().to_string();
        assert!(text.contains(why), "{text}");
    }
}

/// Any change of a byte, and any cut, gives a sample or an error, never a panic, and never more events than bytes.
#[test]
fn no_damage_makes_the_reader_panic() {
    for file in ["float.fcs", "integer.fcs"] {
        let bytes = std::fs::read(place(file)).unwrap();
        let check = |damaged: &[u8]| {
            if let Ok(mut sample) = read(damaged) {
                assert!(sample.events() <= damaged.len());
                if let Ok(Some(spillover)) = sample.spillover() {
                    spillover.compensate(&mut sample.channels);
                }
            }
        };
        for k in 0..bytes.len() {
            check(&bytes[..k]);
            for new in [0, b' ', b'0', b'9', b'/', b'|', 0xFF, bytes[k] ^ 1] {
                let mut damaged = bytes.clone();
                damaged[k] = new;
                check(&damaged);
            }
        }
        let stream = Stream::new(1, Purpose::Assay);
        for trial in 0..5_000 {
            let mut draw = stream.at(trial, 0);
            let mut damaged = bytes.clone();
            for _ in 0..=draw.below(6) {
                let k = draw.below(damaged.len() as u64) as usize;
                damaged[k] = draw.bits32() as u8;
            }
            check(&damaged);
        }
    }
}
