//! Finds whole words and phrases in a text, all at once and in linear time.

use crate::{Error, ErrorKind, Result};
use aho_corasick::AhoCorasick;
use std::collections::{BTreeMap, BTreeSet};

/// Words, each standing for some controls. Letter case does not count (ASCII); a word counts only where no letter or
/// digit touches it.
#[derive(Debug, Default)]
pub(super) struct Words {
    automaton: Option<AhoCorasick>,
    slots: Vec<Vec<u32>>,
    underscore_is_letter: bool,
}

impl Words {
    /// Builds the automaton. In running text `_` belongs to a word; in rule ids it separates words.
    pub(super) fn new(words: Vec<(String, u32)>, underscore_is_letter: bool) -> Result<Self> {
        let mut by_word: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (word, slot) in words {
            let word = word.trim().to_ascii_lowercase();
            if !word.is_empty() {
                by_word.entry(word).or_default().push(slot);
            }
        }
        if by_word.is_empty() {
            return Ok(Self::default());
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(by_word.keys())
            .map_err(|e| Error::new(ErrorKind::Config, format!("the keywords are too many or too long: {e}")))?;
        Ok(Self { automaton: Some(automaton), slots: by_word.into_values().collect(), underscore_is_letter })
    }

    /// Adds the controls of every word in the text.
    pub(super) fn find(&self, text: &str, out: &mut BTreeSet<u32>) {
        let Some(automaton) = &self.automaton else { return };
        for hit in automaton.find_overlapping_iter(text) {
            let before = text.get(..hit.start()).and_then(|text| text.chars().next_back());
            let after = text.get(hit.end()..).and_then(|text| text.chars().next());
            if self.is_edge(before) && self.is_edge(after) {
                out.extend(self.slots.get(hit.pattern().as_usize()).into_iter().flatten());
            }
        }
    }

    fn is_edge(&self, neighbour: Option<char>) -> bool {
        neighbour.is_none_or(|c| !(c.is_alphanumeric() || c == '_' && self.underscore_is_letter))
    }
}
