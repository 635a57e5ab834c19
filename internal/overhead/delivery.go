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

// settling is how long an arm's telemetry may take to account for anything more.
const settling = time.Second

// delivery objects when an arm's telemetry does not account for every hit of the session, by the
// proofs that its command gives.
func (x *experiment) delivery(ctx context.Context) {
	for i, a := range x.record.Design.Arms {
		if i >= len(x.services) || x.services[i] == nil {
			return
		}
		hits, proof := x.sent[i].hits, a.Command.Proof
		if proof.Counter != "" {
			x.counted(ctx, i, proof.Counter, hits)
		}
		if proof.LogLine != "" {
			lines, err := countLines(x.services[i].Log, proof.LogLine)
			x.conclude(a, err, uint64(lines), hits, fmt.Sprintf("lines of its log with %s", proof.LogLine))
		}
		if proof.Roots {
			d := x.sink.arrived(ctx, i, hits)
			x.conclude(a, d.err, uint64(d.roots), hits, "root spans that arrived")
		}
	}
}

// counted asks an arm how many hits it counted, until it is all, or does not change any more.
func (x *experiment) counted(ctx context.Context, arm int, metric string, hits uint64) {
	var total float64
	var err error
	for until := time.Now().Add(settling); time.Now().Before(until); {
		var now float64
		if now, err = x.count(ctx, arm, metric); now != total {
			total, until = now, time.Now().Add(settling)
		}
		if err == nil && total == float64(hits) || pause(ctx, 50*time.Millisecond) != nil {
			break
		}
	}
	x.conclude(x.Arms[arm], err, uint64(total), hits, metric)
}

func (x *experiment) count(ctx context.Context, arm int, metric string) (float64, error) {
	body, status, err := fetch(ctx, address(x.services[arm], x.running[arm].Command.Metrics), nil)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("its metrics are answered with status %d", status)
	}
	return sum(body, metric), err
}

// conclude objects or takes note.
func (x *experiment) conclude(a Arm, err error, found, hits uint64, what string) {
	switch {
	case err != nil:
		x.object("telemetry of %s is not delivered: %v", a.Name, err)
	case found != hits:
		x.object("telemetry of %s is not delivered: %s: %d, and there were %d hits", a.Name, what, found, hits)
	case a.Role == Candidate:
		x.deliver("%s: as many as hits", what)
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

// sum adds up the samples of a metric in the text format.
func sum(exposition []byte, metric string) (total float64) {
	for line := range strings.Lines(string(exposition)) {
		rest, ok := strings.CutPrefix(line, metric)
		if !ok || rest == "" || rest[0] != '{' && rest[0] != ' ' {
			continue
		}
		value, _, _ := strings.Cut(strings.TrimSpace(rest[strings.LastIndexByte(rest, '}')+1:]), " ")
		if v, err := strconv.ParseFloat(value, 64); err == nil {
			total += v
		}
	}
	return total
}

// samples counts the samples in the text format.
func samples(exposition []byte) int {
	n := 0
	for line := range bytes.Lines(exposition) {
		if line[0] != '#' && line[0] != '\n' {
			n++
		}
	}
	return n
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
