package overhead

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// What shows in the bundled service that telemetry is there.
const (
	bundledMetric = "brrtrouter_requests_total"
	bundledLine   = `"msg":"Request complete"`
)

// bare objects when the baseline of a bundled pair is not without telemetry.
func (x *experiment) bare(ctx context.Context) error {
	for i, s := range x.services[:2] {
		if !x.Arms[i].Command.Bundled || x.AA {
			continue
		}
		_, status, err := fetch(ctx, s.URL+"/metrics", nil)
		if err != nil {
			return fmt.Errorf("arm %s: %w%s", x.Arms[i].Name, err, s.Tail())
		}
		if status == http.StatusOK {
			x.object("%s answers /metrics: it is not without telemetry (are the two builds swapped?)", x.Arms[i].Name)
		}
	}
	return nil
}

// settling is how long an arm's telemetry may take to account for everything.
const settling = 5 * time.Second

// delivery objects when telemetry of a bundled arm does not account for every hit of the session: what is not delivered costs nothing.
func (x *experiment) delivery(ctx context.Context) {
	for i, a := range x.record.Design.Arms {
		if !a.Command.Bundled || a.Command.Metrics == "" || i >= len(x.services) {
			continue
		}
		s, want := x.services[i], float64(x.sent[i].hits)
		counted, present := 0.0, false
		var err error
		for until := time.Now().Add(settling); time.Now().Before(until); {
			var body []byte
			if body, _, err = fetch(ctx, s.URL+a.Command.Metrics, nil); err == nil {
				if counted, present = sum(body, bundledMetric); counted == want {
					break
				}
			}
			if pause(ctx, 50*time.Millisecond) != nil {
				return
			}
		}
		switch {
		case err != nil:
			x.object("%s does not answer with its metrics: %v", a.Name, err)
		case present && counted != want:
			x.object("telemetry of %s is not delivered: %s counts %.0f of %.0f hits", a.Name, bundledMetric, counted, want)
		case present && a.Role == Candidate:
			x.deliver("%s counted every hit", bundledMetric)
		}
		lines, err := countLines(s.Log, bundledLine)
		switch {
		case err != nil:
			x.object("the log of %s cannot be read: %v", a.Name, err)
		case lines > 0 && float64(lines) != want:
			x.object("telemetry of %s is not delivered: its log tells of %d of %.0f hits", a.Name, lines, want)
		case lines > 0 && a.Role == Candidate:
			x.deliver("the log tells of every hit")
		}
	}
}

func (x *experiment) deliver(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	for _, known := range x.record.Delivered {
		if known == text {
			return
		}
	}
	x.record.Delivered = append(x.record.Delivered, text)
}

// sum adds up the samples of a metric in the text format; false when there is none.
func sum(exposition []byte, metric string) (total float64, found bool) {
	for line := range strings.Lines(string(exposition)) {
		rest, ok := strings.CutPrefix(line, metric)
		if !ok || rest == "" || rest[0] != '{' && rest[0] != ' ' {
			continue
		}
		value := strings.TrimSpace(rest[strings.LastIndexByte(rest, '}')+1:])
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			total, found = total+v, true
		}
	}
	return total, found
}

// countLines counts the lines of a file that have a text in them.
func countLines(path, text string) (int, error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	n := 0
	for r := bufio.NewReaderSize(file, 1<<16); ; {
		line, err := r.ReadSlice('\n')
		if bytes.Contains(line, []byte(text)) {
			n++
		}
		switch {
		case errors.Is(err, io.EOF):
			return n, nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return n, err
		}
	}
}
