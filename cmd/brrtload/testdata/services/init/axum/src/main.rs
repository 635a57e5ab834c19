//! Axum with axum-prometheus, as its README has it.
use axum::{routing::get, Router};
use axum_prometheus::PrometheusMetricLayer;
use std::time::Duration;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let (layer, handle) = PrometheusMetricLayer::pair();
    let app = Router::new()
        .route("/", get(|| async { "front page" }))
        .route("/items", get(|| async { "items" }))
        .route("/slow", get(|| async {
            tokio::time::sleep(Duration::from_millis(30)).await;
            "slow"
        }))
        .route("/metrics", get(|| async move { handle.render() }))
        .layer(layer);
    let address = format!("127.0.0.1:{}", std::env::var("PORT").unwrap());
    axum::serve(tokio::net::TcpListener::bind(address).await.unwrap(), app).await.unwrap();
}
