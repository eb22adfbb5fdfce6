//! Watching a long search, and ending it.

/// What a search is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading values; counts bytes of the files.
    Read,
    /// Searching all shapes; counts anchors.
    Search,
    /// Repeating the search without each patient; counts patients.
    LeaveOneOut,
    /// Walking the front at stated limits; counts limits.
    Front,
    /// Walking the full front from the loosest limit down; counts hundredths of a per cent of the limit.
    FullFront,
    /// Searching gates of four and five literals; counts first literals.
    Larger,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Steps done.
    pub done: usize,
    /// Steps in all.
    pub total: usize,
}

/// Called now and then, from any thread; returning true ends the search with what it has.
pub type Watch<'a> = dyn Fn(Progress) -> bool + Sync + 'a;
