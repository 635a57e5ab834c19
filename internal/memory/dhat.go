package memory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// maxDHAT bounds a file of DHAT, in bytes: one of a program with a hundred thousand stacks has a
// tenth of that.
const maxDHAT = 256 << 20

// dhatVersion is the version of the format that is known.
const dhatVersion = 2

// dhatFile is a file of valgrind's DHAT, or of Rust's crate dhat, as far as it is read.
type dhatFile struct {
	Version *int64   `json:"dhatFileVersion"`
	Mode    string   `json:"mode"`
	Lived   bool     `json:"bklt"` // lifetimes, and so what lives, were recorded
	Command string   `json:"cmd"`
	Unit    string   `json:"tu"` // of time
	End     int64    `json:"te"`
	Points  []dhatPP `json:"pps"`
	Frames  []string `json:"ftbl"`
}

// dhatPP is a program point: what one stack allocated in all, what of it lived at the peak of the
// heap, and what at the end.
type dhatPP struct {
	Bytes      int64   `json:"tb"`
	Blocks     int64   `json:"tbk"`
	PeakBytes  int64   `json:"gb"`
	EndBytes   int64   `json:"eb"`
	EndBlocks  int64   `json:"ebk"`
	FrameTable []int64 `json:"fs"`
}

// readDHAT adds a file of DHAT to tallies. Errors are placed in the file named.
func readDHAT(name string, r io.Reader, t *tallies) (*dhatFile, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxDHAT+1))
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("%s: cut off after %d bytes; let the process end by itself", name, len(text))
	case err != nil:
		return nil, fmt.Errorf("%s: byte %d: %w; the file is damaged: record it again", name, len(text), err)
	case len(text) > maxDHAT:
		return nil, fmt.Errorf("%s: more than %d bytes; trace a smaller program", name, maxDHAT)
	case len(bytes.TrimSpace(text)) == 0:
		return nil, fmt.Errorf("%s:1: empty file: the process was killed; let it end by itself", name)
	}
	var f dhatFile
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, fmt.Errorf("%s:%d: %w; %s", name, lineOf(text, err), err, advice(err))
	}
	if err := f.check(name); err != nil {
		return nil, err
	}
	frames := make([]frame, len(f.Frames))
	for i, text := range f.Frames {
		frames[i] = valgrindFrame(text)
	}
	for i, pp := range f.Points {
		var stack []frame
		for _, n := range pp.FrameTable[:min(len(pp.FrameTable), maxFrames)] {
			if n < 0 || n >= int64(len(frames)) {
				return nil, fmt.Errorf("%s: pps[%d]: frame %d of %d; the file is damaged: record it again", name, i, n, len(frames))
			}
			if n > 0 { // the root is no frame
				stack = append(stack, frames[n])
			}
		}
		more := tally{pp.Blocks, pp.Bytes, pp.EndBlocks, pp.EndBytes}
		if !pp.sound() || t.total.bytes > maxSum-more.bytes || t.total.allocations > maxSum-more.allocations {
			return nil, fmt.Errorf("%s: pps[%d]: %d bytes in %d blocks, %d in %d at the end: impossible; "+
				"the file is damaged: record it again", name, i, pp.Bytes, pp.Blocks, pp.EndBytes, pp.EndBlocks)
		}
		t.add(t.atStack(stack, site), more)
	}
	return &f, nil
}

func (f *dhatFile) check(name string) error {
	switch {
	case f.Version == nil:
		return fmt.Errorf("%s:1: no dhatFileVersion; this is no file of DHAT", name)
	case *f.Version != dhatVersion:
		return fmt.Errorf("%s:1: dhatFileVersion %d; this program reads %d: use valgrind 3.17 or later",
			name, *f.Version, dhatVersion)
	case f.Mode != "heap" && f.Mode != "rust-heap":
		return fmt.Errorf("%s: mode %q; want \"heap\": run DHAT without --mode", name, inert(f.Mode))
	case !f.Lived:
		return fmt.Errorf("%s: bklt is false: no lifetimes; run DHAT without --mode", name)
	}
	return nil
}

// sound reports whether a point is possible.
func (p dhatPP) sound() bool {
	return p.Bytes >= 0 && p.Blocks >= 0 && p.EndBytes >= 0 && p.EndBlocks >= 0 && p.PeakBytes >= 0 &&
		p.EndBytes <= p.Bytes && p.EndBlocks <= p.Blocks && p.PeakBytes <= p.Bytes && p.Bytes <= maxSum && p.Blocks <= maxSum
}

// peak is what lived when the heap was largest.
func (f *dhatFile) peak() (bytes int64) {
	for _, pp := range f.Points {
		bytes += pp.PeakBytes
	}
	return bytes
}

// end is when the process ended, if the file has that.
func (f *dhatFile) end() time.Duration {
	const longest = int64(365 * 24 * time.Hour / time.Microsecond)
	if f.Unit == "µs" && f.End >= 0 && f.End <= longest {
		return time.Duration(f.End) * time.Microsecond
	}
	return AtEnd
}

// lineOf is the line of an error in a JSON text.
func lineOf(text []byte, err error) int {
	offset := int64(len(text))
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	}
	return 1 + bytes.Count(text[:min(max(0, offset), int64(len(text)))], []byte("\n"))
}

// advice is what to do about a JSON text that cannot be read.
func advice(err error) string {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && syntax.Error() == "unexpected end of JSON input" {
		return "the file is cut off: let the process end by itself"
	}
	return "this is no file of DHAT, or it is damaged: record it again"
}
