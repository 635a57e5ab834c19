//go:build !notelemetry

package service_test

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"brrtload/targetsvc/internal/allocs"
)

const (
	allocatedBytes   = "brrtrouter_handler_allocated_bytes_total"
	allocatedObjects = "brrtrouter_handler_allocated_objects_total"
)

func TestWhatAHandlerAllocatesIsItsOwn(t *testing.T) {
	r := start(t, nil)
	// The profile misses an object of sixteen sampling distances once in e¹⁶ times: never in a run
	// of this test.
	const each, requests = 16 * allocs.Rate, 30
	before := r.scrape()
	require.NoError(t, r.Faults.Enable("handler-allocation", strconv.Itoa(each)))
	require.NoError(t, r.Service.Reload())
	for range requests {
		r.send("GET", "/users/1", "")
	}
	require.NoError(t, r.Faults.Disable("handler-allocation"))
	after := r.atRest(requests)
	moved := func(handler string) float64 {
		return after.value(allocatedBytes, "handler", handler) - before.value(allocatedBytes, "handler", handler)
	}
	const truth = each * requests
	// The handler's own few kilobytes may be seen too.
	assert.InDelta(t, truth, moved("get_user"), truth/20)
	assert.Less(t, moved("get_pet"), truth/20.0, "a handler that was not called")
	assert.GreaterOrEqual(t, after.value(allocatedObjects, "handler", "get_user")-before.value(allocatedObjects, "handler", "get_user"), float64(requests))
}

func TestAllocationsCloseOnTheProcessTotal(t *testing.T) {
	r := start(t, nil)
	for range 300 {
		r.send("GET", "/pets", "", goodKey)
		r.send("GET", "/download?bytes=100000", "")
	}
	m := r.atRest(600)
	total, sum := m.value("go_gc_heap_allocs_bytes_total"), m.value(allocatedBytes)
	// One standard error of a sum whose objects are small is the root of rate × bytes; five are one
	// reading in a million.
	assert.InDelta(t, total, sum, 5*math.Sqrt(allocs.Rate*total))
	assert.Positive(t, m.value(allocatedBytes, "handler", allocs.Other))
}

func TestAllocationCountersNeverFall(t *testing.T) {
	r := start(t, nil)
	// of 200 such, the profile misses all once in e²⁰⁰ times
	require.NoError(t, r.Faults.Enable("handler-allocation", strconv.Itoa(allocs.Rate)))
	require.NoError(t, r.Service.Reload())
	last := r.scrape()
	for range 10 {
		for range 20 {
			r.send("GET", "/users/1", "")
		}
		next := r.scrape()
		for _, family := range []string{allocatedBytes, allocatedObjects} {
			for _, metric := range last[family].GetMetric() {
				handler := metric.GetLabel()[0].GetValue()
				assert.GreaterOrEqual(t, next.value(family, "handler", handler), metric.GetCounter().GetValue(), handler)
			}
		}
		last = next
	}
	assert.Positive(t, last.value(allocatedBytes, "handler", "get_user"))
}
