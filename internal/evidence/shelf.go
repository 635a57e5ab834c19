package evidence

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunks"
)

// shelf keeps the chunks of a head that are full in files, so that the memory of a run does not
// grow with its length. A chunk holds 120 samples of a series.
//
// The head is a [tsdb.DB]'s, for the sake of its ForceHeadMMap. The database by itself does
// nothing: it has no log, and the goroutine that it starts waits for an hour that never comes.
// There it would write full chunks too, and panic in a goroutine of its own when the disk is full.
type shelf struct {
	files string // the directory of the files: absolute, without links
	db    *tsdb.DB
	read  atomic.Bool // of the files, since pages were last given back

	mu   sync.Mutex // the database's files are written by one goroutine at a time
	lost error      // of a write. Nothing is written after it: what was to be written stays in memory
}

const (
	chunksDir = "chunks_head" // in the data directory, named by Prometheus
	// longest is how far apart the database's goroutine would look after its blocks.
	longest = math.MaxInt64 * time.Nanosecond
)

func newShelf(data string) (*shelf, error) {
	options := tsdb.DefaultOptions()
	options.WALSegmentSize = -1 // no log
	options.NoLockfile = true
	options.BlockReloadInterval = longest
	options.MinBlockDuration = chunkRange.Milliseconds()
	options.MaxBlockDuration = options.MinBlockDuration
	options.HeadChunksWriteBufferSize = chunks.MinWriteBufferSize
	options.StripeSize = 1 << 10
	options.EnableExemplarStorage = true
	options.MaxExemplars = maxExemplars
	db, err := tsdb.Open(data, slog.New(slog.DiscardHandler), nil, options, nil)
	if err != nil {
		return nil, err
	}
	db.DisableCompactions()
	files, err := filepath.Abs(filepath.Join(data, chunksDir))
	if err == nil {
		files, err = filepath.EvalSymlinks(files)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &shelf{files: files, db: db}, nil
}

// put writes the chunks that are full, and gives back the memory of those that were read meanwhile.
// It costs a microsecond when there are none. A store opened for reading has no shelf and nothing
// to put.
func (s *shelf) put() {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost == nil {
		s.lost = writing(s.db.ForceHeadMMap)
	}
	if s.read.Swap(false) {
		dropPages(s.files)
	}
}

// looked reports that samples were looked at, and so files may have been read.
func (s *shelf) looked() {
	if s != nil {
		s.read.Store(true)
	}
}

// failed returns the error of the write that failed, if one has.
func (s *shelf) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost
}

// close ends the database and removes its files: what was saved is in a block.
func (s *shelf) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	closed := s.end()
	files, err := filepath.Glob(filepath.Join(s.files, "*"))
	closed = errors.Join(closed, err)
	for _, file := range files {
		closed = errors.Join(closed, os.Remove(file))
	}
	return closed
}

// end needs the lock. The database writes once more while it closes. After a write that failed that
// fails again, in whatever way (a mapper without a file panics with a nil pointer), and Save has
// told of it.
func (s *shelf) end() (err error) {
	if s.lost != nil {
		defer func() { _ = recover() }()
	}
	lost := writing(func() { err = s.db.Close() })
	if s.lost != nil {
		return nil
	}
	return errors.Join(err, lost)
}

// writing returns as an error what a head panics with when it cannot write a chunk.
func writing(write func()) (err error) {
	defer func() {
		switch failed := recover().(type) {
		case nil:
		case runtime.Error:
			panic(failed)
		case error:
			err = fmt.Errorf("write samples to disk: %w", failed)
		default:
			panic(failed)
		}
	}()
	write()
	return nil
}
