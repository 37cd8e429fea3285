//! The one facade under every surface.
