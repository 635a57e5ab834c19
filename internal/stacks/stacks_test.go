package stacks

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestGuardedMappings(t *testing.T) {
	for name, c := range map[string]struct {
		maps string
		want []mapping
	}{
		"a stack above its guard": {
			"10000-11000 ---p 00000000 00:00 0 \n11000-51000 rw-p 00000000 00:00 0 \n", []mapping{{0x11000, 0x51000, 0x1000}}},
		"two beside each other": {
			"10000-11000 ---p 00000000 00:00 0\n11000-21000 rw-p 00000000 00:00 0\n21000-22000 ---p 00000000 00:00 0\n22000-32000 rw-p 00000000 00:00 0\n",
			[]mapping{{0x11000, 0x21000, 0x1000}, {0x22000, 0x32000, 0x1000}}},
		"two guards, as in a Java thread": {
			"10000-11000 ---p 00000000 00:00 0\n11000-14000 ---p 00000000 00:00 0\n14000-24000 rw-p 00000000 00:00 0\n",
			[]mapping{{0x14000, 0x24000, 0x4000}}},
		"named by the C library": {
			"10000-11000 ---p 00000000 00:00 0 [anon: glibc: pthread stack: 7]\n11000-51000 rw-p 00000000 00:00 0 [anon: glibc: pthread stack: 7]\n",
			[]mapping{{0x11000, 0x51000, 0x1000}}},
		"a gap between":             {"10000-11000 ---p 00000000 00:00 0\n12000-51000 rw-p 00000000 00:00 0\n", nil},
		"memory reserved in a heap": {"7f0000021000-7f0004000000 ---p 00000000 00:00 0\n7f0004000000-7f0004021000 rw-p 00000000 00:00 0\n", nil},
		"a library's data":          {"10000-11000 ---p 00000000 08:01 77 /lib/x.so\n11000-51000 rw-p 00000000 08:01 77 /lib/x.so\n", nil},
		"the first thread's":        {"10000-11000 ---p 00000000 00:00 0\n11000-51000 rw-p 00000000 00:00 0 [stack]\n", nil},
		"shared memory":             {"10000-11000 ---p 00000000 00:00 0\n11000-51000 rw-s 00000000 00:00 0\n", nil},
		"nothing":                   {"", nil},
		"no such lines":             {"x\n-\n10-5 rw-p\n\xff\n", nil},
	} {
		found, java := guarded([]byte(c.maps))
		require.Equal(t, c.want, found, name)
		require.False(t, java, name)
	}
	_, java := guarded([]byte("10000-11000 r-xp 00000000 08:01 77    /opt/java 21/lib/server/libjvm.so\n"))
	require.True(t, java)
}

func FuzzGuarded(f *testing.F) {
	f.Add([]byte("10000-11000 ---p 00000000 00:00 0 \n11000-51000 rw-p 00000000 00:00 0 [anon:x]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		found, _ := guarded(text)
		for _, m := range found {
			require.Positive(t, m.size())
			require.Positive(t, m.guard)
			require.LessOrEqual(t, m.guard, int64(maxGuard))
		}
	})
}

// seen is a stack of pages: 'x' was touched, '.' was not, from the bottom up.
func seen(pages string) stack {
	s := stack{mapping: mapping{0, uint64(len(pages)) * 4096, 4096}, alike: 1, pageSize: 4096}
	for _, p := range pages {
		s.pages = append(s.pages, p == 'x')
	}
	return s
}

func TestDepth(t *testing.T) {
	for name, c := range map[string]struct {
		pages string
		marks bool
		want  int64 // pages
	}{
		"nothing used":                    {"......", false, 0},
		"two pages":                       {"....xx", false, 2},
		"a large frame not written":       {"..x..x", false, 4},
		"down to the last page":           {"xxxxxx", false, 6},
		"a mark at the end":               {"x...xx", true, 2},
		"a mark at the end, nothing used": {"x.....", true, 0},
		"used down to the mark":           {"xxxxxx", true, 6},
		"no marks here":                   {"x...xx", false, 6},
	} {
		require.Equal(t, c.want*4096, seen(c.pages).depth(c.marks), name)
	}
}

func TestGroups(t *testing.T) {
	thread := func(pages string) stack { s := seen(pages); s.kind = Thread; return s }
	looked := func(as content, used int64) stack {
		s := seen("xxxxxxxx")
		s.content, s.used = as, used
		return s
	}
	groups := grouped([]stack{
		seen("x...xx"), seen("x....x"), seen("x..xxx"), seen("xxxxxx"), // marked by their runtime
		thread("...x"), seen("...x"), // one of the two threads was running
		seen("..."), seen("..."), seen("..x"), // for signals
		looked(painted, 5000), looked(full, 32768), looked(unread, 0), looked(painted, 32000), looked(painted, 300),
	})
	require.Equal(t, []Group{
		{Size: 32768, Kind: Coroutine, Guard: 4096, Count: 5, Resident: Stat{32768, 32768}, Used: Stat{32768, 32000}, Full: 2, Painted: 3,
			Unread: 1},
		{Size: 24576, Kind: Coroutine, Guard: 4096, Count: 4, Resident: Stat{24576, 16384}, Used: Stat{24576, 12288}, Full: 1},
		{Size: 12288, Kind: Other, Guard: 4096, Count: 3, Resident: Stat{4096, 0}, Used: Stat{4096, 0}},
		{Size: 16384, Kind: Thread, Guard: 4096, Count: 2, Resident: Stat{4096, 4096}, Used: Stat{4096, 4096}},
	}, groups)

	of := func(runtime string, n int) Kind {
		s := seen("..xx")
		s.alike = alike(runtime)
		return kindOf(slices.Repeat([]stack{s}, n))
	}
	require.Equal(t, Coroutine, of("may 0.3.51", 1))
	require.Equal(t, Other, of("", 1), "a single mapping of an unknown runtime may be anything")
	require.Equal(t, Coroutine, of("", 2))
	require.Equal(t, Other, of("Java", 30), "what is no thread's is memory of the JVM's own")
	require.Equal(t, Other, of("tokio 1.40.0", 30))

	blind := seen("...x")
	blind.kind = Other
	require.Equal(t, Other, kindOf([]stack{seen("...x"), blind}), "what may not be known is not guessed")

	var many []stack
	for i := range 100 {
		many = append(many, seen(strings.Repeat("x", i+1)))
	}
	require.Len(t, grouped(many), maxGroups)
}

func TestRuntimeOfAProgram(t *testing.T) {
	far := strings.Repeat("\x00", 1<<20-20) // so that a path lies across two pieces
	for text, want := range map[string]string{
		"/registry/src/index-1/may-0.3.51/src/pool.rs":        "may 0.3.51",
		"/generator-0.8.12/src/rt.rs /may-0.3.51/src/pool.rs": "may 0.3.51",
		"/tokio-1.40.0/src/runtime/mod.rs":                    "tokio 1.40.0",
		far + "/registry/src/index-1/may-0.3.51/src/pool.rs":  "may 0.3.51",
		"/may-be/src/x /may-0.3/src/y":                        "",
		"/may-0.3.51-beta/src/":                               "",
		"":                                                    "",
		strings.Repeat("/may-", 1000) + "0.3.51/src/":         "may 0.3.51",
	} {
		require.Equal(t, want, crateOf(strings.NewReader(text)), "%.60q", text)
	}
}

func TestPaintIsAWordRepeated(t *testing.T) {
	require.Equal(t, 16, run(append(bytes.Repeat([]byte{1, 2, 3, 4, 5, 6, 7, 8}, 2), 1, 2, 3, 4, 5, 6, 7, 9), 0x0807060504030201))
	require.Equal(t, 0, run([]byte{1, 2, 3}, 0))
}

// Looks cost less than one per cent of a core, however long one takes.
func TestLooksAreCheap(t *testing.T) {
	for _, cpu := range []time.Duration{0, time.Microsecond, 10 * time.Millisecond, time.Second, time.Minute} {
		require.LessOrEqual(t, 100*cpu, Pause(cpu), "%s", cpu)
		require.GreaterOrEqual(t, Pause(cpu), shortest)
	}
}
