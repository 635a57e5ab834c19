package overhead

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"brrtload/internal/process"
	"brrtload/internal/service"
)

// reading is what an arm has used so far.
type reading struct {
	cpu     time.Duration
	runtime memory
	log     said
	spans   delivered
	detail  process.Detail
}

// memory is what the Go runtime of an arm says of its heap. It is zero where it cannot be read.
type memory struct {
	Bytes   float64 `json:"/gc/heap/allocs:bytes"`
	Objects float64 `json:"/gc/heap/allocs:objects"`
	GCs     float64 `json:"/gc/cycles/total:gc-cycles"`
}

// asking is how long an arm may take to answer a question of the harness, and asked how much it may
// say.
const (
	asking = 5 * time.Second
	asked  = 64 << 20
)

var client = &http.Client{Timeout: asking}

// fetch returns the body and status of a GET.
func fetch(ctx context.Context, url string, header http.Header) ([]byte, int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, 0, err
	}
	request.Header = header
	answer, err := client.Do(request)
	if err != nil {
		return nil, 0, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, asked))
	return body, answer.StatusCode, err
}

// memoryOf asks a bundled arm's admin listener; both builds have one.
func memoryOf(ctx context.Context, s *service.Service) (memory, error) {
	var m memory
	if s.Admin == "" {
		return m, nil
	}
	body, _, err := fetch(ctx, s.Admin+"/runtime", nil)
	if err == nil {
		err = json.Unmarshal(body, &m)
	}
	if err != nil {
		return m, fmt.Errorf("ask for its memory: %w", err)
	}
	return m, nil
}

// readings reads all arms, their CPU clocks last and close together: what the questions cost is not
// counted.
func (x *experiment) readings(ctx context.Context) ([]reading, error) {
	list := make([]reading, len(x.services))
	for i, s := range x.services {
		var err error
		if list[i].runtime, err = memoryOf(ctx, s); err != nil {
			return nil, fmt.Errorf("arm %s: %w%s", x.Arms[i].Name, err, s.Tail())
		}
		if list[i].detail, err = process.DetailOf(served(s)); err != nil {
			return nil, fmt.Errorf("arm %s: %w%s", x.Arms[i].Name, err, s.Tail())
		}
		list[i].log, list[i].spans = lengthOf(s.Log, 0), x.sink.of(i)
	}
	for i, s := range x.services {
		var err error
		if list[i].cpu, err = process.CPU(served(s)); err != nil {
			return nil, fmt.Errorf("arm %s: %w%s", x.Arms[i].Name, err, s.Tail())
		}
	}
	return list, nil
}

// used completes a measurement with what the arm has used beside CPU since the reading before it.
func (m *Measurement) used(ctx context.Context, s *service.Service, before reading, spans delivered) error {
	detail, err := process.DetailOf(served(s))
	if err != nil {
		return err
	}
	now, err := memoryOf(ctx, s)
	if err != nil {
		return err
	}
	m.Allocated, m.Objects, m.GCs = now.Bytes-before.runtime.Bytes, now.Objects-before.runtime.Objects, now.GCs-before.runtime.GCs
	log := lengthOf(s.Log, before.log.bytes)
	m.Log, m.Lines = log.bytes-before.log.bytes, log.lines
	m.OTLP, m.Spans = spans.bytes-before.spans.bytes, spans.spans-before.spans.spans
	m.Resident, m.Share, m.Switches = detail.Resident, detail.Share, detail.Switches-before.detail.Switches
	m.Waited = max(0, seconds(detail.Waited-before.detail.Waited)) // threads that have ended take theirs with them
	return nil
}

// said is how much there is in a file: bytes, and lines from some place on.
type said struct{ bytes, lines int64 }

// lengthOf returns a file's size, and its lines from a place on when that is not 0; a file that is
// not there has none.
func lengthOf(path string, from int64) said {
	file, err := os.Open(path)
	if err != nil {
		return said{}
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || from == 0 {
		return said{bytes: size(info)}
	}
	l := said{bytes: from}
	buffer := make([]byte, 64<<10)
	for l.bytes < info.Size() {
		n, err := file.ReadAt(buffer[:min(int64(len(buffer)), info.Size()-l.bytes)], l.bytes)
		l.bytes, l.lines = l.bytes+int64(n), l.lines+int64(bytes.Count(buffer[:n], []byte("\n")))
		if err != nil {
			break
		}
	}
	return l
}

func size(info os.FileInfo) int64 {
	if info == nil {
		return 0
	}
	return info.Size()
}
