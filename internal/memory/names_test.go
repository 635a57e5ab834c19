package memory

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// whole is a pattern of whole names.
type whole string

func (w whole) Matches(text string) bool {
	return regexp.MustCompile("^(?:" + string(w) + ")$").MatchString(text)
}

func stackOf(names ...string) (stack []frame) {
	for _, name := range names {
		stack = append(stack, frame{function: name, file: "shop.c", line: 7}.judged())
	}
	return stack
}

func TestSitesThatAreAskedFor(t *testing.T) {
	tallies := newTallies(Name{"checkout", whole("cart|pay")}, Name{"search", whole("find.*")})
	for _, row := range []struct {
		stack []frame
		bytes int64
	}{
		{stackOf("malloc", "copy_text", "cart", "main"), 100},
		{stackOf("malloc", "pay", "main"), 10},
		{stackOf("malloc", "pay", "find_all", "main"), 1}, // the innermost that fits
		{stackOf("malloc", "copy_text", "find_all", "main"), 1000},
		{stackOf("malloc", "search", "main"), 5}, // a function of the name that was given to others
		{stackOf("malloc", "copy_text", "main"), 3},
	} {
		tallies.add(tallies.atStack(row.stack, site), tally{1, row.bytes, 1, row.bytes})
	}
	tallies.keep(0)
	var lines []string
	for _, s := range tallies.profile(DHAT).Sites {
		lines = append(lines, fmt.Sprintf("%s %d %s", s.Function, s.Points[0].Bytes, s.Place))
	}
	require.Equal(t, []string{"search 1000 shop.c:7", "checkout 111 shop.c:7", "search (shop.c) 5 shop.c:7", "copy_text 3 shop.c:7"}, lines)
}

// A site that is asked for is listed however little it allocates, beside the usual number of others.
func TestSitesThatAreAskedForAreListed(t *testing.T) {
	tallies := newTallies(Name{"asked", whole("small")})
	tallies.add(tallies.atStack(stackOf("small"), site), tally{1, 1, 1, 1})
	for i := range 2 * MaxSites {
		tallies.add(tallies.atStack(stackOf(fmt.Sprintf("large%d", i)), site), tally{1, 1000, 1, 1000})
	}
	tallies.keep(0)
	sites := tallies.profile(DHAT).Sites
	require.Len(t, sites, MaxSites+2, "those, the one that was asked for, and the rest")
	require.Equal(t, "asked", sites[MaxSites].Function)
}

// A program's own allocator in Rust is no site: what called it is, whether or not it was inlined and
// its name is known.
func TestTheAllocatorOfARustProgramIsNoSite(t *testing.T) {
	const entry = "/rustc/1/library/alloc/src/alloc.rs"
	counting := frame{function: "alloc", file: "src/memory.rs", line: 32}
	for name, stack := range map[string][]frame{
		"inlined":           {{function: "malloc"}, counting, {function: "alloc", file: entry}, {function: "keep", file: "src/main.rs"}},
		"by its entry":      {{function: "malloc"}, counting, {function: "__rustc::__rust_alloc"}, {function: "keep", file: "src/main.rs"}},
		"older entry":       {{function: "malloc"}, counting, {function: "__rust_realloc"}, {function: "keep", file: "src/main.rs"}},
		"without its name":  {{function: "malloc"}, {function: "UnknownInlinedFun", file: "memory.rs"}, {function: "UnknownInlinedFun", file: entry}, {function: "keep"}},
		"of the C library":  {{function: "malloc"}, {function: "keep", file: "src/keep.c"}, {function: "main"}},
		"an entry at last":  {{function: "keep", file: "src/main.rs"}, {function: "alloc", file: entry}},
		"called like a lib": {{function: "malloc"}, {function: "alloc", file: entry}, {function: "with_capacity", file: "/rustc/1/library/alloc/src/vec/mod.rs"}, {function: "keep"}},
	} {
		for i := range stack {
			stack[i] = stack[i].judged()
		}
		require.Equal(t, "keep", site(stack).function, name)
	}
}

// massif's tree is walked to its ends, so that the program's own allocator is seen to be one.
func TestMassifSeesBeyondTheAllocator(t *testing.T) {
	const text = "desc: --time-unit=ms\ncmd: shop\ntime_unit: ms\n#-----------\nsnapshot=0\n#-----------\ntime=5\nmem_heap_B=100\nmem_heap_extra_B=0\nmem_stacks_B=0\nheap_tree=detailed\n" +
		"n2: 100 (heap allocation functions) malloc/new/new[], --alloc-fns, etc.\n" +
		" n1: 90 0x1: alloc (memory.rs:32)\n" +
		"  n2: 90 0x1: UnknownInlinedFun (library/alloc/src/alloc.rs:95)\n" +
		"   n0: 80 0x1: keep (main.rs:7)\n" +
		"   n0: 10 in 2 places, all below massif's threshold (0.10%)\n" +
		" n1: 10 0x2: open_shop (main.rs:9)\n" +
		"  n0: 10 in 3 places, all below massif's threshold (0.10%)\n"
	f, cut, err := readMassif("massif.out", strings.NewReader(text))
	require.NoError(t, err)
	require.False(t, cut)
	live := map[string]int64{}
	for _, s := range f.profile(Massif).Sites {
		live[s.Function] = s.Points[len(s.Points)-1].LiveBytes
	}
	require.Equal(t, map[string]int64{"keep": 80, "open_shop": 10, Other: 10}, live)
}
