//! Lines become commands. `%NAME%` is replaced first; then `&` separates commands, `<`, `>` and `>>` redirect, `"`
//! keeps blanks and these characters together, and `^` takes the meaning of the character behind it away.

use alloc::string::String;
use alloc::vec::Vec;

/// Where a command's output goes instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// A file or device.
    pub path: String,
    /// Whether it is added to what is there.
    pub append: bool,
}

/// A command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// Its first word, without quotes.
    pub name: String,
    /// The words behind it, without quotes.
    pub words: Vec<String>,
    /// What is behind the name as it was typed, without the blank between and without redirections.
    pub tail: String,
    /// Where its input comes from instead.
    pub input: Option<String>,
    /// Where its output goes instead.
    pub output: Option<Output>,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyntaxError {
    /// Nothing stands behind this character.
    Missing(char),
    /// A second redirection of the same kind.
    Twice(char),
}

/// Replaces `%NAME%`. A variable that there is not stays as it stands, and so does a `%` alone.
pub fn expand(line: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut expanded = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once('%') {
        expanded.push_str(before);
        let found = behind.split_once('%').filter(|(name, _)| !name.is_empty());
        match found.and_then(|(name, after)| Some((value(name)?, after))) {
            Some((text, after)) => {
                expanded.push_str(&text);
                rest = after;
            }
            None => {
                expanded.push('%');
                rest = behind;
            }
        }
    }
    expanded.push_str(rest);
    expanded
}

/// A piece of a line.
enum Piece {
    /// A character that means itself, and whether a quote protects it.
    Plain(char, bool),
    Quote,
    Special(char),
}

fn pieces(line: &str) -> impl Iterator<Item = Piece> + '_ {
    let mut characters = line.chars();
    let mut quoted = false;
    core::iter::from_fn(move || {
        let character = characters.next()?;
        Some(match character {
            '"' => {
                quoted = !quoted;
                Piece::Quote
            }
            '^' if !quoted => Piece::Plain(characters.next()?, true),
            '<' | '>' | '&' if !quoted => Piece::Special(character),
            _ => Piece::Plain(character, quoted),
        })
    })
}

/// What the words that come belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Arguments,
    Input,
    Output { append: bool },
}

#[derive(Default)]
struct Builder {
    command: Command,
    word: Option<String>,
}

impl Builder {
    /// A word is complete.
    fn end_word(&mut self, place: &mut Place) -> Result<(), SyntaxError> {
        let Some(word) = self.word.take() else { return Ok(()) };
        match core::mem::replace(place, Place::Arguments) {
            Place::Input if self.command.input.is_some() => return Err(SyntaxError::Twice('<')),
            Place::Input => self.command.input = Some(word),
            Place::Output { .. } if self.command.output.is_some() => return Err(SyntaxError::Twice('>')),
            Place::Output { append } => self.command.output = Some(Output { path: word, append }),
            Place::Arguments if self.command.name.is_empty() => self.command.name = word,
            Place::Arguments => self.command.words.push(word),
        }
        Ok(())
    }

    /// Something that stands in the tail as typed, once there is a name.
    fn keep(&mut self, character: char, place: Place) {
        if place == Place::Arguments && !self.command.name.is_empty() {
            self.command.tail.push(character);
        }
    }
}

/// The commands of a line, in order; none for an empty one.
///
/// # Errors
/// [`SyntaxError`].
pub fn parse(line: &str) -> Result<Vec<Command>, SyntaxError> {
    let mut commands = Vec::new();
    let mut builder = Builder::default();
    let mut place = Place::Arguments;
    let mut pieces = pieces(line).peekable();
    while let Some(piece) = pieces.next() {
        match piece {
            Piece::Plain(character, protected) if protected || !character.is_whitespace() => {
                builder.keep(character, place);
                builder.word.get_or_insert_default().push(character);
            }
            Piece::Plain(blank, _) => {
                let named = !builder.command.name.is_empty();
                let before = place;
                builder.end_word(&mut place)?;
                // The blank behind the name is no part of the tail.
                if named {
                    builder.keep(blank, before);
                }
            }
            Piece::Quote => {
                builder.keep('"', place);
                builder.word.get_or_insert_default();
            }
            Piece::Special(special) => {
                builder.end_word(&mut place)?;
                if place != Place::Arguments {
                    return Err(missing(place));
                }
                place = match special {
                    '<' => Place::Input,
                    '>' => Place::Output {
                        append: pieces.next_if(|next| matches!(next, Piece::Special('>'))).is_some(),
                    },
                    _ => {
                        finish(&mut commands, &mut builder);
                        Place::Arguments
                    }
                };
            }
        }
    }
    builder.end_word(&mut place)?;
    if place != Place::Arguments {
        return Err(missing(place));
    }
    finish(&mut commands, &mut builder);
    Ok(commands)
}

fn finish(commands: &mut Vec<Command>, builder: &mut Builder) {
    let mut command = core::mem::take(builder).command;
    if !command.name.is_empty() {
        if command.output.is_some() || command.input.is_some() {
            command.tail.truncate(command.tail.trim_end().len());
        }
        commands.push(command);
    }
}

fn missing(place: Place) -> SyntaxError {
    SyntaxError::Missing(if place == Place::Input { '<' } else { '>' })
}
