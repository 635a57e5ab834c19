package memory

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxFiles bounds the files of a directory that are read: one a process.
const maxFiles = 1000

// Read returns what a tool wrote into the directory that [Tool.Wrap] gave it, after the process has
// ended. Read may be repeated. Errors name the file, with the line or the byte; a missing file is
// one.
//
// The first time, heaptrack's raw data becomes a compressed file with the names of functions, for
// which the traced program must still be there.
func Read(tool Tool, dir string, names ...Name) (Profile, error) {
	var read func([]string, []Name) (Profile, error)
	switch tool {
	case Heaptrack:
		read = heaptrackProfile
	case DHAT:
		read = dhatProfile
	case Massif:
		read = massifProfile
	default:
		return Profile{}, fmt.Errorf("%s: %s leaves no files that can be read here", dir, tool)
	}
	files, err := filesOf(tool, dir)
	if err != nil {
		return Profile{}, err
	}
	return read(files, names)
}

// filesOf lists a tool's files, sorted.
func filesOf(tool Tool, dir string) ([]string, error) {
	if tool == Heaptrack {
		raw, err := named(dir, "heaptrack.", ".raw")
		if err != nil {
			return nil, err
		}
		for _, path := range raw {
			if err := interpret(path); err != nil {
				return nil, err
			}
		}
	}
	files, err := named(dir, string(tool)+".", "")
	files = slices.DeleteFunc(files, func(path string) bool { return strings.HasSuffix(path, ".part") })
	switch {
	case err != nil:
		return nil, err
	case len(files) == 0:
		return nil, fmt.Errorf("%s: no file of %s: the process was killed, or did not load malloc from a library; "+
			"let it end by itself, and link it dynamically", dir, tool)
	case len(files) > maxFiles:
		return nil, fmt.Errorf("%s: %d files of %s, more than %d; trace a program that starts fewer processes",
			dir, len(files), tool, maxFiles)
	}
	return files, nil
}

// named lists the files whose names begin and end so.
func named(dir, begin, end string) ([]string, error) {
	entries, err := readDir(dir)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, e := range entries {
		if e.Type().IsRegular() && strings.HasPrefix(e.Name(), begin) && strings.HasSuffix(e.Name(), end) {
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths, nil
}

// heaptrackProfile reads the files of heaptrack, one a process that was started under it. The one
// with the most bytes is the profile.
func heaptrackProfile(paths []string, names []Name) (Profile, error) {
	all, err := readEach(paths, names, readHeaptrack)
	if err != nil {
		return Profile{}, err
	}
	most := slices.MaxFunc(all, func(a, b oneFile[*heaptrackFile]) int { return cmp.Compare(a.file.total.bytes, b.file.total.bytes) })
	f := most.file
	p := f.profile(Heaptrack)
	p.Unseen = append([]string{
		fmt.Sprintf("heaptrack followed %s only; processes that it started are not seen", f.followed()),
	}, unseenOfMalloc...)
	if most.cut {
		p.Unseen = append(p.Unseen, fmt.Sprintf("%s ends before the process did: "+
			"its last allocations, up to 4 KiB of records, are missing; let the process end by itself on SIGTERM", filepath.Base(f.name)))
	}
	if slices.ContainsFunc(f.places, place.ofCxx) {
		p.Unseen = append(p.Unseen, "heaptrack loads libstdc++, which reserves memory when it starts: "+
			"that is counted as the program's, also in the peak")
	}
	if f.attached {
		p.Unseen = append(p.Unseen, "heaptrack was attached to a running process: what was allocated before is missing")
	}
	if len(all) > 1 {
		p.Unseen = append(p.Unseen, fmt.Sprintf("other processes under heaptrack: %d, which allocated less and are left out",
			len(all)-1))
	}
	if f.unknown > 0 {
		p.Unseen = append(p.Unseen, fmt.Sprintf("%d lines of kinds that are not known were skipped", f.unknown))
	}
	p.Unseen = append(p.Unseen, f.nameless()...)
	return p, nil
}

// dhatProfile reads the files of DHAT, and sums all processes.
func dhatProfile(paths []string, names []Name) (Profile, error) {
	t := newTallies(names...)
	var files []*dhatFile
	for _, path := range paths {
		r, err := open(path)
		if err != nil {
			return Profile{}, err
		}
		f, err := readDHAT(path, r, t)
		if err := errors.Join(err, r.Close()); err != nil {
			return Profile{}, err
		}
		files = append(files, f)
	}
	end := AtEnd
	if len(files) == 1 {
		end = files[0].end()
	}
	t.keep(end)
	p := t.profile(DHAT)
	p.Peak = 0
	if len(files) == 1 {
		p.Peak = files[0].peak()
	} else {
		p.Unseen = append(p.Unseen, fmt.Sprintf("%d processes are summed (%s): what a process allocated before it forked "+
			"is counted in its children too, and the peak of all is unknown", len(files), commands(files)))
	}
	if end == AtEnd {
		p.Unseen = append(p.Unseen, "DHAT has totals at the end only: allocations before and after the load are in them")
	}
	p.Unseen = append(append(p.Unseen, unseenOfMalloc...), t.nameless()...)
	return p, nil
}

func commands(files []*dhatFile) string {
	var all []string
	for _, f := range files {
		all = append(all, inert(f.Command))
	}
	slices.Sort(all)
	return inert(strings.Join(slices.Compact(all), ", "))
}

// massifProfile reads the files of massif. Of several processes the one with the highest peak is the
// profile.
func massifProfile(paths []string, names []Name) (Profile, error) {
	all, err := readEach(paths, names, readMassif)
	if err != nil {
		return Profile{}, err
	}
	most := slices.MaxFunc(all, func(a, b oneFile[*massifFile]) int { return cmp.Compare(a.file.peak, b.file.peak) })
	f := most.file
	p := f.profile(Massif)
	onlyLive(p.Total)
	for _, s := range p.Sites {
		onlyLive(s.Points)
	}
	p.Unseen = append([]string{
		"massif has live bytes at its snapshots only: allocations, and what was freed between two snapshots, are not seen",
		"a site below 0.1 % of the live bytes of a snapshot is counted in the site other",
	}, unseenOfMalloc...)
	if most.cut {
		p.Unseen = append(p.Unseen, filepath.Base(f.name)+" is cut off: its last snapshots are missing; "+
			"let the process end by itself")
	}
	if len(all) > 1 {
		p.Unseen = append(p.Unseen, fmt.Sprintf("the profile is of %s; other processes: %d, with a lower peak, are left out",
			inert(f.command), len(all)-1))
	}
	p.Unseen = append(p.Unseen, f.nameless()...)
	return p, nil
}

func onlyLive(points []Point) {
	for i := range points {
		points[i].Allocations, points[i].Bytes, points[i].Live = Unknown, Unknown, Unknown
	}
}

// unseenOfMalloc is what no tool sees that replaces malloc.
var unseenOfMalloc = []string{
	"stacks, and memory that the program maps itself (mmap), are not seen",
	"allocators that are linked into the program under names of their own are not seen, such as Go's, and those of " +
		"Rust's crates for jemalloc and mimalloc",
}

// nameless says in words that some allocations are in modules without symbols.
func (t *tallies) nameless() []string {
	var count tally
	modules := map[string]bool{}
	for i, p := range t.places {
		if p.nameless {
			count.add(t.now[i])
			modules[inertPath(filepath.Base(p.module))] = true
		}
	}
	if len(modules) == 0 {
		return nil
	}
	names := make([]string, 0, len(modules))
	for name := range modules {
		names = append(names, name)
	}
	slices.Sort(names)
	return []string{fmt.Sprintf("%s has no symbols: its sites are addresses; build it with -g, and do not strip it",
		inert(strings.Join(names, ", ")))}
}

// readDir is os.ReadDir, sorted, with an error that says what is missing.
func readDir(dir string) ([]fs.DirEntry, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no such directory; the process under the tool was not started", dir)
	}
	return entries, err
}
