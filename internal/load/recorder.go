package load

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"brrtload/internal/load/hit"
	"brrtload/scenarios"
)

// Recorder writes every result in an encoding of vegeta's, for vegeta report, plot and encode. A
// result's timestamp is when the hit was due and its latency counts from there; its attack is the
// request's name; it has no body and no header. Its memory is bounded: results that come faster
// than they can be written are left out and counted.
type Recorder struct {
	results chan vegeta.Result
	written chan error // the encoder's end
	lost    atomic.Uint64
	start   time.Time // of the load
	base    string
}

// confidential is a parameter of a query that holds a secret by its name.
var confidential = regexp.MustCompile(`(?i)([?&][\w-]*(?:token|api[_-]?key|password|passwd|secret|signature)=)[^&#]*`)

// backlog is how many results wait to be written at most: some two megabytes.
const backlog = 8192

// Encoding returns the encoding of vegeta's that a file's name asks for: CSV for .csv, JSON for
// .json, its binary one for .gob and .bin. It is an error when the name asks for none of them.
func Encoding(name string) (func(io.Writer) vegeta.Encoder, error) {
	switch filepath.Ext(name) {
	case ".csv":
		return vegeta.NewCSVEncoder, nil
	case ".json":
		return vegeta.NewJSONEncoder, nil
	case ".gob", ".bin":
		return vegeta.NewEncoder, nil
	default:
		return nil, fmt.Errorf("results can be recorded as .gob, .bin, .json or .csv, and %q ends in none of them",
			name)
	}
}

// NewRecorder makes a Recorder that writes to w from a goroutine of its own, until Close. What
// clean replaces is in no URL that is written; a nil one replaces nothing. Every second what was
// written so far is in w, which buffers nothing itself.
func NewRecorder(w io.Writer, encoding func(io.Writer) vegeta.Encoder, clean *strings.Replacer) *Recorder {
	r := &Recorder{results: make(chan vegeta.Result, backlog), written: make(chan error, 1)}
	go func() {
		buffer := bufio.NewWriterSize(w, 1<<16)
		encode := encoding(buffer)
		second := time.NewTicker(time.Second)
		defer second.Stop()
		var err error
		for {
			select {
			case result, more := <-r.results:
				if !more {
					r.written <- errors.Join(err, buffer.Flush())
					return
				}
				if clean != nil {
					result.URL = clean.Replace(result.URL)
				}
				if strings.Contains(result.URL, "?") {
					result.URL = confidential.ReplaceAllString(result.URL, "${1}"+scenarios.Redacted)
				}
				if err == nil {
					err = encode(&result)
				}
			case <-second.C:
				if err == nil {
					err = buffer.Flush()
				}
			}
		}
	}()
	return r
}

// begin sets what due times count from. It is called before the first add.
func (r *Recorder) begin(start time.Time, base string) {
	r.start, r.base = start, base
	if u, err := url.Parse(base); err == nil && u.User != nil {
		u.User = nil
		r.base = u.String()
	}
}

// add hands a result over without ever waiting.
func (r *Recorder) add(h scenarios.Hit, result hit.Result) {
	v := vegeta.Result{
		Attack: h.Request.Name.Value, Seq: h.Seq, Code: uint16(result.Status),
		Timestamp: r.start.Add(h.Due), Latency: result.Done - h.Due,
		BytesOut: uint64(result.BytesOut), BytesIn: uint64(result.BytesIn),
	}
	if h.Message != nil {
		v.Method, v.URL = h.Message.Method, r.base+h.Message.Path
	}
	if result.Outcome != hit.Answered {
		v.Error = string(result.Outcome) + ": " + string(result.Kind)
	}
	select {
	case r.results <- v:
	default:
		r.lost.Add(1)
	}
}

// Close waits until everything is written. The error is the writer's, or tells how many results
// were left out. It is called once, after the run.
func (r *Recorder) Close() error {
	close(r.results)
	if err := <-r.written; err != nil {
		return fmt.Errorf("write results: %w", err)
	}
	if lost := r.lost.Load(); lost > 0 {
		return fmt.Errorf("write results: %d came faster than they could be written, and were left out", lost)
	}
	return nil
}
