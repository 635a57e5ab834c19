package memory

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"
)

func siteNamed(t *testing.T, p Profile, name string) Site {
	t.Helper()
	i := slices.IndexFunc(p.Sites, func(s Site) bool { return s.Function == name })
	require.GreaterOrEqual(t, i, 0, "no site %s in %v", name, functions(p))
	return p.Sites[i]
}

func functions(p Profile) (all []string) {
	for _, s := range p.Sites {
		all = append(all, s.Function)
	}
	return all
}

// serviceSites is what testdata/programs/service.c does, by function.
var serviceSites = map[string]Point{
	"start":  {Allocations: 3, Bytes: 3000, Live: 3, LiveBytes: 3000},
	"handle": {Allocations: 50, Bytes: 50 * 64},
	"leak":   {Allocations: 50, Bytes: 50 * 128, Live: 50, LiveBytes: 50 * 128},
	"name":   {Allocations: 50, Bytes: 50 * 16},
	"fetch":  {Allocations: 50, Bytes: 50 * 32},
	"grow":   {Allocations: 100, Bytes: 50 * (16 + 48)},
	"burst":  {Allocations: 1, Bytes: 100_000},
}

// servicePeak is the heap of the service while all is kept and the burst is live.
const servicePeak = 3000 + 50*128 + 100_000

// requireService requires a profile of the service to have the sites with these totals at the end.
func requireService(t *testing.T, p Profile, want map[string]Point) {
	t.Helper()
	requireSound(t, p)
	for name, want := range want {
		s := siteNamed(t, p, name)
		got := s.Points[len(s.Points)-1]
		want.At = got.At
		if p.Tool == Massif {
			want.Allocations, want.Bytes, want.Live = Unknown, Unknown, Unknown
		}
		require.Equal(t, want, got, name)
	}
	preload := int64(0) // heaptrack's own library brings libstdc++
	if p.Tool == Heaptrack {
		preload = 72704
	}
	require.EqualValues(t, servicePeak+preload, p.Peak)
}

// requireForked requires the sums of a service and of its child, which makes 10 requests, and whose
// counts begin with those of its parent.
func requireForked(t *testing.T, p Profile) {
	t.Helper()
	requireSound(t, p)
	for name, want := range map[string]Point{
		"start":  {Allocations: 6, Bytes: 6000, Live: 6, LiveBytes: 6000},
		"leak":   {Allocations: 60, Bytes: 60 * 128, Live: 60, LiveBytes: 60 * 128},
		"handle": {Allocations: 60, Bytes: 60 * 64},
	} {
		want.At = AtEnd
		require.Equal(t, []Point{want}, siteNamed(t, p, name).Points, name)
	}
	require.Zero(t, p.Peak)
	require.Contains(t, p.Unseen[0], "2 processes are summed (./service fork)")
}

// requireSound requires what is true of every profile: its sites add up to its total at each moment,
// totals do not fall, and texts are short and harmless.
func requireSound(t *testing.T, p Profile) {
	t.Helper()
	require.NotEmpty(t, p.Total)
	require.LessOrEqual(t, len(p.Total), maxMoments+1)
	require.LessOrEqual(t, len(p.Sites), MaxSites+1)
	seen := map[string]bool{}
	for _, s := range p.Sites {
		require.False(t, seen[s.Function], "two sites are called %s", s.Function)
		require.NotEmpty(t, s.Function)
		seen[s.Function] = true
		require.Len(t, s.Points, len(p.Total))
		for _, text := range []string{s.Function, s.Place} {
			require.LessOrEqual(t, len(text), maxText)
			require.False(t, strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", text)
		}
	}
	for _, text := range p.Unseen {
		require.False(t, strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }), "%q", text)
	}
	var before Point
	for i, total := range p.Total {
		require.True(t, i == 0 || total.At > before.At, "%s after %s", total.At, before.At)
		require.GreaterOrEqual(t, total.Bytes, min(before.Bytes, total.Bytes))
		require.GreaterOrEqual(t, p.Peak, min(total.LiveBytes, p.Peak))
		sum := Point{At: total.At}
		for _, s := range p.Sites {
			at := s.Points[i]
			require.Equal(t, total.At, at.At)
			require.True(t, at.Allocations >= 0 || at.Allocations == Unknown)
			require.GreaterOrEqual(t, at.LiveBytes, int64(0))
			sum.Allocations += at.Allocations
			sum.Bytes += at.Bytes
			sum.Live += at.Live
			sum.LiveBytes += at.LiveBytes
		}
		if p.Tool == Massif {
			sum.Allocations, sum.Bytes, sum.Live = Unknown, Unknown, Unknown
		} else {
			require.GreaterOrEqual(t, total.Allocations, before.Allocations)
			require.GreaterOrEqual(t, total.Bytes, before.Bytes)
		}
		require.Equal(t, total, sum)
		before = total
	}
}

func TestEachToolSeesWhatTheServiceAllocates(t *testing.T) {
	for _, tool := range []Tool{Heaptrack, DHAT, Massif} {
		p, err := Read(tool, "testdata/service")
		require.NoError(t, err)
		requireService(t, p, serviceSites)
		require.Equal(t, tool, p.Tool)
		require.Regexp(t, `^/usr/src/example/service\.c:\d+$`, siteNamed(t, p, "leak").Place)
		require.Contains(t, strings.Join(p.Unseen, "\n"), "mmap")
	}
}

// heaptrack's times show the pauses between 20 requests, 30 requests and the burst.
func TestHeaptrackHasTheTimesOfTheRequests(t *testing.T) {
	p, err := Read(Heaptrack, "testdata/service")
	require.NoError(t, err)
	leaked := map[int64]time.Duration{} // allocations at a moment: how long it was so
	points := siteNamed(t, p, "leak").Points
	for i, now := range points[:len(points)-1] {
		leaked[now.Allocations] += points[i+1].At - now.At
	}
	require.Len(t, leaked, 3, "%v", leaked)
	for _, count := range []int64{0, 20, 50} {
		require.GreaterOrEqual(t, leaked[count], 40*time.Millisecond, "%d", count)
	}
	live := map[int64]bool{}
	for _, now := range siteNamed(t, p, "burst").Points {
		live[now.LiveBytes] = true
	}
	require.Equal(t, map[int64]bool{0: true, 100_000: true}, live)
}

func TestMassifHasTheBurst(t *testing.T) {
	p, err := Read(Massif, "testdata/service")
	require.NoError(t, err)
	most := int64(0)
	for _, now := range siteNamed(t, p, "burst").Points {
		most = max(most, now.LiveBytes)
	}
	require.EqualValues(t, 100_000, most)
}

func TestNamesOfFunctions(t *testing.T) {
	cc := map[string]Point{
		"shop::take()":            {Allocations: 10, Bytes: 800},
		"shop::list<int>(int)":    {Allocations: 1, Bytes: 4000},
		"shop::Page::write(char)": {Allocations: 7, Bytes: 707},
	}
	// How an instance and a closure are called is the compiler's and the tool's matter: valgrind has
	// only the last part of a name that is inlined.
	rust := func(list, closure string) map[string]Point {
		return map[string]Point{
			"<names::shop::Order as names::shop::Price>::price": {Allocations: 5, Bytes: 150},
			"names::shop::leak": {Allocations: 3, Bytes: 6000, Live: 3, LiveBytes: 6000},
			list:                {Allocations: 1, Bytes: 4000},
			closure:             {Allocations: 4, Bytes: 96},
		}
	}
	for _, of := range []struct {
		dir  string
		tool Tool
		want map[string]Point
	}{
		{"names-cc", Heaptrack, cc},
		{"names-cc", DHAT, cc},
		{"names-cc", Massif, cc},
		{"names-rust", Heaptrack, rust("names::list::<u32>", "names::main::{closure#0}")},
		{"names-legacy", Heaptrack, rust("names::list", "names::main::{{closure}}")},
		{"names-rust", DHAT, rust("names::list::<u32>", "{closure#0} at names.rs:48")},
		{"names-rust", Massif, rust("names::list::<u32>", "{closure#0} at names.rs:48")},
	} {
		p, err := Read(of.tool, filepath.Join("testdata", of.dir))
		require.NoError(t, err)
		requireSound(t, p)
		for name, want := range of.want {
			s := siteNamed(t, p, name)
			got := s.Points[len(s.Points)-1]
			want.At = got.At
			if of.tool == Massif {
				want.Allocations, want.Bytes, want.Live = Unknown, Unknown, Unknown
			}
			require.Equal(t, want, got, "%s of %s", name, of.tool)
			require.Contains(t, s.Place, "/usr/src/example/names.")
		}
	}
}

// In a stripped program a site is the module and where in it.
func TestStrippedProgram(t *testing.T) {
	for _, tool := range []Tool{Heaptrack, DHAT, Massif} {
		p, err := Read(tool, "testdata/stripped")
		require.NoError(t, err)
		requireSound(t, p)
		i := slices.IndexFunc(p.Sites, func(s Site) bool { return s.Points[len(s.Points)-1].LiveBytes == 50*128 })
		require.GreaterOrEqual(t, i, 0)
		if tool == Heaptrack { // where it is in the file, wherever that was loaded
			require.Regexp(t, `^stripped\+0x1[0-9a-f]{3}$`, p.Sites[i].Function)
		} else {
			require.Regexp(t, `^stripped@0x[0-9A-F]+$`, p.Sites[i].Function)
		}
		require.Equal(t, "/usr/src/example/stripped", p.Sites[i].Place)
		require.Contains(t, p.Unseen[len(p.Unseen)-1], "stripped has no symbols")
	}
}

func TestForkedProcesses(t *testing.T) {
	p, err := Read(DHAT, "testdata/fork")
	require.NoError(t, err)
	requireForked(t, p)
	p, err = Read(Massif, "testdata/fork")
	require.NoError(t, err)
	requireService(t, p, serviceSites)
	require.Contains(t, strings.Join(p.Unseen, "\n"), "the profile is of ./service fork; other processes: 1, with a lower peak")
}

// Snapshots without a tree are left out, but for the peak, unless there are no others.
func TestMassifSnapshotsWithoutATree(t *testing.T) {
	tree := massifHead + "n1: 100 (heap allocation functions)\n n0: 100 0x1: f (f.c:1)\n"
	for _, of := range []struct {
		text string
		want []Point
	}{
		{tree + "snapshot=1\ntime=6\nmem_heap_B=300\nheap_tree=empty\n", []Point{{5 * time.Millisecond, 0, 0, 0, 100}}},
		{"desc: x\ntime_unit: ms\nsnapshot=0\ntime=5\nmem_heap_B=200\nheap_tree=empty\nsnapshot=1\ntime=9\nmem_heap_B=300\n" +
			"heap_tree=empty\nsnapshot=2\ntime=10\nmem_heap_B=10\nheap_tree=empty\n",
			[]Point{{5 * time.Millisecond, 0, 0, 0, 200}, {9 * time.Millisecond, 0, 0, 0, 300}, {10 * time.Millisecond, 0, 0, 0, 10}}},
	} {
		f, cut, err := readMassif("massif.1", strings.NewReader(of.text))
		require.NoError(t, err)
		require.False(t, cut)
		p := f.profile(Massif)
		require.Equal(t, of.want, p.Total)
		require.EqualValues(t, 300, p.Peak)
	}
}

// Rust's crate dhat counts in microseconds, and calls its frames by line and column.
func TestDHATOfRust(t *testing.T) {
	all := newTallies()
	f, err := readDHAT("dhat.1", strings.NewReader(`{"dhatFileVersion":2,"mode":"rust-heap","bklt":true,"tu":"µs","te":2500,
"pps":[{"tb":30,"tbk":3,"gb":20,"eb":10,"ebk":1,"fs":[1,2]}],
"ftbl":["[root]","0x1: alloc::alloc::alloc (src/alloc.rs:87:14)","0x2: shop::sell (src/shop.rs:7:5)"]}`), all)
	require.NoError(t, err)
	all.keep(f.end())
	p := all.profile(DHAT)
	requireSound(t, p)
	require.EqualValues(t, 20, f.peak())
	require.Equal(t, []Site{{"shop::sell", "src/shop.rs:7", []Point{{2500 * time.Microsecond, 3, 30, 1, 10}}}}, p.Sites)
}
