//! Tables: columns of fixed widths, cells that wrap, rows that are never cut, a head that comes again on each page.

use super::layout::{Layout, Style};
use super::sheet::{Color, Drawing, LEFT, LINE, RIGHT, Role, Target};
use crate::render::limits::{REPORT_LINE, cut};

/// A column: its heading and its share of the width.
pub(super) struct Column {
    pub(super) heading: &'static str,
    pub(super) share: f32,
    /// Numbers stand to the right.
    pub(super) number: bool,
}

/// A cell.
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) style: Style,
    pub(super) dot: Option<Color>,
    pub(super) bar: Option<f64>,
    pub(super) link: Option<usize>,
}

impl Cell {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self::styled(text, Style { size: 8.0, ..Style::BODY })
    }

    pub(super) fn styled(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style, dot: None, bar: None, link: None }
    }
}

/// More lines than this a cell never has.
const LINES: usize = 30;
const PAD: f32 = 4.0;

pub(super) fn write(layout: &mut Layout, columns: &[Column], rows: Vec<Vec<Cell>>) {
    layout.within(Role::Table, |l| {
        head(l, columns, true);
        for row in rows {
            set_row(l, columns, &row);
        }
    });
    layout.gap(6.0);
}

/// Where each column starts and how wide it is.
fn slots(columns: &[Column]) -> impl Iterator<Item = (&Column, f32, f32)> {
    let whole: f32 = columns.iter().map(|c| c.share).sum();
    let unit = (RIGHT - LEFT) / whole.max(f32::MIN_POSITIVE);
    columns.iter().scan(LEFT, move |x, column| {
        let (start, width) = (*x, column.share * unit);
        *x += width;
        Some((column, start, width - 8.0))
    })
}

/// The head; only the first is content, the repeats are for the eye.
fn head(layout: &mut Layout, columns: &[Column], first: bool) {
    layout.need(40.0);
    let y = layout.y;
    let draw = |l: &mut Layout| {
        for (column, x, width) in slots(columns) {
            let set = |l: &mut Layout| heading(l, column, x, y, width);
            if first { l.within(Role::HeadCell, set) } else { set(l) }
        }
    };
    if first {
        layout.within(Role::Row, draw)
    } else {
        layout.unmarked(draw)
    }
    layout.gap(Style::SMALL.leading() + PAD);
    layout.rule(super::sheet::MUTED);
}

fn heading(layout: &mut Layout, column: &Column, x: f32, y: f32, width: f32) {
    if column.number {
        layout.word_to(x + width, y, Style::SMALL, column.heading, 1.0);
    } else {
        layout.word(x, y, Style::SMALL, column.heading);
    }
}

fn set_row(layout: &mut Layout, columns: &[Column], row: &[Cell]) {
    let mut texts = Vec::with_capacity(row.len());
    for ((_, _, width), cell) in slots(columns).zip(row) {
        let indent = if cell.dot.is_some() { 10.0 } else { 0.0 };
        let mut lines = layout.lines(cell.style, &cut(cell.text.trim(), REPORT_LINE), (width - indent).max(10.0));
        lines.truncate(LINES);
        texts.push(lines);
    }
    let most = texts.iter().zip(row).map(|(lines, cell)| lines.len().max(1) as f32 * cell.style.leading()).fold(0.0, f32::max);
    let height = most + 2.0 * PAD;
    let before = layout.place().0;
    layout.need(height);
    if layout.place().0 != before {
        head(layout, columns, false);
    }
    let y = layout.y + PAD;
    layout.within(Role::Row, |l| {
        for (index, (((column, x, width), cell), lines)) in slots(columns).zip(row).zip(&texts).enumerate() {
            let role = if index == 0 { Role::RowCell } else { Role::Cell };
            l.within(role, |l| set_cell(l, column, cell, lines, (x, y, width)));
        }
    });
    layout.y += height;
    layout.rule(LINE);
}

fn set_cell(layout: &mut Layout, column: &Column, cell: &Cell, lines: &[String], (x, y, width): (f32, f32, f32)) {
    let mut left = x;
    if let Some(color) = cell.dot {
        layout.decorate(Drawing::Dot { x: x + 2.6, y: y + cell.style.size * 0.68, radius: 2.6, color });
        left += 10.0;
    }
    if let Some(percent) = cell.bar {
        let full = width - 44.0;
        let part = full * (percent.clamp(0.0, 100.0) / 100.0) as f32;
        layout.decorate(Drawing::Rect { x, y: y + 2.5, width: full, height: 6.0, color: super::sheet::SOFT });
        layout.decorate(Drawing::Rect { x, y: y + 2.5, width: part, height: 6.0, color: super::sheet::ACCENT });
    }
    let right = column.number || cell.bar.is_some();
    for (index, line) in (0..).zip(lines) {
        let y = y + cell.style.leading() * index as f32;
        match (cell.link, right) {
            (Some(bookmark), _) => drop(layout.linked(left, y, cell.style, line, Target::Bookmark(bookmark))),
            (None, true) => layout.word_to(x + width, y, cell.style, line, 1.0),
            (None, false) => drop(layout.word(left, y, cell.style, line)),
        }
    }
}
