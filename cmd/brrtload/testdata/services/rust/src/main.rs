//! Axum with the prometheus crate: a layer times every path, /metrics too.
use axum::{extract::Request, http::StatusCode, middleware, middleware::Next, response::Response, routing::get, Router};
use prometheus::{register_histogram_vec, register_int_counter_vec, register_int_gauge, HistogramVec, IntCounterVec, IntGauge};
use std::{sync::LazyLock, time::{Duration, Instant}};

static REQUESTS: LazyLock<IntCounterVec> = LazyLock::new(|| {
    register_int_counter_vec!("http_requests_total", "Requests answered.", &["method", "path", "code"]).unwrap()
});
static SECONDS: LazyLock<HistogramVec> = LazyLock::new(|| {
    register_histogram_vec!("http_request_duration_seconds", "From the request's arrival to its answer.", &["path"]).unwrap()
});
static IN_FLIGHT: LazyLock<IntGauge> = LazyLock::new(|| {
    register_int_gauge!("http_requests_in_flight", "Requests that are being answered.").unwrap()
});

async fn measured(request: Request, next: Next) -> Response {
    let (began, method, path) = (Instant::now(), request.method().clone(), request.uri().path().to_owned());
    IN_FLIGHT.inc();
    let response = next.run(request).await;
    IN_FLIGHT.dec();
    REQUESTS.with_label_values(&[method.as_str(), &path, response.status().as_str()]).inc();
    SECONDS.with_label_values(&[&path]).observe(began.elapsed().as_secs_f64());
    response
}

async fn metrics() -> ([(&'static str, &'static str); 1], String) {
    let text = prometheus::TextEncoder::new().encode_to_string(&prometheus::gather()).unwrap();
    ([("content-type", "text/plain; version=0.0.4; charset=utf-8")], text)
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let app = Router::new()
        .route("/metrics", get(metrics))
        .route("/items", get(|| async { "items" }).post(|| async { StatusCode::CREATED }))
        .route("/born/:name", get(|| async { "born" }))
        .route("/slow", get(|| async {
            tokio::time::sleep(Duration::from_millis(30)).await;
            "slow"
        }))
        .layer(middleware::from_fn(measured));
    let address = format!("127.0.0.1:{}", std::env::var("PORT").unwrap());
    axum::serve(tokio::net::TcpListener::bind(address).await.unwrap(), app).await.unwrap();
}
