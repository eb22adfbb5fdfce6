//! What a run leaves on disk, and how it is read back.
//!
//! | module | what it keeps |
//! |---|---|
//! | [`checkpoint`] | the exact state of a lesion, from which a run goes on with the same bits |
//! | [`frames`] | the lesion at one time, rounded and compressed, for pictures and exporters |
//! | [`container`] | the file format of both: named arrays and a description, every byte under a checksum |
//! | [`atomic`] | files that are replaced as a whole or not at all |

pub mod atomic;
pub mod checkpoint;
pub mod container;
pub mod frames;
