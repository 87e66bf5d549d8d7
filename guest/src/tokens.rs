//! What the parser reads in place of three kinds of names.
//!
//! - Rhai reserves the word `debug`; behind `log::` it is a name like any other.
//! - It reserves `call`, too, and its bytecode compiler does so wherever it stands; `invoke::call` is registered under a name
//!   that no source can write.
//! - The bytecode VM forgets an import only when the run ends, Rhai when its block does. So an alias that is given in a
//!   block gets a name that no source can write, and only what Rhai would let see it uses that name.

use std::cell::{Cell, RefCell};

use picloud_sdk::compile::ALIAS_MARK;
use rhai::{Engine, Position, Token};

use crate::api::INVOKE_CALL;

/// How far the parser has come.
#[derive(Default)]
struct Reading {
    text: String,
    /// Where lines start, in bytes.
    lines: Vec<usize>,
    /// Line, column and byte of the place that was looked for last.
    known: Cell<(usize, usize, usize)>,
    before: Before,
    /// Blocks that are open, each with the aliases given in it and the names they got.
    blocks: Vec<Vec<(String, String)>>,
    aliases: usize,
    /// Texts with holes that are open: where each begins, and how many blocks were open before its hole.
    templates: Vec<(Position, usize)>,
    /// A hole was just closed: its text goes on.
    goes_on: bool,
}

/// What was just read, as far as it matters.
#[derive(Default, Clone, Copy, PartialEq)]
enum Before {
    #[default]
    Other,
    Log,
    LogColons,
    Invoke,
    InvokeColons,
    Import,
    ImportAs,
}

thread_local! {
    static READING: RefCell<Reading> = RefCell::default();
}

/// To be called once, when the engine is built.
#[expect(deprecated, reason = "`on_parse_token` is marked volatile, not to go")]
pub(crate) fn register(engine: &mut Engine) {
    engine.on_parse_token(|token, at, _| READING.with_borrow_mut(|reading| reading.read(token, at)));
}

/// Where a text with holes begins, once the parser has failed behind one of them.
pub(crate) fn open_template() -> Option<Position> {
    READING.with_borrow(|reading| {
        let innermost = reading.templates.last().filter(|_| reading.goes_on);
        innermost.map(|(at, _)| *at)
    })
}

/// To be called before a text is parsed.
pub(crate) fn begin(text: &str) {
    let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
    let reading = Reading {
        lines: lines.collect(),
        text: text.to_owned(),
        ..Reading::default()
    };
    READING.set(reading);
}

impl Reading {
    fn read(&mut self, token: Token, at: Position) -> Token {
        self.follow_template(&token, at);
        let before = self.before;
        self.before = match &token {
            Token::Identifier(name) if name.as_str() == "log" => Before::Log,
            Token::Identifier(name) if name.as_str() == "invoke" => Before::Invoke,
            Token::DoubleColon if before == Before::Log => Before::LogColons,
            Token::DoubleColon if before == Before::Invoke => Before::InvokeColons,
            Token::Import => Before::Import,
            Token::As if before == Before::Import => Before::ImportAs,
            Token::SemiColon => Before::Other,
            // The name between `import` and `as`.
            _ if before == Before::Import => Before::Import,
            _ => Before::Other,
        };
        match token {
            Token::LeftBrace | Token::MapStart => self.blocks.push(Vec::new()),
            Token::RightBrace => drop(self.blocks.pop()),
            Token::Reserved(name) if before == Before::LogColons && name.as_str() == "debug" => {
                return Token::Identifier(name);
            }
            Token::Reserved(name) if before == Before::InvokeColons && name.as_str() == "call" => {
                return Token::Identifier(Box::new(INVOKE_CALL.into()));
            }
            Token::Identifier(ref alias) if before == Before::ImportAs => {
                return self.give(alias.as_str()).unwrap_or(token);
            }
            Token::Identifier(ref name) => {
                return self.given(name.as_str(), at).unwrap_or(token);
            }
            _ => {}
        }
        token
    }

    /// A text with holes comes in pieces, all but the last followed by a hole.
    fn follow_template(&mut self, token: &Token, at: Position) {
        let goes_on = std::mem::take(&mut self.goes_on);
        match token {
            Token::InterpolatedString(_) if !goes_on => self.templates.push((at, self.blocks.len())),
            Token::StringConstant(_) if goes_on => drop(self.templates.pop()),
            Token::RightBrace => {
                let within = self.templates.last().map(|(_, blocks)| blocks + 1);
                self.goes_on = within == Some(self.blocks.len());
            }
            Token::LexError(_) => self.goes_on = goes_on,
            _ => {}
        }
    }

    /// A name for an alias in a block; at file level it keeps its own.
    fn give(&mut self, alias: &str) -> Option<Token> {
        let block = self.blocks.last_mut()?;
        self.aliases += 1;
        let name = format!("{alias}{ALIAS_MARK}{}", self.aliases);
        block.push((alias.to_owned(), name.clone()));
        Some(Token::Identifier(Box::new(name.into())))
    }

    /// The name that the innermost block has for an alias, if that is what this is.
    fn given(&self, name: &str, at: Position) -> Option<Token> {
        let aliases = self.blocks.iter().rev().flat_map(|block| block.iter().rev());
        let (_, given) = aliases.into_iter().find(|(alias, _)| alias == name)?;
        let behind = self.behind(at)?.get(name.len()..)?;
        let is_path = behind.trim_start().starts_with("::");
        is_path.then(|| Token::Identifier(Box::new(given.as_str().into())))
    }

    /// The text from a place on. Names come in order, so a line is not counted from its start for each.
    fn behind(&self, at: Position) -> Option<&str> {
        let (line, column) = (at.line()?, at.position()?);
        let known = self.known.get();
        let (from, start) = match known {
            (known_line, from, start) if known_line == line && from <= column => (from, start),
            _ => (1, *self.lines.get(line - 1)?),
        };
        let (further, _) = self.text.get(start..)?.char_indices().nth(column - from)?;
        self.known.set((line, column, start + further));
        self.text.get(start + further..)
    }
}
