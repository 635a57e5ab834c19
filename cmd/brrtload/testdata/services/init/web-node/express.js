// Express with express-prom-bundle, as its README has it.
const express = require("express");
const bundle = require("express-prom-bundle");

const app = express();
app.use(bundle({ includeMethod: true, includePath: true, promClient: { collectDefaultMetrics: {} } }));
app.get("/", (_, res) => res.send("front page"));
app.get("/items", (_, res) => res.json(["one", "two"]));
app.get("/slow", (_, res) => setTimeout(() => res.send("slow"), 30));
app.listen(Number(process.env.PORT), "127.0.0.1");
