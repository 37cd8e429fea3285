//! A baseline on disk: read with a size limit, written whole or not at all.

use super::Baseline;
use crate::{Error, ErrorKind, Result};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// A larger baseline file is refused, in bytes. A hundred thousand entries take about 40 MiB.
pub const MAX_BYTES: u64 = 512 << 20;

/// How many names for the temporary file are tried.
const MAX_TRIES: u32 = 100;

impl Baseline {
    /// Reads a baseline file.
    ///
    /// # Errors
    /// `io` when it is missing or cannot be read; `baseline` when it is no regular file, larger than [`MAX_BYTES`], or
    /// wrong inside (see [`Baseline::parse`]).
    pub fn read(path: &Path) -> Result<Self> {
        let file = path.display().to_string();
        let io = |e: io::Error| Error::io(file.as_str(), &e).hint("name the file that `securescan baseline` wrote");
        let meta = fs::metadata(path).map_err(io)?;
        if !meta.is_file() || meta.len() > MAX_BYTES {
            let message = "a baseline is a regular file of at most 512 MiB";
            return Err(Error::new(ErrorKind::Baseline, message).in_file(file.as_str()));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0));
        File::open(path).and_then(|f| f.take(MAX_BYTES).read_to_end(&mut bytes)).map_err(io)?;
        Self::parse(&bytes, &file)
    }

    /// Writes the file and the folders it needs; returns the number of bytes. A reader sees the old file or the new one,
    /// never half of one: the bytes go to a new file beside it, which then takes its name. Permissions stay.
    ///
    /// # Errors
    /// `io`; the temporary file is removed then.
    pub fn write(&self, path: &Path) -> Result<usize> {
        let bytes = self.to_bytes();
        replace(path, &bytes).map_err(|e| Error::io(path.display().to_string(), &e))?;
        Ok(bytes.len())
    }
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let (mut file, temporary) = create_beside(path, folder)?;
    let written = file.write_all(bytes).and_then(|()| {
        if let Ok(old) = fs::symlink_metadata(path)
            && old.is_file()
        {
            file.set_permissions(old.permissions())?;
        }
        file.sync_all()?;
        fs::rename(&temporary, path)
    });
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Creates a file that did not exist: in a checked-out tree a link may lie in wait under any name that can be guessed.
fn create_beside(path: &Path, folder: &Path) -> io::Result<(File, PathBuf)> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not the name of a file"))?;
    let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
    for attempt in 0..MAX_TRIES {
        let temporary = folder.join(format!(".{}.{}-{attempt}.tmp", name.to_string_lossy(), std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&temporary) {
            Ok(file) => return Ok((file, temporary)),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => last = e,
            Err(e) => return Err(e),
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_whole_and_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b/baseline.json");
        let baseline = Baseline::initial();
        assert_eq!(baseline.write(&path).unwrap(), baseline.to_bytes().len());
        assert_eq!(Baseline::read(&path).unwrap(), baseline);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            baseline.write(&path).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
            // A link is replaced, not followed.
            let outside = dir.path().join("outside");
            fs::write(&outside, "x").unwrap();
            fs::remove_file(&path).unwrap();
            std::os::unix::fs::symlink(&outside, &path).unwrap();
            baseline.write(&path).unwrap();
            assert_eq!(fs::read_to_string(&outside).unwrap(), "x");
        }
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn failures_say_why() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Baseline::read(&dir.path().join("none")).unwrap_err().kind(), ErrorKind::Io);
        assert_eq!(Baseline::read(dir.path()).unwrap_err().kind(), ErrorKind::Baseline);
        fs::create_dir(dir.path().join("taken")).unwrap();
        assert_eq!(Baseline::initial().write(&dir.path().join("taken")).unwrap_err().kind(), ErrorKind::Io);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
