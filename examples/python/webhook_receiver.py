"""A receiver for webhooks that believes only what is signed (FastAPI).

    WEBHOOK_SECRET=… uvicorn webhook_receiver:app
"""

import os
from typing import Any

from fastapi import FastAPI, Request, Response

import securescan

app = FastAPI()
received: list[dict[str, Any]] = []


@app.post("/hooks/securescan")
async def receive(request: Request) -> Response:
    body = await request.body()  # the raw bytes: parsed and written again they would be others
    header = request.headers.get("X-SecureScan-Signature", "")
    if not securescan.verify_webhook(os.environ["WEBHOOK_SECRET"], header, body):
        return Response(status_code=401)
    received.append(await request.json())
    return Response(status_code=204)
