// Fastify with fastify-metrics, as its README has it: routes that are made before it is loaded are not measured.
const app = require("fastify")();
const metrics = require("fastify-metrics");

(async () => {
  await app.register(metrics, { endpoint: "/metrics" });
  app.get("/", async () => "front page");
  app.get("/items", async () => ["one", "two"]);
  app.get("/slow", async () => { await new Promise((done) => setTimeout(done, 30)); return "slow"; });
  await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
})();
