package memory

import (
	"bytes"
	"compress/gzip"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fixture is what service.c, or a Go program like it, wrote: 2,000 times a kept allocation of 4,096
// bytes, and 4,000 times one of 1,000 that is freed. The Go program does each 20,000 times.
func fixture(t *testing.T, name string) *heap {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata/pprof", name))
	require.NoError(t, err)
	h, err := parseHeap(text)
	require.NoError(t, err)
	return h
}

func profileOf(t *testing.T, heaps ...*heap) Profile {
	t.Helper()
	var f fetched
	for i, h := range heaps {
		require.NoError(t, f.add(time.Unix(int64(100+i), 0), h))
	}
	return f.profile()
}

// figuresOf returns the last point of a site.
func figuresOf(p Profile, function string) Point {
	for _, s := range p.Sites {
		if s.Function == function {
			return s.Points[len(s.Points)-1]
		}
	}
	return Point{}
}

// What was sampled stands for what was allocated, within what sampling can tell.
func TestProfilesOfGoJemallocAndTcmalloc(t *testing.T) {
	for _, row := range []struct {
		file, leak, parse string
		sampled           int64
		kept, made        float64 // of each
		within            float64
	}{
		{"go.pb.gz", "main.leakSession", "main.parseRequest", 512 << 10, 20000, 20000, 0.3},
		{"jemalloc.heap", "service+0x1175", "service+0x11d5", 16 << 10, 2000, 4000, 0.1},
		{"tcmalloc.heap", "service+0x1175", "service+0x11d5", 0, 2000, 4000, 0},
	} {
		p := profileOf(t, fixture(t, row.file))
		require.Equal(t, row.sampled, p.Sampled, row.file)
		leak, parse := figuresOf(p, row.leak), figuresOf(p, row.parse)
		for _, c := range []struct {
			what string
			want float64
			got  int64
		}{
			{"kept allocations", row.kept, leak.Live}, {"kept bytes", 4096 * row.kept, leak.LiveBytes},
			{"allocations of what is kept", row.kept, leak.Allocations}, {"bytes of what is kept", 4096 * row.kept, leak.Bytes},
			{"allocations of what is freed", row.made, parse.Allocations}, {"bytes of what is freed", 1000 * row.made, parse.Bytes},
		} {
			require.InEpsilon(t, c.want, float64(c.got), row.within+1e-9, "%s: %s", row.file, c.what)
		}
		require.Zero(t, parse.Live, row.file)
		require.NotEmpty(t, p.Unseen)
	}
}

// Without prof_accum jemalloc counts what is live alone: what was allocated is unknown, not 0.
func TestJemallocWithoutAccumulation(t *testing.T) {
	p := profileOf(t, fixture(t, "jemalloc-live-only.heap"))
	leak := figuresOf(p, "service+0x1175")
	require.Equal(t, []int64{Unknown, Unknown}, []int64{leak.Allocations, leak.Bytes})
	require.InEpsilon(t, 2000, float64(leak.Live), 0.1)
	require.Contains(t, strings.Join(p.Unseen, "\n"), "prof_accum:true")
}

// Each allocation of this program is sampled.
var _ = func() int { runtime.MemProfileRate = 1; return 1 }()

//go:noinline
func allocate() (all [40][]byte) {
	for i := range all {
		all[i] = make([]byte, 64<<10)
	}
	return all
}

// Two profiles of this process, read from a directory: what came between them is known.
func TestProfilesOfARunningGoProgram(t *testing.T) {
	dir := t.TempDir()
	fetch := func(at time.Time) {
		runtime.GC()
		var text bytes.Buffer
		require.NoError(t, pprof.Lookup("heap").WriteTo(&text, 0))
		require.NoError(t, CheckPprof(text.Bytes()))
		require.NoError(t, os.WriteFile(filepath.Join(dir, ProfileFile(at)), text.Bytes(), 0o644))
	}
	began := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	fetch(began)
	kept := allocate()
	fetch(began.Add(1500 * time.Millisecond))
	runtime.KeepAlive(kept)
	p, err := ReadPprof(dir, true)
	require.NoError(t, err)
	require.Equal(t, began, p.Start)
	require.Len(t, p.Total, 2)
	require.Equal(t, 1500*time.Millisecond, p.Total[1].At)
	for _, s := range p.Sites {
		if s.Function != "brrtload/internal/memory.allocate" {
			continue
		}
		require.Contains(t, s.Place, "pprof_test.go:")
		require.Zero(t, s.Points[0].Allocations)
		require.InDelta(t, 40*64<<10, s.Points[1].LiveBytes, 1024, "the runtime allocates a little meanwhile")
		require.InDelta(t, 40, s.Points[1].Allocations, 4)
		return
	}
	t.Fatalf("no site for allocate: %+v", p.Sites)
}

// Counts that go down are of another process.
func TestProfilesOfARestartedProcess(t *testing.T) {
	const head = "heap profile: 1: 1 [ 1: 1] @ heapprofile\n"
	var f fetched
	for i, row := range []struct{ counts, want string }{{"1: 100 [ 9: 900] @ 0x10\n", ""}, {"0: 0 [ 9: 900] @ 0x10\n", ""},
		{"1: 100 [ 1: 100] @ 0x10\n", "counts fewer bytes than the profile before: the process was restarted"}} {
		h, err := parseHeap([]byte(head + row.counts))
		require.NoError(t, err)
		err = f.add(time.Unix(int64(i), 0), h)
		if row.want == "" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, row.want)
		}
	}
}

// Addresses are looked up in the files that a profile names: in a program's own symbols, or in what
// a stripped library exports.
func TestFunctionsOfModules(t *testing.T) {
	dir := t.TempDir()
	source, program := filepath.Join(dir, "main.go"), filepath.Join(dir, "program")
	require.NoError(t, os.WriteFile(source, []byte("package main\n\nfunc main() { println(1) }\n"), 0o644))
	build := exec.Command("go", "build", "-o", program, source) // `go test` links without symbols
	build.Env = append(os.Environ(), "GOOS=linux")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	file, err := elf.Open(program)
	require.NoError(t, err)
	defer file.Close()
	symbols, err := file.Symbols()
	require.NoError(t, err)
	m := openModule(program)
	found := 0
	for _, s := range symbols {
		if elf.ST_TYPE(s.Info) != elf.STT_FUNC || s.Size < 8 || s.Name != "runtime.mallocgc" && s.Name != "main.main" {
			continue
		}
		for _, p := range file.Progs {
			if p.Type == elf.PT_LOAD && s.Value >= p.Vaddr && s.Value < p.Vaddr+p.Filesz {
				require.Equal(t, s.Name, m.function(s.Value-p.Vaddr+p.Off+4))
				found++
			}
		}
	}
	require.Positive(t, found)
	require.Empty(t, m.function(1<<60))
	require.Empty(t, openModule("/no/such/file").function(0))
	require.Empty(t, openModule("relative").function(0))
}

func TestSitesAreBoundedAndSumUp(t *testing.T) {
	var text strings.Builder
	text.WriteString("heap profile: 30: 3000 [ 30: 3000] @ heapprofile\n")
	for i := range 30 {
		fmt.Fprintf(&text, "1: 100 [ 1: 100] @ 0x%x\n", 4096*(i+1))
	}
	text.WriteString("MAPPED_LIBRARIES:\n00000000-00fff000 r-xp 00000000 fe:00 1 /opt/shop/service\n")
	h, err := parseHeap([]byte(text.String()))
	require.NoError(t, err)
	p := profileOf(t, h)
	require.Len(t, p.Sites, MaxSites+1)
	require.Equal(t, Other, p.Sites[MaxSites].Function)
	sum := tally{}
	for _, s := range p.Sites {
		x := s.Points[0]
		sum.add(tally{x.Allocations, x.Bytes, x.Live, x.LiveBytes})
	}
	require.Equal(t, p.Total[0], sum.point(0))
}

func TestTheSiteOfAStack(t *testing.T) {
	goHeap, nativeHeap := &heap{}, &heap{text: true}
	for _, row := range []struct {
		name  string
		heap  *heap
		stack []frame
		want  string
	}{
		{"below the library of Go", goHeap, []frame{{function: "runtime.mallocgc"}, {function: "encoding/json.Unmarshal"}, {function: "shop.decode"}, {function: "net/http.serve"}}, "shop.decode"},
		{"another module", goHeap, []frame{{function: "internal/abi.x"}, {function: "github.com/x/y.(*Z).Do"}}, "github.com/x/y.(*Z).Do"},
		{"a server of the library", goHeap, []frame{{function: "runtime.newobject"}, {function: "net/http.newBufioReader"}}, "net/http.newBufioReader"},
		{"the profile itself", goHeap, []frame{{function: "compress/flate.NewWriter"}, {function: "runtime/pprof.writeHeap"}, {function: "main.main"}}, "runtime/pprof"},
		{"the runtime alone", goHeap, []frame{{function: "runtime.malg"}}, "runtime.malg"},
		{"a generic function", goHeap, []frame{{function: "slices.Grow[go.shape.int]"}, {function: "main.main"}}, "main.main"},
		{"below malloc", nativeHeap, []frame{{function: "operator new(unsigned long)"}, {function: "std::vector<int>::push_back"}, {function: "shop::cart", module: "/opt/shop"}}, "shop::cart"},
		{"below libc", nativeHeap, []frame{{function: "puts", module: "/lib/libc.so.6"}, {function: "main", module: "/opt/shop"}}, "main"},
		{"nothing", nativeHeap, nil, "unknown"},
	} {
		for i := range row.stack {
			row.stack[i] = row.stack[i].judged()
		}
		require.Equal(t, row.want, row.heap.site(row.stack).function, row.name)
	}
}

func TestWhatIsNoHeapProfile(t *testing.T) {
	var cpu bytes.Buffer
	require.NoError(t, pprof.StartCPUProfile(&cpu))
	pprof.StopCPUProfile()
	var cut bytes.Buffer
	z := gzip.NewWriter(&cut)
	_, err := z.Write(bytes.Repeat([]byte("x"), 1000))
	require.NoError(t, err)
	require.NoError(t, z.Flush())
	for name, row := range map[string]struct{ text, want string }{
		"nothing":             {"", "no profile"},
		"a page":              {"<html>not found</html>", "no profile: "},
		"an exposition":       {"# TYPE up gauge\nup 1\n", "no profile: "},
		"a profile of CPU":    {cpu.String(), "not of a heap"},
		"cut":                 {cut.String(), "decompress the profile: unexpected EOF"},
		"jemalloc's, no more": {"heap_v2/524288\n", "no profile"},
	} {
		require.ErrorContains(t, CheckPprof([]byte(row.text)), row.want, name)
	}
	dir := t.TempDir()
	_, err = ReadPprof(dir, true)
	require.ErrorContains(t, err, "no profile was fetched")
	broken := filepath.Join(dir, ProfileFile(time.Now()))
	require.NoError(t, os.WriteFile(broken, []byte("x"), 0o644))
	_, err = ReadPprof(dir, true)
	require.ErrorContains(t, err, broken+": no profile: ")
}

// A process that was restarted with another rate is another process.
func TestProfilesOfDifferentKinds(t *testing.T) {
	var f fetched
	require.NoError(t, f.add(time.Now(), fixture(t, "jemalloc.heap")))
	require.ErrorContains(t, f.add(time.Now(), fixture(t, "tcmalloc.heap")), "of another kind")
	require.NoError(t, f.add(time.Now(), fixture(t, "jemalloc-live-only.heap")))
	for _, p := range f.profile().Total {
		require.Equal(t, int64(Unknown), p.Bytes, "not all have it")
	}
}

func FuzzPprof(f *testing.F) {
	files, err := filepath.Glob("testdata/pprof/*.*")
	require.NoError(f, err)
	for _, name := range files {
		text, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		h, err := parseHeap(text)
		if err != nil {
			return
		}
		p := profileOf(t, h, h)
		require.LessOrEqual(t, len(p.Sites), MaxSites+1)
		require.Len(t, p.Total, 2)
		for _, s := range p.Sites {
			require.Len(t, s.Points, 2)
			require.LessOrEqual(t, len(s.Function), maxText)
			require.NotContains(t, s.Function+s.Place, "\n")
		}
	})
}
