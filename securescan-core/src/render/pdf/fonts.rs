//! The three faces of the document, and how wide their characters are.
//!
//! They cover Latin and Cyrillic. What they lack is written by its code (`\u{6f22}`), never left out.

use crate::render::escape;
use crate::{Error, ErrorKind, Result};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustc_hash::FxHashMap;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

/// # Source
/// Geist 1.900, SIL Open Font License 1.1 (`fonts/OFL.txt`), cut down to Latin, Cyrillic and punctuation, without hints.
const FILES: [&[u8]; 3] = [
    include_bytes!("fonts/Geist-Regular.ttf"),
    include_bytes!("fonts/Geist-SemiBold.ttf"),
    include_bytes!("fonts/GeistMono-Regular.ttf"),
];

/// Which letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    Regular,
    Bold,
    Mono,
}

struct Loaded {
    font: Font,
    /// Glyph and advance, as a part of the size.
    glyphs: FxHashMap<char, (u32, f32)>,
}

/// All faces, ready to measure.
pub(super) struct Fonts {
    regular: Loaded,
    bold: Loaded,
    mono: Loaded,
}

impl Fonts {
    pub(super) fn new() -> Result<Self> {
        let [regular, bold, mono] = FILES.map(load);
        Ok(Self { regular: regular?, bold: bold?, mono: mono? })
    }

    fn face(&self, face: Face) -> &Loaded {
        match face {
            Face::Regular => &self.regular,
            Face::Bold => &self.bold,
            Face::Mono => &self.mono,
        }
    }

    pub(super) fn font(&self, face: Face) -> Font {
        self.face(face).font.clone()
    }

    /// One line of text as it is drawn, and whether a character had to be written by its code: nothing in it acts, white space is
    /// one space.
    pub(super) fn drawn(&self, face: Face, text: &str) -> (String, bool) {
        let known = &self.face(face).glyphs;
        let line = escape::terminal_line(text);
        let lacks = line.chars().any(|c| !known.contains_key(&c));
        let mut out = String::with_capacity(line.len());
        for c in line.chars() {
            if known.contains_key(&c) { out.push(c) } else { out.extend(c.escape_unicode()) }
        }
        (out, lacks)
    }

    /// In points.
    pub(super) fn width(&self, face: Face, size: f32, text: &str) -> f32 {
        text.chars().map(|c| self.advance(face, size, c)).sum()
    }

    pub(super) fn advance(&self, face: Face, size: f32, c: char) -> f32 {
        self.face(face).glyphs.get(&c).map_or(0.0, |(_, advance)| advance * size)
    }

    pub(super) fn glyphs(&self, face: Face, text: &str) -> Vec<KrillaGlyph> {
        let known = &self.face(face).glyphs;
        let glyph = |(at, c): (usize, char)| {
            let (id, advance) = known.get(&c)?;
            Some(KrillaGlyph::new(GlyphId::new(*id), *advance, 0.0, 0.0, 0.0, at..at + c.len_utf8(), None))
        };
        text.char_indices().filter_map(glyph).collect()
    }
}

fn load(bytes: &'static [u8]) -> Result<Loaded> {
    let broken = || Error::new(ErrorKind::Internal, "a font of this program is broken");
    let parsed = FontRef::new(bytes).map_err(|_| broken())?;
    let metrics = parsed.glyph_metrics(Size::unscaled(), LocationRef::default());
    let per_em = f32::from(parsed.metrics(Size::unscaled(), LocationRef::default()).units_per_em).max(1.0);
    let glyphs = parsed.charmap().mappings().filter_map(|(code, id)| {
        let advance = metrics.advance_width(id)? / per_em;
        Some((char::from_u32(code)?, (id.to_u32(), advance)))
    });
    Ok(Loaded { font: Font::new(bytes.into(), 0).ok_or_else(broken)?, glyphs: glyphs.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_shown_somehow() {
        let fonts = Fonts::new().unwrap();
        assert_eq!(fonts.drawn(Face::Regular, "Grüße,\tПривет\u{202e}"), ("Grüße, Привет\\u{202e}".into(), false));
        assert_eq!(fonts.drawn(Face::Mono, "a漢"), ("a\\u{6f22}".into(), true));
        for face in [Face::Regular, Face::Bold, Face::Mono] {
            assert!((' '..='~').all(|c| fonts.advance(face, 10.0, c) > 1.0), "{face:?}");
            assert_eq!(fonts.glyphs(face, "aé→").len(), 3);
        }
        assert!(fonts.width(Face::Bold, 10.0, "mm") > fonts.width(Face::Bold, 10.0, "ii"));
    }
}
