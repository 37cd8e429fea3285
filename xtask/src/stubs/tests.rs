#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use super::{read, write};

const MODULE: &str = r#"
    #[pymodule]
    fn native(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add::<_, &str>("__version__", VERSION)?;
        module.add_class::<shop::Shop>()?;
        module.add_function(wrap_pyfunction!(shop::open, module)?)
    }
"#;

const SHOP: &str = r#"
    /// A shop.
    ///
    /// More of it.
    #[pyclass(frozen, name = "_Shop")]
    pub(crate) struct Shop(u8);

    #[pymethods]
    impl Shop {
        /// It "says" "open"
        #[getter]
        fn get_sign(&self) -> PyResult<Option<&str>> {}
        #[getter(size)]
        #[cfg_attr(false, stub("-> Size"))]
        fn of<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {}
        #[classmethod]
        #[pyo3(signature = (path, /, *, names: "Literal['a', 'b']" = "a", deep = false))]
        fn load(_class: &Bound<'_, PyType>, path: PathBuf, names: &Bound<'_, PyAny>, deep: bool) -> PyResult<Self> {}
        #[cfg_attr(false, stub("(self, at: int, /) -> str", "(self, at: slice, /) -> list[str]"))]
        fn __getitem__(&self, at: &Bound<'_, PyAny>) -> PyResult<Bound<'_, PyAny>> {}
        fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {}
        fn __repr__(&self) -> String {}
        fn __next__(&mut self) -> Option<Shop> {}
    }

    #[pyfunction]
    #[pyo3(name = "unlock")]
    fn open(py: Python<'_>, shops: Vec<String>, first: Option<&Bound<'_, Shop>>, a_long_name: Option<u64>) -> (Shop, Vec<u32>) {}
"#;

fn stub(shop: &str) -> Result<String, String> {
    let sources = [("lib".to_owned(), MODULE.to_owned()), ("shop".to_owned(), shop.to_owned())];
    read::module(&sources).map(|items| write::module(&items, "Size = int\nclass Other(TypedDict):\n    Any = 5\n"))
}

#[test]
fn types_come_from_rust_or_from_beside_it() {
    let text = stub(SHOP).unwrap();
    let (_, body) = text.split_once("do not edit.\n").unwrap();
    assert_eq!(
        body,
        r#"
import os
from collections.abc import Sequence
from typing import Final, Literal, final, overload

from ._types import Size

__all__ = [
    "_Shop",
    "__version__",
    "unlock",
]

__version__: Final[str]

@final
class _Shop:
    """A shop."""
    @property
    def sign(self) -> str | None:
        """It "says" "open\""""
    @property
    def size(self) -> Size: ...
    @classmethod
    def load(cls, path: str | os.PathLike[str], /, *, names: Literal["a", "b"] = "a", deep: bool = False) -> _Shop: ...
    @overload
    def __getitem__(self, at: int, /) -> str: ...
    @overload
    def __getitem__(self, at: slice, /) -> list[str]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __next__(self) -> _Shop: ...

def unlock(shops: Sequence[str], first: _Shop | None, a_long_name: int | None) -> tuple[_Shop, list[int]]: ...
"#
    );
}

#[test]
fn long_lines_are_broken_at_parameters() {
    let text = stub(&SHOP.replace("a_long_name", &"long_name_".repeat(6))).unwrap();
    let wanted = format!(
        "def unlock(\n    shops: Sequence[str],\n    first: _Shop | None,\n    {}: int | None,\n) -> tuple[_Shop, list[int]]: ...\n",
        "long_name_".repeat(6)
    );
    assert!(text.ends_with(&wanted), "{text}");
}

#[test]
fn a_type_nobody_tells_is_an_error() {
    let text = SHOP.replace("#[cfg_attr(false, stub(\"-> Size\"))]", "");
    assert_eq!(stub(&text).unwrap_err(), "`_Shop.of`: what it gives is told neither by its type nor by an annotation");
    let text = SHOP.replace("Vec<String>", "Vec<Bound<'_, PyAny>>");
    assert_eq!(stub(&text).unwrap_err(), "`open`: the type of `shops` is told neither by Rust nor by an annotation");
}
