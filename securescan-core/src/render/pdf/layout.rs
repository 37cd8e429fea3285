//! The setter: puts lines, boxes and tables on pages, from top to bottom.

use super::fonts::{Face, Fonts};
use super::sheet::{BOTTOM, Bookmark, Color, Drawing, LEFT, Link, Node, Piece, RIGHT, Role, STRONG, Sheet, TEXT, TOP, Target};
use crate::Result;

/// How a text looks. Units: points.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) face: Face,
    pub(super) size: f32,
    pub(super) color: Color,
}

impl Style {
    pub(super) const BODY: Self = Self { face: Face::Regular, size: 9.0, color: TEXT };
    pub(super) const BOLD: Self = Self { face: Face::Bold, size: 9.0, color: STRONG };
    pub(super) const SMALL: Self = Self { face: Face::Regular, size: 8.0, color: super::sheet::MUTED };
    pub(super) const MONO: Self = Self { face: Face::Mono, size: 7.5, color: TEXT };

    pub(super) fn leading(self) -> f32 {
        self.size * 1.42
    }
}

/// Pages in the making.
pub(super) struct Layout {
    pub(super) fonts: Fonts,
    pub(super) sheets: Vec<Sheet>,
    pub(super) nodes: Vec<Node>,
    pub(super) bookmarks: Vec<Bookmark>,
    /// A character was written by its code.
    pub(super) lacked: bool,
    /// The upper edge of what comes next.
    pub(super) y: f32,
    at: usize,
    open: Vec<usize>,
}

impl Layout {
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            fonts: Fonts::new()?,
            sheets: vec![Sheet::default()],
            nodes: Vec::new(),
            bookmarks: Vec::new(),
            lacked: false,
            y: TOP,
            at: 0,
            open: Vec::new(),
        })
    }

    /// Does its work inside a new node of the structure.
    pub(super) fn within<T>(&mut self, role: Role, work: impl FnOnce(&mut Self) -> T) -> T {
        let node = self.node(role);
        self.inside(node, work)
    }

    /// A node to be filled later.
    pub(super) fn node(&mut self, role: Role) -> usize {
        self.nodes.push(Node { role, parent: self.open.last().copied() });
        self.nodes.len() - 1
    }

    pub(super) fn inside<T>(&mut self, node: usize, work: impl FnOnce(&mut Self) -> T) -> T {
        self.open.push(node);
        let out = work(self);
        self.open.pop();
        out
    }

    /// Goes on elsewhere; says where it was.
    pub(super) fn go_to(&mut self, sheet: usize, y: f32) -> (usize, f32) {
        let was = self.place();
        (self.at, self.y) = (sheet, y);
        was
    }

    pub(super) fn place(&self) -> (usize, f32) {
        (self.at, self.y)
    }

    /// Begins a new page if less than this height is left.
    pub(super) fn need(&mut self, height: f32) {
        if self.y + height > BOTTOM && self.y > TOP {
            self.new_page();
        }
    }

    pub(super) fn new_page(&mut self) {
        self.sheets.push(Sheet::default());
        self.at = self.sheets.len() - 1;
        self.y = TOP;
    }

    pub(super) fn gap(&mut self, height: f32) {
        self.y += height;
    }

    /// Does its work as decoration, whatever node is open.
    pub(super) fn unmarked(&mut self, work: impl FnOnce(&mut Self)) {
        let open = std::mem::take(&mut self.open);
        work(self);
        self.open = open;
    }

    /// A line outside of any open node.
    pub(super) fn word_at_root(&mut self, x: f32, y: f32, style: Style, text: &str) {
        let node = self.nodes.len();
        self.nodes.push(Node { role: Role::Paragraph, parent: None });
        self.inside(node, |l| l.word(x, y, style, text));
    }

    /// Draws as content of the open node.
    pub(super) fn draw(&mut self, drawing: Drawing) {
        let node = self.open.last().copied();
        self.push(drawing, node);
    }

    /// Draws what means nothing.
    pub(super) fn decorate(&mut self, drawing: Drawing) {
        self.push(drawing, None);
    }

    fn push(&mut self, drawing: Drawing, node: Option<usize>) {
        if let Some(sheet) = self.sheets.get_mut(self.at) {
            sheet.pieces.push(Piece { drawing, node });
        }
    }

    pub(super) fn rule(&mut self, color: Color) {
        let y = self.y;
        self.decorate(Drawing::Rect { x: LEFT, y, width: RIGHT - LEFT, height: 0.6, color });
    }

    /// Makes a text fit to draw, and remembers when a character was lacking.
    fn drawn(&mut self, face: Face, text: &str) -> String {
        let (text, lacks) = self.fonts.drawn(face, text);
        self.lacked |= lacks;
        text
    }

    /// One line at a place; the width it took.
    pub(super) fn word(&mut self, x: f32, y: f32, style: Style, text: &str) -> f32 {
        let text = self.drawn(style.face, text);
        let width = self.fonts.width(style.face, style.size, &text);
        self.draw(Drawing::Text { x, baseline: y + style.size, face: style.face, size: style.size, color: style.color, text });
        width
    }

    /// Like [`Layout::word`], but ends at `x` or is centred on it.
    pub(super) fn word_to(&mut self, x: f32, y: f32, style: Style, text: &str, share: f32) {
        let shown = self.drawn(style.face, text);
        let width = self.fonts.width(style.face, style.size, &shown);
        self.word(x - width * share, y, style, text);
    }

    /// Breaks a text into lines of a width, at spaces, else within words. Line breaks of the text stay.
    pub(super) fn lines(&mut self, style: Style, text: &str, width: f32) -> Vec<String> {
        let mut out = Vec::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let shown = self.drawn(style.face, line);
            self.wrap(style, &shown, width, &mut out);
        }
        out
    }

    fn wrap(&self, style: Style, text: &str, width: f32, out: &mut Vec<String>) {
        let space = self.fonts.advance(style.face, style.size, ' ');
        let (mut line, mut used) = (String::new(), 0.0);
        for word in text.split(' ') {
            let long = self.fonts.width(style.face, style.size, word);
            if !line.is_empty() && used + space + long > width {
                out.push(std::mem::take(&mut line));
                used = 0.0;
            }
            if !line.is_empty() {
                line.push(' ');
                used += space;
            }
            for c in word.chars() {
                let advance = self.fonts.advance(style.face, style.size, c);
                if used + advance > width && !line.is_empty() {
                    out.push(std::mem::take(&mut line));
                    used = 0.0;
                }
                line.push(c);
                used += advance;
            }
        }
        if !line.is_empty() {
            out.push(line);
        }
    }

    /// A paragraph from `x`, over pages if need be.
    pub(super) fn paragraph(&mut self, x: f32, width: f32, style: Style, text: &str) {
        let lines = self.lines(style, text, width);
        self.within(Role::Paragraph, |l| l.set(x, style, &lines));
    }

    /// Lines one below the other.
    pub(super) fn set(&mut self, x: f32, style: Style, lines: &[String]) {
        for line in lines {
            self.need(style.leading());
            let y = self.y;
            self.word(x, y, style, line);
            self.y += style.leading();
        }
    }

    /// A heading with a bookmark at level 1 or 2.
    pub(super) fn heading(&mut self, level: u16, text: &str, room: f32) {
        let style = Style { face: Face::Bold, size: if level == 1 { 15.0 } else { 11.0 }, color: STRONG };
        self.gap(if self.y > TOP { style.size } else { 0.0 });
        self.need(style.leading() + room);
        self.bookmarks.push(Bookmark { title: text.to_owned(), level, sheet: self.at, y: self.y });
        let y = self.y;
        self.within(Role::Heading(level + 1, text.to_owned()), |l| l.word(LEFT, y, style, text));
        self.gap(style.leading() + if level == 1 { 4.0 } else { 2.0 });
    }

    /// A line that leads somewhere.
    pub(super) fn linked(&mut self, x: f32, y: f32, style: Style, text: &str, target: Target) -> f32 {
        let node = self.node(Role::Link);
        let width = self.inside(node, |l| l.word(x, y, style, text));
        let link = Link { area: [x, y, width.max(1.0), style.leading()], target, node, about: text.to_owned() };
        if let Some(sheet) = self.sheets.get_mut(self.at) {
            sheet.links.push(link);
        }
        width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit() {
        let mut layout = Layout::new().unwrap();
        for text in ["a few words that need to be broken somewhere", &"x".repeat(300), "a\n\nb", "  ", "漢字漢字漢字漢字漢字漢字"]
        {
            let lines = layout.lines(Style::BODY, text, 60.0);
            assert!(lines.iter().all(|line| layout.fonts.width(Face::Regular, 9.0, line) <= 60.0), "{lines:?}");
            let joined: String = lines.concat().replace(' ', "");
            assert_eq!(joined, layout.drawn(Face::Regular, text).replace(' ', ""));
        }
        assert!(layout.lacked);
    }

    #[test]
    fn pages_follow() {
        let mut layout = Layout::new().unwrap();
        layout.heading(1, "One", 0.0);
        layout.paragraph(LEFT, 100.0, Style::BODY, &"word ".repeat(2_000));
        assert!(layout.sheets.len() > 3);
        assert!(layout.sheets.iter().flat_map(|s| &s.pieces).all(|p| p.node.is_some_and(|n| n < layout.nodes.len())));
    }
}
