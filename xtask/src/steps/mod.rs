//! The steps of `check` that run other programs, one file per tool chain.

pub(crate) mod api;
pub(crate) mod c;
pub(crate) mod deploy;
pub(crate) mod html;
pub(crate) mod node;
pub(crate) mod python;
pub(crate) mod rust;
pub(crate) mod sbom;
pub(crate) mod schemas;
pub(crate) mod tools;
pub(crate) mod uniffi;
pub(crate) mod wheel;
