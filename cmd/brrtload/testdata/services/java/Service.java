import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/** Micrometer as Spring Boot sets it up: JVM metrics, a timer of requests, and one of those that are active now. */
public class Service {
    public static void main(String[] args) throws IOException {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmGcMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        LongTaskTimer active = LongTaskTimer.builder("http.server.requests.active").register(registry);

        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT"))), 0);
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.createContext("/", exchange -> {
            Timer.Sample sample = Timer.start(registry);
            LongTaskTimer.Sample now = active.start();
            String path = exchange.getRequestURI().getPath();
            int code = 500;
            byte[] body = new byte[0];
            try {
                String route = exchange.getRequestMethod() + " " + (path.startsWith("/born/") ? "/born" : path);
                switch (route) {
                    case "GET /metrics":
                        exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
                        body = registry.scrape().getBytes(StandardCharsets.UTF_8);
                        code = 200;
                        break;
                    case "GET /slow":
                        Thread.sleep(30);
                        code = 200;
                        break;
                    case "GET /items":
                    case "GET /born":
                        code = 200;
                        break;
                    case "POST /items":
                        code = 201;
                        break;
                    default:
                        code = 404;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                now.stop();
                sample.stop(Timer.builder("http.server.requests").publishPercentileHistogram()
                    .tag("method", exchange.getRequestMethod()).tag("uri", path).tag("status", String.valueOf(code)).register(registry));
                answer(exchange, code, body);
            }
        });
        server.start();
    }

    private static void answer(HttpExchange exchange, int code, byte[] body) throws IOException {
        exchange.sendResponseHeaders(code, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }
}
