//! Where the tree came from on the code host, and links into it.

use super::{RenderOptions, escape, uri};
use std::fmt::Write;

/// A repository and, if it is one, a commit. Made only of what looks like what it should be, so that no part needs escaping.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin<'a> {
    owner: &'a str,
    name: &'a str,
    pub(super) sha: Option<&'a str>,
}

impl<'a> Origin<'a> {
    /// What the caller says, if `repo` is an `owner/name`.
    pub(super) fn of(options: &'a RenderOptions) -> Option<Self> {
        let (owner, name) = options.repo.as_deref()?.split_once('/')?;
        let valid = |part: &str| {
            !part.is_empty()
                && part != "."
                && part != ".."
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        let is_sha = |sha: &&str| (7..=64).contains(&sha.len()) && sha.bytes().all(|b| b.is_ascii_hexdigit());
        (valid(owner) && valid(name)).then(|| Self { owner, name, sha: options.sha.as_deref().filter(is_sha) })
    }

    /// The repository's address.
    pub(super) fn repository_url(&self) -> String {
        format!("https://github.com/{}/{}", self.owner, self.name)
    }

    /// The address of lines of a file at the commit; none without a commit, or for a path that is not inside the tree.
    pub(super) fn file_url(&self, path: &str, lines: Option<(u32, Option<u32>)>) -> Option<String> {
        let sha = self.sha?;
        let bytes = uri::real_bytes(path);
        if bytes.split(|b| *b == b'/').any(|part| matches!(part, b"" | b"." | b"..")) {
            return None;
        }
        let mut url = format!("{}/blob/{sha}/{}", self.repository_url(), escape::uri_path(&bytes));
        if let Some((first, last)) = lines {
            let _ = write!(url, "#L{first}");
            if let Some(last) = last {
                let _ = write!(url, "-L{last}");
            }
        }
        Some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_inside_the_tree() {
        let options = RenderOptions { repo: Some("acme/shop".into()), sha: Some("0123abc".into()), ..RenderOptions::default() };
        let origin = Origin::of(&options).unwrap();
        let url = |path, lines| origin.file_url(path, lines);
        assert_eq!(
            url("a b/é.py", Some((3, Some(4)))).unwrap(),
            "https://github.com/acme/shop/blob/0123abc/a%20b/%C3%A9.py#L3-L4"
        );
        assert_eq!(url("x](y)#?.py", None).unwrap(), "https://github.com/acme/shop/blob/0123abc/x%5D%28y%29%23%3F.py");
        for bad in ["../x", "/etc/passwd", "a/./b", "a//b", "", "a/"] {
            assert_eq!(url(bad, None), None, "{bad}");
        }
        let no_commit = RenderOptions { sha: Some("main".into()), ..options.clone() };
        assert_eq!(Origin::of(&no_commit).unwrap().file_url("x", None), None);
        assert!(Origin::of(&RenderOptions { repo: Some("acme".into()), ..options }).is_none());
    }
}
