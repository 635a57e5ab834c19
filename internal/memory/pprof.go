package memory

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/pprof/profile"
)

// Bounds of what is read of profiles that were fetched.
const (
	MaxProfileBytes = 64 << 20  // of one profile as it is served
	maxUnpacked     = 512 << 20 // of one, decompressed
	maxProfiles     = 1000      // in a directory
)

const (
	profileSuffix = ".pprof"
	profileStamp  = "20060102T150405.000000Z"
)

// ProfileFile returns the name, in the tool's directory, of a profile that was fetched at that time.
func ProfileFile(at time.Time) string { return at.UTC().Format(profileStamp) + profileSuffix }

// CheckPprof reports by its error that a text is no profile of a heap: neither one of Go, nor a
// heap_v2 text of jemalloc or tcmalloc.
func CheckPprof(text []byte) error {
	_, err := parseHeap(text)
	return err
}

// ReadPprof reads the profiles that were fetched into a directory, see [ProfileFile]. Each is one
// moment; the first is at 0, though the process started before. Where the process runs on this
// machine, addresses without names are looked up in the files that the profile names.
func ReadPprof(dir string, onThisMachine bool, sites ...Name) (Profile, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*"+profileSuffix))
	if err != nil {
		return Profile{}, err
	}
	if len(names) == 0 {
		return Profile{}, fmt.Errorf("%s: no profile was fetched", dir)
	}
	if len(names) > maxProfiles {
		return Profile{}, fmt.Errorf("%s: %d profiles; at most %d are read", dir, len(names), maxProfiles)
	}
	slices.Sort(names)
	all := fetched{names: sites}
	modules := newModules()
	for _, name := range names {
		at, err := time.Parse(profileStamp+profileSuffix, filepath.Base(name))
		if err != nil {
			return Profile{}, fmt.Errorf("%s: the name of a profile is the time at which it was fetched: %w", name, err)
		}
		h, err := readHeap(name)
		if err != nil {
			return Profile{}, err
		}
		if onThisMachine {
			h.name(modules)
		}
		if err := all.add(at, h); err != nil {
			return Profile{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	return all.profile(), nil
}

func readHeap(name string) (*heap, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, MaxProfileBytes+1))
	if err != nil {
		return nil, err
	}
	if len(text) > MaxProfileBytes {
		return nil, fmt.Errorf("%s: more than %d bytes", name, MaxProfileBytes)
	}
	h, err := parseHeap(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return h, nil
}

// heap is one profile of a heap.
type heap struct {
	*profile.Profile
	allocations, bytes, live, liveBytes int // where samples have them; -1 where they do not
	text                                bool
}

// parseHeap reads a profile. What was sampled has been scaled to what it stands for by the rate that
// the profile states: Go does so itself, of the texts the library does.
func parseHeap(text []byte) (*heap, error) {
	text, err := unpacked(text)
	if err != nil {
		return nil, err
	}
	h := &heap{}
	text, h.text = plainText(text)
	if h.Profile, err = profile.ParseData(text); err != nil {
		return nil, fmt.Errorf("no profile: %w", err)
	}
	index := func(names ...string) int {
		return slices.IndexFunc(h.SampleType, func(t *profile.ValueType) bool { return slices.Contains(names, t.Type) })
	}
	h.allocations, h.bytes = index("alloc_objects"), index("alloc_space")
	h.live, h.liveBytes = index("inuse_objects", "objects"), index("inuse_space", "space")
	if h.bytes < 0 && h.liveBytes < 0 {
		return nil, errors.New("a profile, but not of a heap: it has no alloc_space and no inuse_space")
	}
	if h.text && h.accumulatesNothing() {
		h.allocations, h.bytes = -1, -1
	}
	return h, nil
}

// unpacked decompresses a profile, within bounds.
func unpacked(text []byte) ([]byte, error) {
	if !bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
		return text, nil
	}
	reader, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("decompress the profile: %w", err)
	}
	text, err = io.ReadAll(io.LimitReader(reader, maxUnpacked+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("decompress the profile: %w", err)
	case len(text) > maxUnpacked:
		return nil, fmt.Errorf("the profile has more than %d bytes", maxUnpacked)
	}
	return text, nil
}

// accumulatesNothing reports that the profile has live allocations, and none that were ever made:
// jemalloc counts those only with prof_accum.
func (h *heap) accumulatesNothing() bool {
	if h.bytes < 0 || h.liveBytes < 0 {
		return false
	}
	live := false
	for _, s := range h.Sample {
		if s.Value[h.bytes] > 0 {
			return false
		}
		live = live || s.Value[h.liveBytes] > 0
	}
	return live
}

// sampled returns the mean number of bytes between two samples, 0 when every allocation is seen.
func (h *heap) sampled() int64 {
	if h.Period <= 1 {
		return 0
	}
	return h.Period
}

// tally returns the figures of a sample. What the profile does not have is 0.
func (h *heap) tally(s *profile.Sample) tally {
	value := func(index int) int64 {
		if index < 0 {
			return 0
		}
		return max(0, s.Value[index])
	}
	return tally{value(h.allocations), value(h.bytes), value(h.live), value(h.liveBytes)}
}

// unseen lists what the profiles do not show.
func (h *heap) unseen(onlyLive bool) []string {
	var list []string
	if h.sampled() > 0 {
		list = append(list, fmt.Sprintf("one allocation in about %d bytes is sampled, so figures are estimates, and a site that allocates little may be missing", h.Period))
	}
	if h.text {
		list = append(list, "memory that other allocators of the process hand out, or that it maps itself, is not seen")
	} else {
		list = append(list, "memory outside the heap of Go is not seen: stacks of goroutines, cgo, mmap")
	}
	if onlyLive {
		list = append(list, "allocations that were freed are not seen; jemalloc counts them with MALLOC_CONF=prof_accum:true")
	}
	return list
}

// frames returns the stack of a sample, the innermost first.
func frames(s *profile.Sample) []frame {
	var list []frame
	for _, l := range s.Location {
		at := frame{address: fmt.Sprintf("0x%x", l.Address)}
		if l.Mapping != nil && l.Mapping.File != "" {
			at.module, at.address = l.Mapping.File, fmt.Sprintf("+0x%x", l.Address-l.Mapping.Start+l.Mapping.Offset)
		}
		if len(l.Line) == 0 {
			list = append(list, at.judged())
		}
		for _, line := range l.Line {
			if line.Function != nil {
				f := at
				f.function, f.file, f.line = line.Function.Name, line.Function.Filename, int(line.Line)
				list = append(list, f.judged())
			}
		}
	}
	return list
}

// site returns the innermost place of a stack that is the program's own. Where none is, as in a server
// of Go's library, it is that of the library, and the runtime's where nothing else is.
func (h *heap) site(stack []frame) place {
	if h.text {
		return site(stack)
	}
	for _, f := range stack {
		if strings.HasPrefix(f.function, "runtime/pprof.") {
			return place{function: "runtime/pprof", library: true} // writing the profiles that are read here
		}
	}
	for _, f := range stack {
		if !goLibrary(f.function) {
			return f.place()
		}
	}
	for _, f := range stack {
		if !strings.HasPrefix(f.function, "runtime.") && !strings.HasPrefix(f.function, "internal/") {
			return f.place()
		}
	}
	if len(stack) == 0 {
		return within(stack)
	}
	return stack[0].place()
}
