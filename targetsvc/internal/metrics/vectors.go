//go:build !notelemetry

// Package metrics holds the families of metrics that the service exposes: a file and a type for each
// group that can be switched off.
//
// A group that is off is a nil pointer, which counts nothing. Names, labels and bounds are known
// here alone; which facts are counted is decided by package telemetry. All is safe for concurrent
// use.
package metrics

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// vectors makes client_golang's metrics and registers each.
type vectors struct{ promauto.Factory }

func vectorsIn(r prometheus.Registerer) vectors { return vectors{promauto.With(r)} }

func (v vectors) counter(name, help string, labels ...string) *prometheus.CounterVec {
	return v.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

// histogram makes a histogram whose upper bounds, ascending, are in the metric's own unit.
func (v vectors) histogram(name, help string, bounds []float64, labels ...string) *prometheus.HistogramVec {
	return v.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: bounds}, labels)
}

// seconds converts a time in nanoseconds.
func seconds(nanoseconds int64) float64 { return float64(nanoseconds) / 1e9 }
