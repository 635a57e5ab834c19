"""FastAPI with the instrumentator, which times /metrics as any other path."""
import asyncio
import os

import uvicorn
from fastapi import FastAPI, Response
from prometheus_fastapi_instrumentator import Instrumentator

app = FastAPI()
instrumentator = Instrumentator(should_group_status_codes=False, should_ignore_untemplated=False)
instrumentator.instrument(app).expose(app)


@app.get("/items")
async def items():
    return "items"


@app.get("/born/{name}")
async def born(name: str):
    return name


@app.post("/items", status_code=201)
async def create():
    return Response(status_code=201)


@app.get("/slow")
async def slow():
    await asyncio.sleep(0.03)
    return "slow"


uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
