"""Scanning: in the caller's thread, as a coroutine, as a stream of events."""

from __future__ import annotations

import asyncio
import atexit
import os
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from . import _convert, _native
from ._native import Baseline, Config
from ._types import ScanOptions, ScanResult, ScanType, StrPath

if TYPE_CHECKING:
    from typing_extensions import Unpack

Event = dict[str, Any]
OnEvent = Callable[[Event], object]

atexit.register(_native.stop_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_native.after_fork)


def scan(
    target: StrPath = "",
    *,
    types: Iterable[ScanType | str] | None = None,
    scanners: Iterable[str] | None = None,
    config: Config | StrPath | None = None,
    no_config: bool = False,
    baseline: Baseline | StrPath | None = None,
    suppress: bool = True,
    on_event: OnEvent | None = None,
    timeout: float | None = None,
    scanner_timeouts: Mapping[str, float] | None = None,
    jobs: int | None = None,
    online: bool = True,
    no_ignore: bool = False,
    vendored: bool = False,
    max_file_bytes: int | None = None,
    staged: bool = False,
    history: bool = False,
    host_probes: bool = False,
    target_url: str | None = None,
    target_host: str | None = None,
    semgrep_rules: Iterable[StrPath] | None = None,
    secret_rules: Iterable[StrPath] | None = None,
    tool_paths: Mapping[str, StrPath] | None = None,
    zap_address: str | None = None,
    zap_api_key: str | None = None,
    _cancel: _native._Cancel | None = None,
) -> ScanResult:
    """Scan a folder, a file, a URL or a host, through the whole pipeline.

    The configuration that applies to the target is used unless `config` (a `Config`, or the path of
    a file) or `no_config` is given; `baseline` is a `Baseline` or a path. `types` are words of
    `ScanType`, default the configuration's, else code, dependency, iac and baseline. `timeout`, in
    seconds, ends the scan with what there is. With `online=False` no tool asks its maker for rules or
    advisories. Files above `max_file_bytes` (default 10 MiB) are skipped and listed in the coverage.

    `on_event` gets a dict for each event, in this thread; if it raises, the scan is stopped and the
    exception goes on. So does Ctrl-C. A scanner that fails is no exception: see `ScanResult.scanners`.

    >>> import pathlib, tempfile, securescan
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "Dockerfile").write_text("FROM scratch\\nUSER root\\n")
    ...     result = securescan.scan(folder, scanners=["dockerfile"])
    >>> result.findings[0].title, result.complete
    ('Running as root user', True)
    """
    options = {
        "target": target,
        "types": _list(types, "types"),
        "scanners": _list(scanners, "scanners"),
        "config_file": None if isinstance(config, Config) else config,
        "no_config": no_config or None,
        "baseline_file": None if isinstance(baseline, Baseline) else baseline,
        "suppress": suppress,
        "timeout": timeout,
        "scanner_timeouts": scanner_timeouts,
        "jobs": jobs,
        "online": online,
        "no_ignore": no_ignore,
        "vendored": vendored,
        "max_file_bytes": max_file_bytes,
        "staged": staged,
        "history": history,
        "host_probes": host_probes,
        "target_url": target_url,
        "target_host": target_host,
        "semgrep_rules": _list(semgrep_rules, "semgrep_rules"),
        "secret_rules": _list(secret_rules, "secret_rules"),
        "tool_paths": tool_paths,
        "zap_address": zap_address,
        "zap_api_key": zap_api_key,
    }
    if on_event is not None and not callable(on_event):
        raise _convert.invalid("`on_event` cannot be called")
    findings, about = _native.scan(
        _convert.dumps({key: value for key, value in options.items() if value is not None}),
        config if isinstance(config, Config) else None,
        baseline if isinstance(baseline, Baseline) else None,
        on_event,
        _native._Cancel() if _cancel is None else _cancel,
    )
    return ScanResult(findings=findings, **about)


def _list(items: Iterable[Any] | None, name: str) -> list[Any] | None:
    if isinstance(items, (str, bytes)):
        raise _convert.invalid(f"`{name}` is a text, not a list of them")
    return None if items is None else list(items)


async def scan_async(target: StrPath = "", *, on_event: OnEvent | None = None, **options: Unpack[ScanOptions]) -> ScanResult:
    """`scan` as a coroutine: it runs in a thread, and `on_event` is called in the event loop.

    Cancelling the task stops the scan, kills what it runs and waits for that, so that nothing is left.
    The other options are those of `scan`.
    """
    loop = asyncio.get_running_loop()
    cancel = _native._Cancel()
    raised: list[BaseException] = []

    def deliver(event: Event) -> None:
        assert on_event is not None
        if raised:
            return
        try:
            on_event(event)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the caller's
            raised.append(error)
            cancel.cancel()

    def forward(event: Event) -> None:
        loop.call_soon_threadsafe(deliver, event)

    listener = None if on_event is None else forward
    work = asyncio.ensure_future(asyncio.to_thread(scan, target, on_event=listener, _cancel=cancel, **options))
    try:
        result = await asyncio.shield(work)
    except asyncio.CancelledError:
        cancel.cancel()
        while not work.done():
            try:
                await asyncio.shield(work)
            except asyncio.CancelledError:
                continue
            except Exception:
                break
        raise
    # Events that are still on their way come before the result.
    await asyncio.sleep(0)
    if raised:
        raise raised[0]
    return result


class ScanStream:
    """The events of a scan, as an asynchronous iterator; `result` is there when it ends.

    Leaving the loop early stops the scan.
    """

    def __init__(self, target: StrPath, options: ScanOptions) -> None:
        self._target = target
        self._options = options
        self.result: ScanResult | None = None

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Start the scan and go over its events."""
        queue: asyncio.Queue[Event | None] = asyncio.Queue()
        task = asyncio.ensure_future(scan_async(self._target, on_event=queue.put_nowait, **self._options))
        task.add_done_callback(lambda _: queue.put_nowait(None))
        try:
            while (event := await queue.get()) is not None:
                yield event
            self.result = await task
        finally:
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


def scan_events(target: StrPath = "", **options: Unpack[ScanOptions]) -> ScanStream:
    """The events of a scan: `async for event in scan_events(folder): …`. Options are those of `scan`."""
    return ScanStream(target, options)
