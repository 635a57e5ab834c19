package merge

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"brrtload/internal/load"
	"brrtload/internal/shard"
	"brrtload/reports"
)

// The files of a run directory that a shard keeps for [Merge].
const (
	PartFile   = "shard.json"
	LedgerFile = "ledger.json"
)

// PartVersion grows when a reader of the last shard.json or ledger.json would misread the next.
const PartVersion = 1

// Part is shard.json: which part of which load a shard sends, and how that went.
type Part struct {
	Version int `json:"version"`
	shard.Shard
	Outline string `json:"outline"` // of the whole plan
	Planned uint64 `json:"planned"` // hits of this shard
	Boot    string `json:"boot,omitempty"`
	// Kept reports whether what follows is there: the shard came to its end.
	Kept   bool         `json:"kept"`
	Start  time.Time    `json:"start,omitzero"` // of the load, by the shard's own clock
	Done   time.Time    `json:"done,omitzero"`  // when the last hit was done, by the same
	Clock  shard.Clock  `json:"clock"`
	Ranges []load.Range `json:"ranges"` // of the shard's hits, those that are done
	Twice  uint64       `json:"twice"`
	Alien  uint64       `json:"alien"` // hits of other shards
}

// RowOf returns the row of the report that is the shard's.
func RowOf(p Part, own reports.Report) reports.Shard {
	g := own.Generator
	row := reports.Shard{Index: p.Index, Of: p.Of, End: own.End, Planned: p.Planned, Sent: g.Sent, Dropped: g.Dropped,
		LagP99: g.Lag.P99, LagFloor: g.Floor.P99, CPUSeconds: g.CPUSeconds}
	if p.Clock.Known {
		row.ClockOffset, row.Uncertainty = &p.Clock.Offset, p.Clock.Uncertainty
	}
	return row
}

// WriteFile writes a value as a file of the run directory, whole or not at all.
func WriteFile(dir, name string, value any) error {
	draft := filepath.Join(dir, "."+name)
	file, err := os.OpenFile(draft, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(file)
	err = errors.Join(json.NewEncoder(buffered).Encode(value), buffered.Flush(), file.Close())
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), os.Remove(draft))
	}
	return os.Rename(draft, filepath.Join(dir, name))
}
