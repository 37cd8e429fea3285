from typing import Final

__all__ = [
    "BaselineError",
    "Cancelled",
    "ConfigError",
    "InternalError",
    "InvalidArgument",
    "IoError",
    "LimitExceeded",
    "ParseError",
    "RenderError",
    "ScannerError",
    "SecureScanError",
    "Unsupported",
    "__version__",
    "_DEBUG_BUILD",
    "_call",
]

__version__: Final[str]
_DEBUG_BUILD: Final[bool]

class SecureScanError(Exception):
    code: str | None
    message: str | None
    file: str | None
    line: int | None
    column: int | None
    byte: int | None
    hint: str | None

class InvalidArgument(SecureScanError):
    code: str

class ParseError(SecureScanError):
    code: str

class ConfigError(SecureScanError):
    code: str

class LimitExceeded(SecureScanError):
    code: str

class ScannerError(SecureScanError):
    code: str

class Cancelled(SecureScanError):
    code: str

class Unsupported(SecureScanError):
    code: str

class IoError(SecureScanError):
    code: str

class RenderError(SecureScanError):
    code: str

class BaselineError(SecureScanError):
    code: str

class InternalError(SecureScanError):
    code: str

def _call(op: str, request_json: str, /) -> str: ...
