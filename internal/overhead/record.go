package overhead

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// RecordFile is the file of a run directory that holds the [Record], so that `brrtload verify` can
// judge it again.
const RecordFile = "blocks.json"

// recordVersion grows when a reader of the last one would misread the next.
const recordVersion = 2

// maxRecord bounds what ReadRecord takes in, in bytes.
const maxRecord = 256 << 20

// Record is what an experiment measured, before anything is made of it. Times are seconds, sizes
// bytes.
type Record struct {
	Version int      `json:"version"`
	Design  Design   `json:"design"`
	Budgets []Budget `json:"budgets"`
	// Objections are what was found out about the arms that makes their comparison void.
	Objections []string `json:"objections,omitempty"`
	// Delivered says how each signal of the candidate was shown to have arrived.
	Delivered []string `json:"delivered,omitempty"`
	Notes     []string `json:"notes,omitempty"`
	// Layouts are the seeds by which the arms' code was laid out: by start, by arm; 0 where it was
	// not.
	Layouts [][]uint32 `json:"layouts,omitempty"`
	Blocks  []Block    `json:"blocks"`
	Rests   []Rest     `json:"rests,omitempty"`
}

// Design is how an experiment is laid out. It does not change once the pilot has set its rates.
type Design struct {
	Arms     []Arm   `json:"arms"` // the baseline first, then its twin
	Seed     uint64  `json:"seed"`
	Load     float64 `json:"load"`            // hits per second, of all arms together
	Rate     float64 `json:"rate"`            // hits per second of one service, that overhead is stated for
	Block    float64 `json:"block"`           // about how long a block takes
	Settle   float64 `json:"settle"`          // before a rest, for work that is done later
	Interval float64 `json:"scrape_interval"` // of the scrapes that users have
	Fixed    int     `json:"fixed,omitempty"` // blocks, when their number was set beforehand; 0 when the experiment stops once decided
	Pin      *Pin    `json:"pinned,omitempty"`
	AA       bool    `json:"aa,omitempty"` // candidate and baseline are meant to be the same
}

// Pin says which CPUs the processes were kept on.
type Pin struct {
	Arms    []int `json:"arms"`
	Harness []int `json:"harness"`
}

// Block is one stretch of load in which all arms took turns under the same hits.
type Block struct {
	Session  int           `json:"session"` // how many times the arms had been started anew
	Seconds  float64       `json:"seconds"` // since the experiment began
	Length   float64       `json:"length"`  // seconds for which CPU clocks were read
	Arms     []Measurement `json:"arms"`
	Scrapes  []Scrape      `json:"scrapes"` // by arm; one that is not scraped used nothing
	Steal    float64       `json:"steal"`   // share of CPU time
	Pressure float64       `json:"pressure"`
	// Others is how many seconds programs that are neither arms nor harness ran on the arms' CPUs.
	Others float64 `json:"others,omitempty"`
	// Unfit says why the block is not used. An arm's own answers never make a block unfit.
	Unfit string `json:"unfit,omitempty"`
}

// Rest is a stretch without hits, at the end of a session.
type Rest struct {
	Session int       `json:"session"`
	Seconds float64   `json:"seconds"`
	CPU     []float64 `json:"cpu"` // by arm
}

// Measurement is what one arm did in one block.
type Measurement struct {
	Planned   uint64            `json:"planned"`
	Hits      uint64            `json:"hits"` // done
	Answers   map[string]uint64 `json:"answers"`
	Bytes     int64             `json:"bytes"` // of all answers' bodies
	CPU       float64           `json:"cpu"`   // over the whole block, other arms' turns included
	P50       float64           `json:"p50"`   // of service times
	P99       float64           `json:"p99"`
	Lag       float64           `json:"lag_p99"`
	Allocated float64           `json:"allocated,omitempty"` // bytes; 0 where the arm does not tell
	Objects   float64           `json:"objects,omitempty"`
	GCs       float64           `json:"gcs,omitempty"`
	Log       int64             `json:"log,omitempty"` // bytes said
	Lines     int64             `json:"lines,omitempty"`
	OTLP      int64             `json:"otlp,omitempty"` // bytes received, as they came
	Spans     int               `json:"spans,omitempty"`
	Resident  int64             `json:"resident"`
	Share     int64             `json:"pss"`
	Switches  int64             `json:"switches"` // of context, of all threads
	Waited    float64           `json:"waited"`   // seconds that threads were ready to run and no CPU was free
}

// Scrape is what one reading of an arm's metrics cost it.
type Scrape struct {
	CPU     float64 `json:"cpu,omitempty"`
	Bytes   int     `json:"bytes,omitempty"`
	Samples int     `json:"samples,omitempty"`
}

// Write writes the record into a run directory, whole or not at all.
func (r Record) Write(dir string) error {
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write the blocks: %w", err)
	}
	path := filepath.Join(dir, RecordFile)
	if err := os.WriteFile(path+".new", text, 0o644); err != nil {
		return fmt.Errorf("write the blocks: %w", err)
	}
	return os.Rename(path+".new", path)
}

// ReadRecord reads a run directory's record back.
func ReadRecord(dir string) (Record, error) {
	var r Record
	file, err := os.Open(filepath.Join(dir, RecordFile))
	if err != nil {
		return r, fmt.Errorf("read the blocks: %w", err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxRecord))
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		return r, fmt.Errorf("read %s: %w", file.Name(), err)
	}
	return r, r.check()
}

// check refuses what could not be judged: a record is a file that anybody may have written.
func (r Record) check() error {
	arms := len(r.Design.Arms)
	if r.Version != recordVersion {
		return fmt.Errorf("blocks of version %d, and this brrtload reads version %d; use the brrtload that made them",
			r.Version, recordVersion)
	}
	// without a pilot there is no rate yet
	if arms < 3 || r.Design.Rate < 0 || r.Design.Rate == 0 && len(r.Blocks) > 0 || r.Design.Interval <= 0 {
		return fmt.Errorf("blocks of %d arms at %g hits per second cannot be judged: they are not of a brrtload experiment", arms, r.Design.Rate)
	}
	for i, b := range r.Blocks {
		if len(b.Arms) != arms || len(b.Scrapes) != arms || b.Length <= 0 {
			return fmt.Errorf("block %d has not a measurement of each of the %d arms", i, arms)
		}
	}
	for _, rest := range r.Rests {
		if len(rest.CPU) != arms || rest.Seconds <= 0 {
			return fmt.Errorf("the rest of session %d has not a measurement of each of the %d arms", rest.Session, arms)
		}
	}
	return nil
}

// seconds is a duration as a record has it.
func seconds(d time.Duration) float64 { return d.Seconds() }
