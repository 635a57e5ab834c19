package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// readBrrtload reads the run's result.json, and removes the run.
func readBrrtload(dir string) (said, error) {
	text, err := os.ReadFile(filepath.Join(dir, "result.json"))
	if err != nil {
		return said{}, err
	}
	type quantiles struct {
		P50 float64 `json:"p50"`
		P99 float64 `json:"p99"`
	}
	var result struct {
		Requests []struct {
			Name    string    `json:"name"`
			Latency quantiles `json:"latency"`
		} `json:"requests"`
		Generator struct {
			Sent       uint64    `json:"sent"`
			Lag        quantiles `json:"lag"`
			CPUSeconds float64   `json:"cpu_seconds"`
		} `json:"generator"`
	}
	if err := json.Unmarshal(text, &result); err != nil {
		return said{}, err
	}
	if len(result.Requests) == 0 || result.Generator.Sent == 0 {
		return said{}, errors.New("result.json has no hits")
	}
	latency := result.Requests[len(result.Requests)-1].Latency
	s := said{Hits: result.Generator.Sent, P50: latency.P50, P99: latency.P99, LagP99: &result.Generator.Lag.P99,
		Loading: result.Generator.CPUSeconds}
	return s, os.RemoveAll(dir)
}

// readVegeta reads vegeta's results. With an interval it computes from them how late each hit was
// sent: hit k is due k+1 intervals after a beginning that the results do not tell, and that no hit
// can have been sent before.
func readVegeta(file string, interval time.Duration) (said, error) {
	f, err := os.Open(file)
	if err != nil {
		return said{}, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	var latencies, offsets []float64
	decode := vegeta.NewDecoder(f)
	for {
		var r vegeta.Result
		if err := decode(&r); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return said{}, err
		}
		latencies = append(latencies, r.Latency.Seconds())
		due := time.Duration(r.Seq+1) * interval
		offsets = append(offsets, float64(r.Timestamp.Add(-due).UnixNano())/1e9)
	}
	if len(latencies) == 0 {
		return said{}, errors.New("no results")
	}
	s := said{Hits: uint64(len(latencies)), P50: quantile(latencies, 0.5), P99: quantile(latencies, 0.99)}
	if interval > 0 {
		lag := quantile(offsets, 0.99) - slices.Min(offsets)
		s.LagP99 = &lag
	}
	return s, nil
}

// quantile sorts the values and gives the one at q.
func quantile(values []float64, q float64) float64 {
	slices.Sort(values)
	return values[min(len(values)-1, int(q*float64(len(values))))]
}

// number finds the one group of a pattern in a tool's output and reads it.
func number(output []byte, pattern string) (float64, error) {
	m := regexp.MustCompile(pattern).FindSubmatch(output)
	if m == nil {
		return 0, fmt.Errorf("nothing like %q in the output: %.300s", pattern, output)
	}
	return strconv.ParseFloat(string(m[1]), 64)
}

// readHey reads hey's summary. It counts answers by status.
func readHey(output []byte) (said, error) {
	hits, err := number(output, `\[200\]\s+(\d+) responses`)
	p50, err50 := number(output, `50%+ in ([\d.]+) secs`)
	p99, err99 := number(output, `99%+ in ([\d.]+) secs`)
	return said{Hits: uint64(hits), P50: p50, P99: p99}, errors.Join(err, err50, err99)
}

// readBare reads what the bare client says, which has no latencies.
func readBare(output []byte) (said, error) {
	hits, err := number(output, `(\d+) hits`)
	return said{Hits: uint64(hits)}, err
}

// readWrk reads wrk's summary.
func readWrk(output []byte) (said, error) {
	hits, err := number(output, `(\d+) requests in`)
	p50, err50 := wrkTime(output, `50%\s+([\d.]+)(us|ms|s)`)
	p99, err99 := wrkTime(output, `99%\s+([\d.]+)(us|ms|s)`)
	return said{Hits: uint64(hits), P50: p50, P99: p99}, errors.Join(err, err50, err99)
}

func wrkTime(output []byte, pattern string) (float64, error) {
	m := regexp.MustCompile(pattern).FindSubmatch(output)
	if m == nil {
		return 0, fmt.Errorf("nothing like %q in the output: %.300s", pattern, output)
	}
	d, err := time.ParseDuration(string(m[1]) + string(m[2]))
	return d.Seconds(), err
}
