"""A stand-in for the service: answers as documented what the two checks ask, or does one thing wrong."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ADMIN, READ, WRITE = "ssk_admin_0", "ssk_read_0", "ssk_write_0"
ALL = ["read", "write", "admin"]


class Service(ThreadingHTTPServer):
    """Serves on a free port of this machine until the `with` block ends. `wrong` names what it does wrong."""

    daemon_threads = True

    def __init__(self, wrong=""):
        super().__init__(("127.0.0.1", 0), Handler)
        self.wrong = wrong
        self.keys = {}
        for name, key, scopes in [("a", ADMIN, ALL), ("r", READ, ["read"]), ("w", WRITE, ["read", "write"])]:
            self.keys[name] = {"id": name, "key": key, "scopes": scopes, "revoked_at": None}
        self.seen = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer(*self.decide("GET"))

    def do_POST(self):
        self.answer(*self.decide("POST"))

    def do_DELETE(self):
        self.answer(*self.decide("DELETE"))

    def answer(self, status, body):
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def decide(self, method):
        service, path = self.server, self.path
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        service.seen.append((method, path))
        wrong = service.wrong
        if path == "/health":
            return (503, {"status": "down"}) if wrong == "dead" else (200, {"status": "ok"})
        if path == "/ready":
            return (503, {"detail": {}}) if wrong == "unready" else (200, {"status": "ready", "checks": {}})
        if path == "/openapi.json":
            return 200, {"info": {"title": "Something" if wrong == "title" else "SecureScan"}}
        if wrong == "redirect":
            return 302, None
        key = self.headers.get("X-API-Key")
        entry = next((k for k in service.keys.values() if k["key"] == key and not k["revoked_at"]), None)
        if wrong == "open" or wrong == "falls-through" and key == "nope":
            entry = service.keys["a"]
        if entry is None:
            detail = "X-API-Key header required" if key is None else "Invalid API key"
            return 401, {"detail": detail}
        return self.route(method, path, entry, body)

    def route(self, method, path, entry, body):
        service, wrong = self.server, self.server.wrong
        parts = path.removeprefix("/api/v1/").split("/")
        scope = {"scans": "read" if method == "GET" else "write"}.get(parts[0], "admin")
        if wrong == "scopes" and path == "/api/v1/scans" or wrong == "webhooks" and parts[0] == "webhooks":
            scope = "read"
        if scope not in entry["scopes"]:
            return 403, {"detail": f"Requires scope: {scope}"}
        if parts[0] != "keys":
            return 200, []
        if method == "GET":
            return 200, [{k: v for k, v in key.items() if k != "key"} for key in service.keys.values()]
        if method == "POST":
            if wrong == "no-keys":
                return 500, {"detail": "no"}
            name = f"n{len(service.keys)}"
            service.keys[name] = {"id": name, "key": f"ssk_{name}", "scopes": json.loads(body)["scopes"], "revoked_at": None}
            return 201, service.keys[name]
        key = service.keys[parts[1]]
        admins = [k for k in service.keys.values() if "admin" in k["scopes"] and not k["revoked_at"]]
        if admins == [key] and wrong != "lockout":
            return 409, {"detail": "Cannot revoke last admin key without an env-var fallback"}
        key["revoked_at"] = "2026-01-01T00:00:00"
        return 204, None
