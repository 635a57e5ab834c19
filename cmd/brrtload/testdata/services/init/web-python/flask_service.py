"""Flask with prometheus_flask_exporter, as its README has it."""
import time

from flask import Flask
from prometheus_flask_exporter import PrometheusMetrics

app = Flask(__name__)
metrics = PrometheusMetrics(app)


@app.get("/")
def front():
    return "front page"


@app.get("/items")
def items():
    return ["one", "two"]


@app.get("/slow")
def slow():
    time.sleep(0.03)
    return "slow"
