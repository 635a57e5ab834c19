// Express with prom-client: a middleware times every path, /metrics too.
const express = require("express");
const prom = require("prom-client");

prom.collectDefaultMetrics();
const requests = new prom.Counter({ name: "http_requests_total", help: "Requests answered.", labelNames: ["method", "path", "code"] });
const seconds = new prom.Histogram({
  name: "http_request_duration_seconds", help: "From the request's arrival to its answer.", labelNames: ["path"],
});
const inFlight = new prom.Gauge({ name: "http_requests_in_flight", help: "Requests that are being answered." });

const app = express();
app.use((req, res, next) => {
  const end = seconds.startTimer({ path: req.path });
  inFlight.inc();
  res.on("close", () => {
    inFlight.dec();
    requests.inc({ method: req.method, path: req.path, code: res.statusCode });
    end();
  });
  next();
});
app.get("/metrics", async (_, res) => {
  res.set("Content-Type", prom.register.contentType);
  res.end(await prom.register.metrics());
});
app.get("/items", (_, res) => res.send("items"));
app.get("/born/:name", (req, res) => res.send(req.params.name));
app.post("/items", (_, res) => res.status(201).end());
app.get("/slow", (_, res) => setTimeout(() => res.send("slow"), 30));
app.listen(Number(process.env.PORT), "127.0.0.1");
