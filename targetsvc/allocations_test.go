//go:build !notelemetry

package main

import (
	"io"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"brrtload/targetsvc/internal/allocs"
)

const allocatedBytes = "brrtrouter_handler_allocated_bytes_total"

// allocatedBy returns what the metrics say that each handler allocated.
func (p *process) allocatedBy() map[string]float64 {
	p.t.Helper()
	status, text := p.ask("GET", p.listen+"/metrics", "")
	require.Equal(p.t, http.StatusOK, status)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	require.NoError(p.t, err)
	by := map[string]float64{}
	for _, metric := range families[allocatedBytes].GetMetric() {
		by[metric.Label[0].GetValue()] = metric.Counter.GetValue()
	}
	return by
}

// profiledBy returns what the heap profile of the admin listener says of each handler: bytes of all
// stacks that its function is on.
func (p *process) profiledBy(functions map[string]string) map[string]float64 {
	p.t.Helper()
	status, text := p.ask("GET", p.admin+"/debug/pprof/allocs", "")
	require.Equal(p.t, http.StatusOK, status)
	read, err := profile.ParseData([]byte(text))
	require.NoError(p.t, err)
	require.NoError(p.t, read.CheckValid())
	by := map[string]float64{}
	for _, sample := range read.Sample {
		for handler, function := range functions {
			if on(sample, function) {
				by[handler] += float64(sample.Value[1]) // alloc_space
			}
		}
	}
	return by
}

func on(sample *profile.Sample, function string) bool {
	for _, location := range sample.Location {
		for _, line := range location.Line {
			if strings.HasSuffix(line.Function.Name, function) {
				return true
			}
		}
	}
	return false
}

// exercise has two handlers allocate some ten megabytes each.
func (p *process) exercise() {
	p.t.Helper()
	send := func(method, path, body string) {
		request, err := http.NewRequest(method, p.listen+path, strings.NewReader(body))
		require.NoError(p.t, err)
		request.Header.Set("X-API-Key", "test-key")
		response, err := http.DefaultClient.Do(request)
		require.NoError(p.t, err)
		_, err = io.Copy(io.Discard, response.Body)
		require.NoError(p.t, err)
		require.NoError(p.t, response.Body.Close())
		require.Equal(p.t, http.StatusOK, response.StatusCode, path)
	}
	document := `{"values":[` + strings.Repeat(`{"name":"abcdefghij","n":12345},`, 3000) + `0]}`
	for range 30 {
		send("POST", "/digest", document)
	}
	for range 1500 {
		send("GET", "/search?q=a&limit=100", "")
	}
}

// What handlers allocated is reported within the error that the help text states: of the same
// requests, one service samples as usual, and one samples every allocation.
func TestAllocationsByHandlerAreWithinTheirStatedError(t *testing.T) {
	exact, usual := launch(t, binaries.instrumented, "--heap-profile-rate", "1"), launch(t, binaries.instrumented)
	exact.exercise()
	usual.exercise()
	truth, estimate := exact.allocatedBy(), usual.allocatedBy()
	for _, handler := range []string{"digest_document", "search"} {
		t.Logf("%s: %.1f MB, estimated as %.1f MB, standard error %.1f MB", handler, truth[handler]/1e6, estimate[handler]/1e6,
			math.Sqrt(allocs.Rate*truth[handler])/1e6)
		// Five standard errors: one reading in a million and a half lies outside.
		require.InDelta(t, truth[handler], estimate[handler], 5*math.Sqrt(allocs.Rate*truth[handler]), handler)
	}

	// Both attribute the same samples, one by the handler's mark and one by its function's name.
	for name, p := range map[string]*process{"exact": exact, "usual": usual} {
		reported := p.allocatedBy() // a collection first, so that the profile has the same
		by := p.profiledBy(map[string]string{"digest_document": ".digestDocument", "search": ".search"})
		for handler, bytes := range by {
			require.InEpsilon(t, bytes, reported[handler], 0.02, "%s: %s", name, handler)
		}
		require.Len(t, by, 2)
	}
}

// Profiles are for those who run the service: the listener that serves requests has none.
func TestProfilesAreOnTheAdminListenerOnly(t *testing.T) {
	for _, p := range []*process{launch(t, binaries.instrumented), launch(t, binaries.bare)} {
		for _, path := range []string{"/debug/pprof/heap", "/debug/pprof/allocs"} {
			status, text := p.ask("GET", p.admin+path, "")
			require.Equal(t, http.StatusOK, status)
			read, err := profile.ParseData([]byte(text))
			require.NoError(t, err)
			require.EqualValues(t, allocs.Rate, read.Period, "mean bytes between two samples")
			status, _ = p.ask("GET", p.listen+path, "")
			require.Equal(t, http.StatusNotFound, status, path)
		}
	}
}
