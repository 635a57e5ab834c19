package memory

import (
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// seed is the content of a file of testdata, decompressed.
func seed(f *testing.F, path string) string {
	r, err := open(path)
	require.NoError(f, err)
	defer r.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(r)
	require.NoError(f, err)
	return string(text)
}

func FuzzHeaptrack(f *testing.F) {
	for _, name := range []string{"service", "stripped", "names-cc"} {
		f.Add(seed(f, "testdata/"+name+"/heaptrack.1.zst"))
	}
	f.Add(heaptrackHead + "+ 0\nc 5\n- 0\nc 9\nR 1\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, _, err := readHeaptrack("heaptrack.1", strings.NewReader(text))
		if err != nil {
			require.Regexp(t, `^heaptrack\.1(:\d+)?: `, err.Error())
			return
		}
		requireSound(t, file.profile(Heaptrack))
	})
}

func FuzzDHAT(f *testing.F) {
	for _, name := range []string{"service", "stripped", "names-cc"} {
		f.Add(seed(f, "testdata/"+name+"/dhat.1"))
	}
	f.Fuzz(func(t *testing.T, text string) {
		tallies := newTallies()
		file, err := readDHAT("dhat.1", strings.NewReader(text), tallies)
		if err != nil {
			require.Regexp(t, `^dhat\.1(:\d+)?: `, err.Error())
			return
		}
		tallies.keep(file.end())
		requireSound(t, tallies.profile(DHAT))
	})
}

func FuzzMassif(f *testing.F) {
	f.Add(massifHead + "n2: 100 x\n n1: 60 0x1: std::f (f.c:1)\n  n0: 60 0x2: g (in /x)\n n0: 40 in 3 places, all below\n")
	short, _, _ := strings.Cut(seed(f, "testdata/names-cc/massif.1.gz"), "snapshot=20\n")
	f.Add(short)
	f.Fuzz(func(t *testing.T, text string) {
		file, _, err := readMassif("massif.1", strings.NewReader(text))
		if err != nil {
			require.Regexp(t, `^massif\.1:\d+: `, err.Error())
			return
		}
		p := file.profile(Massif)
		onlyLive(p.Total)
		for _, s := range p.Sites {
			onlyLive(s.Points)
		}
		requireSound(t, p)
	})
}

func FuzzNames(f *testing.F) {
	for _, name := range []string{"_RNvNtCslNYArtu3iFV_5alloc5alloc5alloc", "_ZN4shop4takeEv", "operator new(unsigned long)",
		"_$LT$T$u20$as$u20$core..fmt..Debug$GT$::fmt::h0123456789abcdef", "<&mut T as core::fmt::Debug>::fmt",
		"0x1234: f (in /x)", "0x1234: ??? (f.c:12:3)", "std::vector<int>* f<int>(int)"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		require.True(t, utf8.ValidString(inert(readable(name))))
		require.LessOrEqual(t, len(inertPath(name)), maxText)
		p := site([]frame{valgrindFrame(name), {function: name, module: name}})
		require.NotEmpty(t, p.function+"x")
	})
}
