package signals

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// Log reads a service's log as it grows. It is safe for concurrent use.
type Log struct {
	screen *Screen
	events *Events // nil when nothing is counted

	mu sync.Mutex
	// the places of a file that another program writes, the first there is; none for what the service writes
	// to its output
	paths  []string
	path   string // the one of them that is read
	silent bool   // nothing was read of it yet
	file   *os.File
	offset int64
	lines  *lines
	number int      // of the line under way, from where the reading of the file began
	middle bool     // of the file, where the reading began
	copy   *os.File // the output without secrets, or nil
	out    []byte   // to be written to it
	failed error    // the first of writing it

	stop    chan struct{}
	reading sync.WaitGroup
}

// poll is how often a log is looked at. Every scrape reads it to its end besides.
const poll = 50 * time.Millisecond

// chunk is how much of the copy is written at once.
const chunk = 64 << 10

// Output prepares a file for a service to write its output to, and copies it, without secrets, to
// path. The file has no name: the service never waits for a reader, and when this process and the
// service have ended, however they did, nothing is left of it but the copy.
func Output(path string, screen *Screen, events *Events) (*Log, error) {
	hidden := filepath.Join(filepath.Dir(path), ".output")
	file, err := os.OpenFile(hidden, os.O_RDWR|os.O_APPEND|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("target output: %w", err)
	}
	if err := os.Remove(hidden); err != nil {
		return nil, errors.Join(fmt.Errorf("target output: %w", err), file.Close())
	}
	to, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_RDWR|syscall.O_NOFOLLOW, 0o644)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("target log: %w", err), file.Close())
	}
	return &Log{screen: screen, events: events, file: file, copy: to, lines: newLines(screen),
		stop: make(chan struct{})}, nil
}

// Follow reads what is appended to a file from now on; a file that is not there yet, from its
// beginning. It notices when the file is replaced or cut. Of several paths the first counts at
// which there is a file.
func Follow(paths []string, screen *Screen, events *Events) (*Log, error) {
	l := &Log{screen: screen, events: events, paths: paths, path: paths[0], silent: true, lines: newLines(screen),
		stop: make(chan struct{})}
	path, _, err := l.present()
	if errors.Is(err, os.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return nil, fmt.Errorf("log file: %w", err)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("log file: %w", err)
	}
	if l.offset, err = file.Seek(0, io.SeekEnd); err != nil {
		return nil, errors.Join(fmt.Errorf("log file: %w", err), file.Close())
	}
	l.path, l.file, l.middle = path, file, l.offset > 0
	return l, nil
}

// present returns the first path at which there is a file. The error is that of the first path.
func (l *Log) present() (path string, info os.FileInfo, err error) {
	for _, path := range l.paths {
		found, missing := os.Stat(path)
		if missing == nil {
			return path, found, nil
		}
		if err == nil {
			err = missing
		}
	}
	return "", nil, err
}

// Path returns the first path that is followed; empty of a service's output.
func (l *Log) Path() string {
	if len(l.paths) == 0 {
		return ""
	}
	return l.paths[0]
}

// Absent reports whether there has been no file at the first path that is followed, and nothing new
// in one at another.
func (l *Log) Absent() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.paths) > 0 && (l.file == nil || l.silent && l.path != l.paths[0])
}

// File is what the service's output goes to.
func (l *Log) File() *os.File { return l.file }

// Start reads the log now and then, until Close.
func (l *Log) Start() {
	l.reading.Go(func() {
		ticker := time.NewTicker(poll)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				l.Drain()
			case <-l.stop:
				return
			}
		}
	})
}

// Drain reads to the end that the log has now. It costs about a microsecond for a line that is
// counted.
func (l *Log) Drain() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drain()
}

func (l *Log) drain() {
	l.renew()
	if l.file == nil {
		return
	}
	info, err := l.file.Stat()
	if err != nil {
		l.lose(Unreadable)
		return
	}
	if info.Size() < l.offset {
		l.lose(Truncated)
		l.offset, l.number, l.middle = 0, 0, false
		l.lines = newLines(l.screen)
	}
	l.read(info.Size())
	l.write()
}

// read reads up to an offset.
func (l *Log) read(end int64) {
	for l.offset < end {
		free := l.lines.free()
		free = free[:min(int64(len(free)), end-l.offset)]
		n, err := l.file.ReadAt(free, l.offset)
		l.offset += int64(n)
		l.silent = l.silent && n == 0
		l.lines.took(n, l.line, l.piece)
		if err != nil && !errors.Is(err, io.EOF) {
			l.lose(Unreadable)
			return
		}
		if n == 0 {
			return
		}
	}
}

// renew opens the file that stands at the path now, when it is another one than before, and reads
// the one before to its end.
func (l *Log) renew() {
	if len(l.paths) == 0 {
		return
	}
	path, there, err := l.present()
	if err != nil {
		return // it will come back, or what is missing shows
	}
	if l.file != nil {
		here, err := l.file.Stat()
		if err == nil && os.SameFile(here, there) {
			return
		}
		if err == nil {
			l.read(here.Size())
		}
		l.lines.flush(l.line, l.piece)
		l.file.Close() //nolint:errcheck // it was only read
	}
	l.path, l.file, l.offset, l.number, l.middle = path, nil, 0, 0, false
	if file, err := os.Open(path); err == nil {
		l.file = file
	} else {
		l.lose(Unreadable)
	}
}

func (l *Log) lose(reason string) {
	if l.events != nil {
		l.events.Lost(reason)
	}
}

// line takes one line in.
func (l *Log) line(text []byte) {
	l.number++
	if l.screen.Has(text) {
		l.screen.Found(l.place(text), text, l.here())
		l.screen.Mask(text)
	}
	if l.events != nil {
		l.events.Take(text)
	}
	l.say(text, true)
}

// here names the line under way.
func (l *Log) here() string {
	switch {
	case l.copy != nil:
		return fmt.Sprintf("line %d of %s", l.number, filepath.Base(l.copy.Name()))
	case l.middle:
		return fmt.Sprintf("line %d of %s since the run began", l.number, filepath.Base(l.path))
	}
	return fmt.Sprintf("line %d of %s", l.number, filepath.Base(l.path))
}

func (l *Log) place(text []byte) string {
	events := l.events
	if events == nil {
		events = NewEvents(Format{}, nil, nil)
	}
	return events.place(l.screen, text)
}

// piece takes a part of a line in that is too long. It was masked.
func (l *Log) piece(text []byte, end bool) {
	if end {
		l.number++
		l.lose(TooLong)
	}
	l.say(text, end)
}

// say adds to the copy.
func (l *Log) say(text []byte, end bool) {
	if l.copy == nil {
		return
	}
	l.out = append(l.out, text...)
	if end {
		l.out = append(l.out, '\n')
	}
	if len(l.out) >= chunk {
		l.write()
	}
}

// write writes the copy. An error is kept for Close: the service must not suffer for it.
func (l *Log) write() {
	if l.copy == nil || len(l.out) == 0 {
		return
	}
	if _, err := l.copy.Write(l.out); err != nil && l.failed == nil {
		l.failed = fmt.Errorf("target log: %w", err)
	}
	l.out = l.out[:0]
}

// Said returns the end of what the service has said by now, without secrets.
func (l *Log) Said() []byte {
	const most = 64 << 10
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drain()
	if l.copy == nil {
		return nil
	}
	size, err := l.copy.Seek(0, io.SeekEnd)
	if err != nil {
		return nil
	}
	end := make([]byte, min(size, most))
	n, _ := l.copy.ReadAt(end, size-int64(len(end)))
	return append(end[:n:n], l.screen.partial(l.lines)...)
}

// partial is the line without an end, masked.
func (s *Screen) partial(l *lines) []byte {
	text := append([]byte(nil), l.buffer[:l.held]...)
	s.Mask(text)
	return text
}

// Close reads the log to its end, the line without an end included. The error says why the copy is
// not whole.
func (l *Log) Close() error {
	close(l.stop)
	l.reading.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drain()
	l.lines.flush(l.line, l.piece)
	l.write()
	failed := []error{l.failed}
	for _, file := range []*os.File{l.file, l.copy} {
		if file != nil {
			failed = append(failed, file.Close())
		}
	}
	return errors.Join(failed...)
}
