"""FastAPI with the instrumentator, as its README has it. Under gunicorn: several processes behind one port."""
import asyncio

from fastapi import FastAPI, HTTPException
from prometheus_fastapi_instrumentator import Instrumentator

app = FastAPI()
Instrumentator().instrument(app).expose(app)


@app.get("/items")
async def items():
    return ["one", "two"]


@app.get("/items/{number}")
async def item(number: int):
    if number > 100:
        raise HTTPException(status_code=404)
    return {"number": number}


@app.get("/slow")
async def slow():
    await asyncio.sleep(0.03)
    return "slow"
