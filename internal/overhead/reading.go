package overhead

import (
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
	log     int64
	detail  process.Detail
}

// memory is what the Go runtime of an arm says of its heap. It is zero where nobody can be asked.
type memory struct {
	Bytes   float64 `json:"/gc/heap/allocs:bytes"`
	Objects float64 `json:"/gc/heap/allocs:objects"`
	GCs     float64 `json:"/gc/cycles/total:gc-cycles"`
}

// asking is how long an arm may take to answer a question of the harness, and asked how much it may say.
const (
	asking = 5 * time.Second
	asked  = 64 << 20
)

var client = &http.Client{Timeout: asking}

// fetch gives the body and status of a GET.
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

// readings reads all arms, their CPU clocks last and close together: what the questions cost is not counted.
func (x *experiment) readings(ctx context.Context) ([]reading, error) {
	list := make([]reading, len(x.services))
	for i, s := range x.services {
		var err error
		if list[i].runtime, err = memoryOf(ctx, s); err != nil {
			return nil, fmt.Errorf("arm %s: %w%s", x.Arms[i].Name, err, s.Tail())
		}
		if list[i].detail, err = process.DetailOf(s.Process.PID()); err != nil {
			return nil, fmt.Errorf("arm %s: %w%s", x.Arms[i].Name, err, s.Tail())
		}
		list[i].log = size(s.Log)
	}
	for i, s := range x.services {
		var err error
		if list[i].cpu, err = process.CPU(s.Process.PID()); err != nil {
			return nil, fmt.Errorf("arm %s: %w%s", x.Arms[i].Name, err, s.Tail())
		}
	}
	return list, nil
}

// used completes a measurement with what the arm has used beside CPU since the reading before it.
func (m *Measurement) used(ctx context.Context, s *service.Service, before reading) error {
	detail, err := process.DetailOf(s.Process.PID())
	if err != nil {
		return err
	}
	now, err := memoryOf(ctx, s)
	if err != nil {
		return err
	}
	m.Allocated, m.Objects, m.GCs = now.Bytes-before.runtime.Bytes, now.Objects-before.runtime.Objects, now.GCs-before.runtime.GCs
	m.Log = size(s.Log) - before.log
	m.Resident, m.Share, m.Switches = detail.Resident, detail.Share, detail.Switches-before.detail.Switches
	return nil
}

// size gives a file's size; a file that is not there has none.
func size(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}
