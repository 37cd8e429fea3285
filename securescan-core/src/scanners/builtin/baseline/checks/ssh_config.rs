//! Reading `sshd_config`: what the server would take as its settings, outside `Match` blocks.
//!
//! # Source
//! sshd_config(5) of OpenSSH 9.9: keywords are case-insensitive, `=` and blanks separate, the first value wins,
//! `Include` is read in place, `Match` reaches to the next `Match` or the end of its file.

/// Deeper includes are not followed.
const MAX_DEPTH: usize = 16;
/// More settings are not kept.
const MAX_SETTINGS: usize = 20_000;
/// More files are not read, and more patterns not looked up.
const MAX_FILES: usize = 256;

/// Where included files come from.
pub(in super::super) trait Files {
    /// The paths an `Include` pattern names, sorted.
    fn list(&mut self, pattern: &str) -> Vec<String>;
    /// The text of one of them.
    fn read(&mut self, path: &str) -> Option<String>;
}

/// One setting, as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Setting {
    /// Lower-cased.
    pub keyword: String,
    /// Without quotes, words joined by one blank.
    pub value: String,
    /// The file it stands in.
    pub file: String,
    /// 0-based.
    pub index: usize,
}

/// The settings outside `Match` blocks in the order the server reads them.
pub(in super::super) fn settings(file: &str, text: &str, files: &mut dyn Files) -> Vec<Setting> {
    let mut reader = Reader { settings: Vec::new(), files, files_left: MAX_FILES, patterns_left: MAX_FILES };
    reader.file(file, text, 0);
    reader.settings
}

struct Reader<'a> {
    settings: Vec<Setting>,
    files: &'a mut dyn Files,
    files_left: usize,
    patterns_left: usize,
}

impl Reader<'_> {
    fn file(&mut self, file: &str, text: &str, depth: usize) {
        let mut matching = false;
        for (index, line) in text.lines().enumerate() {
            let Some((keyword, words)) = split(line) else { continue };
            match keyword.as_str() {
                // `Match all` applies to everybody, so what follows counts.
                "match" => matching = !(words.len() == 1 && words.first().is_some_and(|w| w.eq_ignore_ascii_case("all"))),
                _ if matching => {}
                "include" => words.iter().for_each(|pattern| self.include(pattern, depth)),
                _ if self.settings.len() < MAX_SETTINGS => {
                    self.settings.push(Setting { keyword, value: words.join(" "), file: file.to_owned(), index });
                }
                _ => {}
            }
        }
    }

    /// Recursion ends at [`MAX_DEPTH`].
    fn include(&mut self, pattern: &str, depth: usize) {
        if depth >= MAX_DEPTH || self.files_left == 0 || self.patterns_left == 0 {
            return;
        }
        self.patterns_left -= 1;
        for path in self.files.list(pattern) {
            let Some(left) = self.files_left.checked_sub(1) else { return };
            self.files_left = left;
            if let Some(text) = self.files.read(&path) {
                self.file(&path, &text, depth + 1);
            }
        }
    }
}

/// No file includes another.
#[cfg(test)]
pub(super) struct NoFiles;

#[cfg(test)]
impl Files for NoFiles {
    fn list(&mut self, _pattern: &str) -> Vec<String> {
        Vec::new()
    }
    fn read(&mut self, _path: &str) -> Option<String> {
        None
    }
}

/// Keyword and arguments of a line; none for blank lines, comments and what the server would refuse.
fn split(line: &str) -> Option<(String, Vec<String>)> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let end = line.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(line.len());
    let (keyword, rest) = (line.get(..end)?, line.get(end..)?.trim_start());
    let rest = rest.strip_prefix('=').unwrap_or(rest);
    let words = words(rest);
    let is_setting = !words.is_empty() && !keyword.is_empty() && keyword.bytes().all(|b| b.is_ascii_alphanumeric());
    is_setting.then(|| (keyword.to_ascii_lowercase(), words))
}

/// Words, quoted ones whole; a `#` at the start of a word begins a comment.
fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            '#' if !quoted && word.is_none() => break,
            c if c.is_whitespace() && !quoted => out.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    out.extend(word);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Few;

    impl Files for Few {
        fn list(&mut self, pattern: &str) -> Vec<String> {
            vec![pattern.to_owned()]
        }
        fn read(&mut self, path: &str) -> Option<String> {
            match path {
                "a.conf" => Some("A 1\nMatch User x\nA 2\n".to_owned()),
                "self" => Some("B 1\nInclude self self\n".to_owned()),
                _ => None,
            }
        }
    }

    fn read(text: &str) -> Vec<String> {
        let all = settings("main", text, &mut Few);
        all.into_iter().map(|s| format!("{}={} {}:{}", s.keyword, s.value, s.file, s.index)).collect()
    }

    #[test]
    fn forms() {
        let text = "# c\npermitrootlogin=yes\n PermitRootLogin = \"no\" # x\nCiphers\ta,b\nMatch User x\nX11Forwarding yes\nMatch all\nY \"a b\" c\n";
        assert_eq!(
            read(text),
            ["permitrootlogin=yes main:1", "permitrootlogin=no main:2", "ciphers=a,b main:3", "y=a b c main:7"]
        );
    }

    #[test]
    fn includes_stand_in_place_and_loops_end() {
        assert_eq!(read("Include a.conf\nA 3\n"), ["a=1 a.conf:0", "a=3 main:1"]);
        assert!(read("Include self\n").len() <= MAX_FILES);
        assert!(read(&"Include self\n".repeat(5000)).len() <= MAX_FILES);
        assert!(read("=\n\"\n\"\"\"\nInclude\nMatch\nx").is_empty());
    }
}
