//! Reading rows of which nothing is certain: a column may be missing, hold another type, be a gigabyte long or no text at all.

use super::foreign;
use crate::storage::{StorageError, StorageResult};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, SqliteConnection};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

/// The longest text that is taken over, in bytes.
const MAX_TEXT: usize = 1 << 20;

/// What a column should hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Int,
    Real,
}

/// A column: name, kind, whether it must have a value.
pub(super) type Column = (&'static str, Kind, bool);

/// What a column held.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Null,
    Text(String),
    Int(i64),
    Real(f64),
}

impl Cell {
    pub(super) fn text(self) -> Option<String> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn int(&self) -> Option<i64> {
        if let Self::Int(n) = self { Some(*n) } else { None }
    }

    pub(super) fn real(&self) -> Option<f64> {
        match self {
            Self::Real(x) => Some(*x),
            #[expect(clippy::cast_precision_loss, reason = "a score of at most three digits; more is out of its range anyway")]
            Self::Int(n) => Some(*n as f64),
            Self::Null | Self::Text(_) => None,
        }
    }
}

/// The columns of a table by name.
type Tables = BTreeMap<String, BTreeSet<String>>;

/// The tables without which it is not one, and the columns that tell.
const TELLING: &[(&str, &[&str])] = &[
    ("scans", &["id", "target_path", "scan_types", "status", "started_at"]),
    ("findings", &["id", "scan_id", "scanner", "severity", "title", "line_start"]),
];

/// A database of SecureScan for Python, opened for reading.
pub(super) struct Source {
    connection: SqliteConnection,
    tables: Tables,
}

impl Source {
    pub(super) async fn open(file: &Path, alone: bool) -> StorageResult<Self> {
        if !file.is_file() {
            return Err(StorageError::new(format!("`{}` is not a file", file.display())));
        }
        let failed = |e: sqlx::Error| foreign(file, &e.to_string());
        let mut connection = connect(file, alone).await.map_err(failed)?;
        let tables = tables(&mut connection).await.map_err(failed)?;
        if let Some(why) = lacks(&tables) {
            return Err(foreign(file, &why));
        }
        // One moment of the file, whoever writes it meanwhile.
        sqlx::query("BEGIN").execute(&mut connection).await.map_err(failed)?;
        Ok(Self { connection, tables })
    }

    /// The rows of a table, in an order: the values of the columns, or none for a row that is not what it should be. No rows when
    /// there is no such table.
    pub(super) fn rows<'s>(
        &'s mut self,
        table: &'static str,
        columns: &'static [Column],
        order: &'static str,
    ) -> BoxStream<'s, StorageResult<Option<Vec<Cell>>>> {
        let Some(known) = self.tables.get(table) else { return futures_util::stream::empty().boxed() };
        let sql = select(table, columns, known, order);
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch(&mut self.connection);
        let read = |row: SqliteRow| cells(&row, columns);
        rows.map_ok(read).map_err(move |e| StorageError::new(format!("cannot read the table `{table}`: {e}"))).boxed()
    }
}

/// Whether a file is such a database. A file that is none, or no database at all, is none; only reading can fail.
pub(in crate::storage) async fn is_python(file: &Path) -> bool {
    // Most files are ours, and say so in their first bytes.
    if header(file).is_none_or(|head| head.get(68..72) != Some(&[0; 4])) {
        return false;
    }
    let Ok(mut connection) = connect(file, false).await else { return false };
    let found = tables(&mut connection).await;
    let _ = connection.close().await;
    found.is_ok_and(|tables| lacks(&tables).is_none())
}

/// The first hundred bytes of a database.
fn header(file: &Path) -> Option<[u8; 100]> {
    let mut head = [0; 100];
    std::fs::File::open(file).ok()?.read_exact(&mut head).ok()?;
    head.starts_with(b"SQLite format 3\0").then_some(head)
}

/// Whether reading would leave files beside this one: it keeps a log, and there is none, so nobody has it open either.
fn is_quiet(file: &Path) -> bool {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    header(file).is_some_and(|head| head.get(18..20) == Some(&[2, 2])) && !Path::new(&log).exists()
}

async fn connect(file: &Path, alone: bool) -> Result<SqliteConnection, sqlx::Error> {
    let options =
        SqliteConnectOptions::new().filename(file).create_if_missing(false).read_only(true).immutable(alone || is_quiet(file));
    options.pragma("query_only", "ON").pragma("trusted_schema", "OFF").pragma("cell_size_check", "ON").connect().await
}

/// Real tables alone: a view or a virtual table could do anything when it is read.
async fn tables(connection: &mut SqliteConnection) -> Result<Tables, sqlx::Error> {
    let sql = "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
               WHERE m.type = 'table' AND m.sql LIKE 'CREATE TABLE%'";
    let mut out = Tables::new();
    for row in sqlx::query(sql).fetch_all(connection).await? {
        let (table, column): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        out.entry(table.to_lowercase()).or_default().insert(column.to_lowercase());
    }
    Ok(out)
}

/// What is missing for such a database.
fn lacks(tables: &Tables) -> Option<String> {
    TELLING.iter().find_map(|(table, columns)| match tables.get(*table) {
        None => Some(format!("there is no table `{table}`")),
        Some(known) => columns.iter().find(|c| !known.contains(**c)).map(|column| format!("`{table}` has no column `{column}`")),
    })
}

/// Each column as what it should be, null otherwise; before them, whether a value is not what it should be. Decided where the value is,
/// so that nothing long is ever read. All names are ours.
fn select(table: &str, columns: &[Column], known: &BTreeSet<String>, order: &str) -> String {
    let (mut values, mut wrong) = (Vec::new(), vec!["0".to_owned()]);
    for (name, kind, needed) in columns {
        let column = if known.contains(*name) { format!("\"{name}\"") } else { "NULL".to_owned() };
        let is = |types: &str| format!("typeof({column}) IN ({types})");
        let types = match kind {
            Kind::Text => "'text', 'integer', 'real'",
            Kind::Int => "'integer'",
            Kind::Real => "'integer', 'real'",
        };
        let fits = match kind {
            Kind::Text => format!("{} AND octet_length({column}) <= {MAX_TEXT}", is(types)),
            Kind::Int | Kind::Real => is(types),
        };
        let value = if *kind == Kind::Text { format!("CAST({column} AS TEXT)") } else { column.clone() };
        values.push(format!("CASE WHEN {fits} THEN {value} END"));
        let absent = if *needed { "" } else { &format!("{} OR ", is("'null'")) };
        wrong.push(format!("NOT ({absent}coalesce({fits}, 0))"));
    }
    let order = match order {
        "" => "rowid".to_owned(),
        column if known.contains(column) => format!("\"{column}\", rowid"),
        _ => "rowid".to_owned(),
    };
    format!("SELECT {}, {} FROM \"{table}\" ORDER BY {order}", wrong.join(" OR "), values.join(", "))
}

fn cells(row: &SqliteRow, columns: &[Column]) -> Option<Vec<Cell>> {
    if row.try_get::<i64, _>(0).ok()? != 0 {
        return None;
    }
    let cell = |(index, (_, kind, _)): (usize, &Column)| {
        let at = index + 1;
        // Text that is no UTF-8 is no text.
        Some(match kind {
            Kind::Text => row.try_get::<Option<String>, _>(at).ok()?.map_or(Cell::Null, Cell::Text),
            Kind::Int => row.try_get_unchecked::<Option<i64>, _>(at).ok()?.map_or(Cell::Null, Cell::Int),
            Kind::Real => row.try_get_unchecked::<Option<f64>, _>(at).ok()?.map_or(Cell::Null, Cell::Real),
        })
    };
    columns.iter().enumerate().map(cell).collect()
}
