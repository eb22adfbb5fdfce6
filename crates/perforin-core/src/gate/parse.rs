//! Reading gates: tokens, then recursive descent. The limit on tokens also bounds the depth.

use std::ops::Range;

use super::{Expr, GateError, MAX_ANTIGENS, MAX_TOKENS};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Token<'a> {
    Name(&'a str),
    And,
    Or,
    Not,
    Open,
    Close,
}

type Spanned<'a> = (Token<'a>, Range<usize>);

const OPERAND: &str = "an antigen, `!` or `(`";

/// The expression of `text`, and its antigens in order of first appearance.
pub(super) fn parse(text: &str) -> Result<(Expr, Vec<String>), GateError> {
    let mut parser = Parser { text, tokens: tokenise(text)?, next: 0, antigens: Vec::new() };
    let expr = parser.or()?;
    match parser.peek() {
        None => Ok((expr, parser.antigens)),
        Some(_) => Err(parser.expected("`&`, `|` or the end")),
    }
}

/// Whether `text` is a name: a letter or digit, then letters, digits, `_`, `-` and `.`; no word of the language.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(starts_name) && text.chars().all(continues_name) && keyword(text).is_none()
}

fn starts_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn continues_name(c: char) -> bool {
    starts_name(c) || c == '-' || c == '.'
}

fn keyword(word: &str) -> Option<Token<'_>> {
    [("and", Token::And), ("or", Token::Or), ("not", Token::Not)]
        .into_iter()
        .find(|(keyword, _)| word.eq_ignore_ascii_case(keyword))
        .map(|(_, token)| token)
}

fn tokenise(text: &str) -> Result<Vec<Spanned<'_>>, GateError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        let rest = &text[at..];
        let (token, length) = match character {
            c if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            '&' => (Token::And, if rest.starts_with("&&") { 2 } else { 1 }),
            '|' => (Token::Or, if rest.starts_with("||") { 2 } else { 1 }),
            '!' => (Token::Not, 1),
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            c if starts_name(c) => {
                let word = &rest[..rest.find(|c| !continues_name(c)).unwrap_or(rest.len())];
                (keyword(word).unwrap_or(Token::Name(word)), word.len())
            }
            character => {
                return Err(GateError::Character { span: at..at + character.len_utf8(), character });
            }
        };
        if tokens.len() == MAX_TOKENS {
            return Err(GateError::TooLong { span: Some(at..at + length) });
        }
        tokens.push((token, at..at + length));
        at += length;
    }
    Ok(tokens)
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Spanned<'a>>,
    next: usize,
    antigens: Vec<String>,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.next).map(|(token, _)| *token)
    }

    fn accept(&mut self, token: Token<'_>) -> bool {
        let found = self.peek() == Some(token);
        self.next += usize::from(found);
        found
    }

    fn or(&mut self) -> Result<Expr, GateError> {
        let mut left = self.and()?;
        while self.accept(Token::Or) {
            left = Expr::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Expr, GateError> {
        let mut left = self.operand()?;
        while self.accept(Token::And) {
            left = Expr::And(Box::new(left), Box::new(self.operand()?));
        }
        Ok(left)
    }

    fn operand(&mut self) -> Result<Expr, GateError> {
        let Some((token, span)) = self.tokens.get(self.next).cloned() else {
            return Err(self.expected(OPERAND));
        };
        match token {
            Token::Not => {
                self.next += 1;
                Ok(Expr::Not(Box::new(self.operand()?)))
            }
            Token::Open => {
                self.next += 1;
                let inner = self.or()?;
                match self.peek() {
                    Some(Token::Close) => self.next += 1,
                    None => return Err(GateError::Unclosed { span }),
                    Some(_) => return Err(self.expected("`&`, `|` or `)`")),
                }
                Ok(inner)
            }
            Token::Name(name) => {
                self.next += 1;
                self.antigen(name, span)
            }
            Token::And | Token::Or | Token::Close => Err(self.expected(OPERAND)),
        }
    }

    fn antigen(&mut self, name: &str, span: Range<usize>) -> Result<Expr, GateError> {
        if let Some(index) = self.antigens.iter().position(|known| known == name) {
            return Ok(Expr::Antigen(index));
        }
        if self.antigens.len() == MAX_ANTIGENS {
            return Err(GateError::TooManyAntigens { span: Some(span), name: name.to_owned() });
        }
        self.antigens.push(name.to_owned());
        Ok(Expr::Antigen(self.antigens.len() - 1))
    }

    fn expected(&self, expected: &'static str) -> GateError {
        let end = self.text.len();
        match self.tokens.get(self.next) {
            Some((_, span)) => GateError::Expected {
                span: span.clone(),
                expected,
                found: format!("`{}`", &self.text[span.clone()]),
            },
            None => GateError::Expected { span: end..end, expected, found: "the end".to_owned() },
        }
    }
}
