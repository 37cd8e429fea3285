//! Plain aligned columns, for people and for `awk`.

use securescan_core::render;
use std::io::Write;

/// A table being made.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// With the names of its columns.
    pub(crate) fn new<const N: usize>(head: [&str; N]) -> Self {
        Self { rows: vec![head.map(str::to_owned).into()] }
    }

    /// Adds a row. What cannot be shown on one line of a terminal is escaped.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.map(|cell| render::escape::terminal(&cell.replace(['\n', '\r', '\t'], " ")).into_owned()).into());
    }

    /// Prints it. Columns are as wide as their widest cell, the last one as it comes.
    pub(crate) fn print(&self) {
        let columns = self.rows.first().map_or(0, Vec::len);
        let width = |column: usize| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
        let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
        let mut out = std::io::stdout().lock();
        for row in &self.rows {
            let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            // The reader may have gone, as `head` does.
            if writeln!(out, "{}", cells.join("  ").trim_end()).is_err() {
                return;
            }
        }
    }
}
