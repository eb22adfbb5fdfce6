//! What can be wrong with a gate.

use std::ops::Range;

use super::{MAX_ANTIGENS, MAX_TOKENS};

/// Why a text is not a gate, or a gate cannot be used. Spans are in bytes of the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GateError {
    /// Something else was expected.
    #[error("expected {expected}, found {found}")]
    Expected {
        /// Where.
        span: Range<usize>,
        /// What would have been right there.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// A character that is not part of the language.
    #[error("`{character}` is not part of a gate; use names, `&`, `|`, `!` and parentheses")]
    Character {
        /// Where.
        span: Range<usize>,
        /// The character.
        character: char,
    },
    /// A parenthesis that is not closed.
    #[error("this parenthesis is not closed")]
    Unclosed {
        /// Where it opens.
        span: Range<usize>,
    },
    /// More different antigens than [`MAX_ANTIGENS`].
    #[error("`{name}` is one antigen too many: a gate reads at most {MAX_ANTIGENS}")]
    TooManyAntigens {
        /// Where it appears, if the gate was read from text.
        span: Option<Range<usize>>,
        /// The first antigen beyond the limit.
        name: String,
    },
    /// More names, operators and parentheses than [`MAX_TOKENS`].
    #[error("a gate has at most {MAX_TOKENS} names, operators and parentheses")]
    TooLong {
        /// Where the limit is passed, if the gate was read from text.
        span: Option<Range<usize>>,
    },
    /// Not a name of the language.
    #[error("`{name}` cannot name an antigen: use letters, digits, `_`, `-` and `.`, and not AND, OR, NOT")]
    Name {
        /// The name.
        name: String,
    },
    /// A product with this gate would attack every cell.
    #[error(
        "`{gate}` is satisfied by cells that carry none of its antigens: such a product attacks everything; join it \
         to an antigen with `&`"
    )]
    FiresOnNothing {
        /// The gate.
        gate: String,
    },
    /// A product with this gate would attack no cell.
    #[error("`{gate}` cannot be satisfied by any cell")]
    NeverFires {
        /// The gate.
        gate: String,
    },
}

impl GateError {
    /// Where in the text the fault is, in bytes; `None` if it lies in the gate as a whole.
    pub fn span(&self) -> Option<Range<usize>> {
        match self {
            Self::Expected { span, .. } | Self::Character { span, .. } | Self::Unclosed { span } => {
                Some(span.clone())
            }
            Self::TooManyAntigens { span, .. } | Self::TooLong { span } => span.clone(),
            Self::Name { .. } | Self::FiresOnNothing { .. } | Self::NeverFires { .. } => None,
        }
    }
}
