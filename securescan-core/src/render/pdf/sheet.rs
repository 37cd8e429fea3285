//! What is on the pages before it becomes PDF: drawn pieces with their place in the structure of the document.
//!
//! Units: points, from the upper left corner.

use super::fonts::Face;

/// A4 and its margins.
pub(super) const WIDTH: f32 = 595.28;
pub(super) const HEIGHT: f32 = 841.89;
pub(super) const LEFT: f32 = 48.0;
pub(super) const RIGHT: f32 = WIDTH - 48.0;
pub(super) const TOP: f32 = 54.0;
pub(super) const BOTTOM: f32 = HEIGHT - 60.0;

/// Red, green, blue.
pub(super) type Color = [u8; 3];

pub(super) const STRONG: Color = [11, 16, 13];
pub(super) const TEXT: Color = [28, 34, 30];
pub(super) const MUTED: Color = [88, 96, 91];
pub(super) const LINE: Color = [222, 227, 224];
pub(super) const SOFT: Color = [242, 245, 243];
pub(super) const ACCENT: Color = [0, 122, 66];
pub(super) const ACCENT_SOFT: Color = [234, 247, 238];
pub(super) const WARNING: Color = [253, 244, 231];

/// What a node of the structure is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Role {
    Section,
    Heading(u16, String),
    Paragraph,
    /// A drawing, with its text.
    Figure(String),
    Link,
    Table,
    Row,
    HeadCell,
    /// Head of its row.
    RowCell,
    Cell,
    Contents,
    ContentsItem,
}

/// A node of the structure. INVARIANT: a parent comes before its children.
pub(super) struct Node {
    pub(super) role: Role,
    pub(super) parent: Option<usize>,
}

/// Something drawn.
pub(super) enum Drawing {
    Text {
        x: f32,
        baseline: f32,
        face: Face,
        size: f32,
        color: Color,
        text: String,
    },
    Rect {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        color: Color,
    },
    Dot {
        x: f32,
        y: f32,
        radius: f32,
        color: Color,
    },
    /// Part of a ring; angles in turns, clockwise from the left.
    Arc {
        x: f32,
        y: f32,
        radius: f32,
        width: f32,
        from: f32,
        to: f32,
        color: Color,
    },
}

/// A drawing and the node it belongs to; without one it is decoration.
pub(super) struct Piece {
    pub(super) drawing: Drawing,
    pub(super) node: Option<usize>,
}

/// Where a link leads.
pub(super) enum Target {
    Web(String),
    /// A bookmark, by its index.
    Bookmark(usize),
}

pub(super) struct Link {
    pub(super) area: [f32; 4],
    pub(super) target: Target,
    pub(super) node: usize,
    pub(super) about: String,
}

/// One page.
#[derive(Default)]
pub(super) struct Sheet {
    pub(super) pieces: Vec<Piece>,
    pub(super) links: Vec<Link>,
}

/// A place to jump to: level 1 for sections, 2 below them.
pub(super) struct Bookmark {
    pub(super) title: String,
    pub(super) level: u16,
    pub(super) sheet: usize,
    pub(super) y: f32,
}
