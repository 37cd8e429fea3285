//! A folder of results that can be had again: written whole, checked when read, bounded in size, private. Whatever goes wrong with it,
//! nothing is lost but time, so nothing here is an error.
//!
//! What is kept, and under which key, is decided by [`super::kept`].

use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Entries that are kept at most.
const MAX_ENTRIES: usize = 64;

/// Bytes that all entries take at most.
const MAX_BYTES: u64 = 256 << 20;

/// A larger entry is not kept, in bytes.
const MAX_ENTRY: u64 = 32 << 20;

/// A temporary file that is older was left behind by a program that was killed.
const STALE: Duration = Duration::from_secs(24 * 3600);

/// The first word of an entry; its number changes with what follows.
const MAGIC: &str = "securescan-kept-1";

const ENDING: &str = ".kept";
const TEMPORARY: &str = ".tmp-";

/// The folder.
#[derive(Debug)]
pub(super) struct Store {
    folder: PathBuf,
}

impl Store {
    /// Opens it, making it when there is none. `None` when it cannot be made, or when others could write to it.
    pub(super) fn open(cache: &Path) -> Option<Self> {
        if !cache.is_absolute() {
            return None;
        }
        let folder = cache.join("base");
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).ok()?;
        is_private(&folder).then_some(Self { folder })
    }

    /// The body that was kept under a key; `None` when there is none that is whole.
    pub(super) fn load(&self, key: &str) -> Option<Vec<u8>> {
        let path = self.path(key);
        let meta = fs::symlink_metadata(&path).ok().filter(|meta| meta.is_file() && meta.len() <= MAX_ENTRY)?;
        let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).ok()?);
        let file = File::open(&path).ok()?;
        (&file).take(MAX_ENTRY).read_to_end(&mut bytes).ok()?;
        let end = memchr::memchr(b'\n', &bytes)?;
        let body = bytes.get(end + 1..)?;
        if bytes.get(..end)? != head(key, body).as_bytes() {
            return None;
        }
        let body = body.to_vec();
        // The one that was not used for longest goes first; where this cannot be written, the oldest.
        let _ = File::options().append(true).open(&path).and_then(|file| file.set_modified(SystemTime::now()));
        Some(body)
    }

    /// Keeps a body under a key, and makes room.
    pub(super) fn save(&self, key: &str, body: &[u8]) {
        if body.len() as u64 + 1024 > MAX_ENTRY {
            return;
        }
        let write = || -> std::io::Result<()> {
            let mut file = tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(&self.folder)?;
            file.write_all(head(key, body).as_bytes())?;
            file.write_all(b"\n")?;
            file.write_all(body)?;
            file.flush()?;
            file.persist(self.path(key))?;
            Ok(())
        };
        if write().is_ok() {
            self.make_room(MAX_ENTRIES, MAX_BYTES);
        }
    }

    fn path(&self, key: &str) -> PathBuf {
        let mut name = hex(key.as_bytes());
        name.truncate(40);
        self.folder.join(name + ENDING)
    }

    /// Removes what was not used for longest until the rest fits. Files that are none of ours are left alone.
    fn make_room(&self, max_entries: usize, max_bytes: u64) {
        let Ok(listing) = fs::read_dir(&self.folder) else { return };
        let now = SystemTime::now();
        let mut entries = Vec::new();
        for entry in listing.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(meta) = entry.metadata().ok().filter(std::fs::Metadata::is_file) else { continue };
            let changed = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            if name.starts_with(TEMPORARY) && now.duration_since(changed).is_ok_and(|age| age > STALE) {
                let _ = fs::remove_file(entry.path());
            } else if name.ends_with(ENDING) {
                entries.push((changed, name, meta.len()));
            }
        }
        entries.sort_by(|a, b| b.cmp(a));
        let mut bytes = 0u64;
        for (index, (_, name, size)) in entries.into_iter().enumerate() {
            bytes = bytes.saturating_add(size);
            if index >= max_entries || bytes > max_bytes {
                let _ = fs::remove_file(self.folder.join(name));
            }
        }
    }
}

/// The first line of an entry: half of one, one under another name and one with another key do not have it.
fn head(key: &str, body: &[u8]) -> String {
    let mut all = Sha256::new();
    all.update((key.len() as u64).to_le_bytes());
    all.update(key);
    all.update(body);
    format!("{MAGIC} {}", digits(&all.finalize()))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    digits(&Sha256::digest(bytes))
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether it is a real folder of our own that nobody else may write to.
fn is_private(folder: &Path) -> bool {
    let Ok(meta) = fs::symlink_metadata(folder) else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        meta.is_dir() && meta.mode() & 0o077 == 0 && meta.uid() == rustix::process::geteuid().as_raw()
    }
    #[cfg(not(unix))]
    meta.is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("a/b")).unwrap();
        (dir, store)
    }

    #[test]
    fn what_is_kept_comes_back_and_nothing_else() {
        let (_dir, store) = store();
        assert_eq!(store.load("k"), None);
        store.save("k", b"body\nwith lines");
        assert_eq!(store.load("k").unwrap(), b"body\nwith lines");
        let path = store.path("k");
        let whole = fs::read(&path).unwrap();
        // Cut anywhere, changed anywhere, under another name, empty, a folder: nothing.
        for cut in 0..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            assert_eq!(store.load("k"), None, "{cut}");
        }
        for at in 0..whole.len() {
            let mut bad = whole.clone();
            bad[at] ^= 1;
            fs::write(&path, bad).unwrap();
            assert_eq!(store.load("k"), None, "{at}");
        }
        fs::write(&path, &whole).unwrap();
        fs::copy(&path, store.path("other")).unwrap();
        assert_eq!((store.load("other"), store.load("k").is_some()), (None, true));
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert_eq!(store.load("k"), None);
        store.save("k", b"x");
        assert_eq!(store.load("k"), None);
    }

    #[test]
    fn the_oldest_goes_first() {
        let (_dir, store) = store();
        for n in 0..6u64 {
            store.save(&n.to_string(), &[b'x'; 100]);
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1000 + n);
            File::options().append(true).open(store.path(&n.to_string())).unwrap().set_modified(time).unwrap();
        }
        fs::write(store.folder.join("not ours"), "x").unwrap();
        let left = || (0..6).filter(|n| store.path(&n.to_string()).exists()).collect::<Vec<u64>>();
        // A use makes it young again.
        assert!(store.load("0").is_some());
        store.make_room(3, u64::MAX);
        assert_eq!(left(), [0, 4, 5]);
        let size = fs::metadata(store.path("0")).unwrap().len();
        store.make_room(3, 2 * size);
        assert_eq!(left(), [0, 5]);
        store.make_room(3, 0);
        assert_eq!(left(), [] as [u64; 0]);
        assert!(store.folder.join("not ours").exists());
    }

    #[cfg(unix)]
    #[test]
    fn it_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let (dir, store) = store();
        store.save("k", b"x");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&store.folder), mode(&store.path("k"))), (0o700, 0o600));
        // A link in the place of an entry is not followed, one in the place of the folder not trusted.
        fs::write(dir.path().join("elsewhere"), fs::read(store.path("k")).unwrap()).unwrap();
        fs::remove_file(store.path("k")).unwrap();
        std::os::unix::fs::symlink(dir.path().join("elsewhere"), store.path("k")).unwrap();
        assert_eq!(store.load("k"), None);
        fs::set_permissions(&store.folder, fs::Permissions::from_mode(0o770)).unwrap();
        assert!(Store::open(&dir.path().join("a/b")).is_none());
        fs::create_dir(dir.path().join("c")).unwrap();
        fs::set_permissions(&store.folder, fs::Permissions::from_mode(0o700)).unwrap();
        std::os::unix::fs::symlink(&store.folder, dir.path().join("c/base")).unwrap();
        assert!(Store::open(&dir.path().join("c")).is_none());
        fs::write(dir.path().join("file"), "").unwrap();
        assert!(Store::open(&dir.path().join("file")).is_none() && Store::open(Path::new("relative")).is_none());
    }

    #[test]
    fn many_at_once() {
        let (_dir, store) = store();
        std::thread::scope(|scope| {
            for n in 0..8u8 {
                let store = &store;
                scope.spawn(move || {
                    for _ in 0..50 {
                        store.save("k", &[n; 1000]);
                        let body = store.load("k").unwrap();
                        assert!(body.len() == 1000 && body.iter().all(|b| *b == body[0]));
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(&store.folder).unwrap().count(), 1);
    }
}
