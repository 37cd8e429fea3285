//! One file, one command.

pub(crate) mod baseline;
pub(crate) mod call;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod pre_commit;
pub(crate) mod publish;
pub(crate) mod sbom;
pub(crate) mod scan;
pub(crate) mod serve;
pub(crate) mod status;
