//! A reader of findings' JSON that takes in only what pairing needs and steps over the rest, checking it as it goes.
//!
//! It accepts less than the model's own reader, never more: whatever is odd (an older spelling, an escape in a name, a number with an
//! exponent, a fault) is left to that reader, which understands it or words the error. No recursion without a bound.

use crate::model::{Reporter, Severity};

/// Why reading stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Something this reader leaves to the model's own.
    Odd,
    /// The bytes at hand ended.
    More,
}

type Read<T> = Result<T, Stop>;

/// The length of the fingerprints this reader takes: SHA-256 in hexadecimal.
pub(super) const DIGITS: usize = 64;

/// Values inside values, in what is stepped over. The model's reader takes 128 in all.
const MAX_DEPTH: u32 = 48;

/// What pairing needs of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Brief {
    pub(super) fingerprint: [u8; DIGITS],
    pub(super) line: u32,
    pub(super) severity: Severity,
    pub(super) suppressed: bool,
    /// Fingerprints of the reporters merged into it.
    pub(super) reporters: Box<[String]>,
}

/// A place in JSON text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Json<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
}

/// What a field of a finding may hold.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    TextOrNull,
    Words(&'static [&'static str]),
    Severity,
    Confidence,
    Position,
    Line,
    LineStart,
    Texts,
    Package,
    Fingerprint,
    Metadata,
}

/// The fields of a finding in the order they are written, and older names after them.
const FIELDS: &[(&str, Kind)] = &[
    ("id", Kind::TextOrNull),
    ("scan_id", Kind::TextOrNull),
    ("scanner", Kind::Text),
    ("scan_type", Kind::Words(&["code", "dependency", "iac", "baseline", "dast", "network"])),
    ("severity", Kind::Severity),
    ("confidence", Kind::Confidence),
    ("title", Kind::Text),
    ("description", Kind::TextOrNull),
    ("remediation", Kind::TextOrNull),
    ("file_path", Kind::TextOrNull),
    ("line", Kind::Line),
    ("column", Kind::Position),
    ("end_line", Kind::Position),
    ("end_column", Kind::Position),
    ("rule_id", Kind::TextOrNull),
    ("cwe", Kind::TextOrNull),
    ("vulnerability_ids", Kind::Texts),
    ("package", Kind::Package),
    ("references", Kind::Texts),
    ("fingerprint", Kind::Fingerprint),
    ("compliance_tags", Kind::Texts),
    ("metadata", Kind::Metadata),
    ("line_start", Kind::LineStart),
    ("line_end", Kind::Position),
];

/// `scanner`, `scan_type`, `severity`, `title` and `fingerprint`: by their bit in [`FIELDS`].
const REQUIRED: u32 = 1 << 2 | 1 << 3 | 1 << 4 | 1 << 6 | 1 << 19;

const PACKAGE: &[&str] = &["ecosystem", "name", "version", "fixed_version", "purl"];

impl<'a> Json<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn peek(&self) -> Read<u8> {
        self.bytes.get(self.at).copied().ok_or(Stop::More)
    }

    /// The bytes from a place to here.
    pub(super) fn since(&self, start: usize) -> &'a [u8] {
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    /// Steps over white space; gives the byte after it.
    pub(super) fn space(&mut self) -> Read<u8> {
        loop {
            match self.peek()? {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                other => return Ok(other),
            }
        }
    }

    /// Steps over white space and one of two marks; says whether it was the first.
    pub(super) fn either(&mut self, first: u8, second: u8) -> Read<bool> {
        let found = self.space()?;
        if found != first && found != second {
            return Err(Stop::Odd);
        }
        self.at += 1;
        Ok(found == first)
    }

    pub(super) fn mark(&mut self, mark: u8) -> Read<()> {
        self.either(mark, mark).map(|_| ())
    }

    fn literal(&mut self, word: &[u8]) -> Read<()> {
        match self.bytes.get(self.at..self.at + word.len()) {
            None => Err(Stop::More),
            Some(found) if found == word => {
                self.at += word.len();
                Ok(())
            }
            Some(_) => Err(Stop::Odd),
        }
    }

    /// A string without its quotes, and whether it holds escapes (checked, not decoded).
    fn string(&mut self) -> Read<(&'a [u8], bool)> {
        if self.peek()? != b'"' {
            return Err(Stop::Odd);
        }
        self.at += 1;
        let start = self.at;
        let mut escaped = false;
        loop {
            match self.next_special()? {
                b'"' => {
                    let text = self.since(start);
                    self.at += 1;
                    return Ok((text, escaped));
                }
                b'\\' => {
                    escaped = true;
                    self.escape()?;
                }
                _ => return Err(Stop::Odd),
            }
        }
    }

    /// A string without escapes.
    fn plain(&mut self) -> Read<&'a [u8]> {
        match self.string()? {
            (text, false) => Ok(text),
            _ => Err(Stop::Odd),
        }
    }

    /// Goes to the next quote, backslash or control byte, eight bytes at a time.
    #[inline]
    fn next_special(&mut self) -> Read<u8> {
        while let Some(eight) = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<8>()) {
            let hit = special(u64::from_le_bytes(*eight));
            if hit != 0 {
                self.at += hit.trailing_zeros() as usize / 8;
                return self.peek();
            }
            self.at += 8;
        }
        loop {
            match self.peek()? {
                byte @ (b'"' | b'\\' | ..=0x1f) => return Ok(byte),
                _ => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Read<()> {
        self.at += 1;
        let kind = self.peek()?;
        self.at += 1;
        match kind {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(()),
            b'u' => match self.four_digits()? {
                // A surrogate stands for something only as one half of a pair.
                0xd800..=0xdbff => {
                    self.literal(b"\\u")?;
                    if matches!(self.four_digits()?, 0xdc00..=0xdfff) { Ok(()) } else { Err(Stop::Odd) }
                }
                0xdc00..=0xdfff => Err(Stop::Odd),
                _ => Ok(()),
            },
            _ => Err(Stop::Odd),
        }
    }

    fn four_digits(&mut self) -> Read<u32> {
        let digits = self.bytes.get(self.at..self.at + 4).ok_or(Stop::More)?;
        self.at += 4;
        digits.iter().try_fold(0, |n, d| Some(n * 16 + char::from(*d).to_digit(16)?)).ok_or(Stop::Odd)
    }

    /// A name of an object and its colon.
    pub(super) fn key(&mut self) -> Read<&'a [u8]> {
        self.space()?;
        let key = self.plain()?;
        self.mark(b':')?;
        self.space()?;
        Ok(key)
    }

    /// Walks over an object, `{` to `}`.
    fn object(&mut self, mut field: impl FnMut(&mut Self, &'a [u8]) -> Read<()>) -> Read<()> {
        self.mark(b'{')?;
        if self.space()? == b'}' {
            self.at += 1;
            return Ok(());
        }
        loop {
            let key = self.key()?;
            field(self, key)?;
            if self.either(b'}', b',')? {
                return Ok(());
            }
        }
    }

    fn array(&mut self, mut item: impl FnMut(&mut Self) -> Read<()>) -> Read<()> {
        self.mark(b'[')?;
        if self.space()? == b']' {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.space()?;
            item(self)?;
            if self.either(b']', b',')? {
                return Ok(());
            }
        }
    }

    /// Whether null stands here; steps over it.
    fn null(&mut self) -> Read<bool> {
        if self.peek()? != b'n' {
            return Ok(false);
        }
        self.literal(b"null").map(|()| true)
    }

    /// Steps over any value.
    pub(super) fn value(&mut self, depth: u32) -> Read<()> {
        if depth > MAX_DEPTH {
            return Err(Stop::Odd);
        }
        match self.peek()? {
            b'"' => self.string().map(|_| ()),
            b'{' => self.object(|json, _| json.value(depth + 1)),
            b'[' => self.array(|json| json.value(depth + 1)),
            b't' => self.literal(b"true"),
            b'f' => self.literal(b"false"),
            b'n' => self.literal(b"null"),
            _ => self.number(),
        }
    }

    /// A number without exponent and of at most 17 digits on either side of the point: no reader finds it out of range.
    fn number(&mut self) -> Read<()> {
        if self.peek()? == b'-' {
            self.at += 1;
        }
        let start = self.at;
        self.digits()?;
        if self.since(start).first() == Some(&b'0') && self.at > start + 1 {
            return Err(Stop::Odd);
        }
        if self.peek()? == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek()?, b'e' | b'E') { Err(Stop::Odd) } else { Ok(()) }
    }

    fn digits(&mut self) -> Read<&'a [u8]> {
        let start = self.at;
        while self.peek()?.is_ascii_digit() {
            self.at += 1;
        }
        let digits = self.since(start);
        if (1..=17).contains(&digits.len()) { Ok(digits) } else { Err(Stop::Odd) }
    }

    fn text_or_null(&mut self) -> Read<()> {
        if self.null()? { Ok(()) } else { self.string().map(|_| ()) }
    }

    /// A position from 0 to 999,999,999, or null: 0.
    fn position(&mut self) -> Read<u32> {
        if self.null()? {
            return Ok(0);
        }
        let digits = self.digits()?;
        let odd_end = matches!(self.peek()?, b'.' | b'e' | b'E');
        if digits.len() > 9 || odd_end || (digits.len() > 1 && digits.first() == Some(&b'0')) {
            return Err(Stop::Odd);
        }
        Ok(digits.iter().fold(0, |n, d| n * 10 + u32::from(d - b'0')))
    }

    fn severity(&mut self) -> Read<Severity> {
        let word = self.plain()?;
        Severity::ALL.iter().copied().find(|s| s.as_str().as_bytes() == word).ok_or(Stop::Odd)
    }

    fn word(&mut self, words: &[&str]) -> Read<()> {
        let word = self.plain()?;
        if words.iter().any(|w| w.as_bytes() == word) { Ok(()) } else { Err(Stop::Odd) }
    }

    fn package(&mut self) -> Read<()> {
        let mut seen = [false; PACKAGE.len()];
        self.object(|json, key| {
            let Some(index) = PACKAGE.iter().position(|name| name.as_bytes() == key) else { return json.value(3) };
            if seen.get_mut(index).is_none_or(|slot| std::mem::replace(slot, true)) {
                return Err(Stop::Odd);
            }
            json.text_or_null()
        })
    }

    /// Whether it is suppressed and who else reported it. Of a name given twice the last counts, as in the model.
    fn metadata(&mut self, brief: &mut Brief) -> Read<()> {
        self.object(|json, key| {
            match key {
                b"suppressed_by" => {
                    brief.suppressed = !json.null()? && matches!(json.plain()?, b"inline" | b"config" | b"baseline")
                }
                b"also_reported_by" => {
                    let start = json.at;
                    json.value(3)?;
                    let value = serde_json::from_slice(json.since(start)).map_err(|_| Stop::Odd)?;
                    brief.reporters =
                        Reporter::list(value).into_iter().map(|r| r.fingerprint).filter(|f| !f.is_empty()).collect();
                }
                _ => json.value(3)?,
            }
            Ok(())
        })
    }

    /// One finding.
    pub(super) fn finding(&mut self) -> Read<Brief> {
        let mut out =
            Brief { fingerprint: [0; DIGITS], line: 0, severity: Severity::Info, suppressed: false, reporters: Box::default() };
        let (mut seen, mut expected, mut line_start) = (0u32, 0usize, 0u32);
        self.object(|json, key| {
            let Some((index, kind)) = field(key, expected) else { return json.value(2) };
            expected = index + 1;
            if seen & 1 << index != 0 {
                return Err(Stop::Odd);
            }
            seen |= 1 << index;
            match kind {
                Kind::Text => json.string().map(|_| ()),
                Kind::TextOrNull => json.text_or_null(),
                Kind::Words(words) => json.word(words),
                Kind::Severity => json.severity().map(|severity| out.severity = severity),
                Kind::Confidence => {
                    if json.null()? {
                        Ok(())
                    } else {
                        json.word(&["low", "medium", "high"])
                    }
                }
                Kind::Position => json.position().map(|_| ()),
                Kind::Line => json.position().map(|line| out.line = line),
                Kind::LineStart => json.position().map(|line| line_start = line),
                Kind::Texts => {
                    if json.null()? {
                        Ok(())
                    } else {
                        json.array(|json| json.string().map(|_| ()))
                    }
                }
                Kind::Package => {
                    if json.null()? {
                        Ok(())
                    } else {
                        json.package()
                    }
                }
                Kind::Fingerprint => json.plain()?.try_into().map(|digits| out.fingerprint = digits).map_err(|_| Stop::Odd),
                Kind::Metadata => {
                    if json.null()? {
                        Ok(())
                    } else {
                        json.metadata(&mut out)
                    }
                }
            }
        })?;
        if seen & REQUIRED != REQUIRED {
            return Err(Stop::Odd);
        }
        if out.line == 0 {
            out.line = line_start;
        }
        Ok(out)
    }
}

/// A field by its name; the one that is expected is tried first.
fn field(key: &[u8], expected: usize) -> Option<(usize, Kind)> {
    if let Some((name, kind)) = FIELDS.get(expected)
        && name.as_bytes() == key
    {
        return Some((expected, *kind));
    }
    let index = FIELDS.iter().position(|(name, _)| name.as_bytes() == key)?;
    FIELDS.get(index).map(|(_, kind)| (index, *kind))
}

/// The high bit of each byte that is a quote, a backslash or below 0x20. Bytes above the first hit may be marked falsely.
fn special(word: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGHS: u64 = u64::from_le_bytes([0x80; 8]);
    let zero = |x: u64| x.wrapping_sub(ONES) & !x;
    let quote = zero(word ^ u64::from_le_bytes([b'"'; 8]));
    let backslash = zero(word ^ u64::from_le_bytes([b'\\'; 8]));
    let control = word.wrapping_sub(u64::from_le_bytes([0x20; 8])) & !word;
    (quote | backslash | control) & HIGHS
}
