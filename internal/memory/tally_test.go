package memory

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Of many sites the largest are listed, a small leak among them, and the rest is summed.
func TestManySites(t *testing.T) {
	all := newTallies()
	for n := range 100 {
		f, bytes := all.at(place{function: fmt.Sprintf("f%02d", n), file: "f.c", line: n}), int64(1000*(n+1))
		all.add(f, tally{10, bytes, 10, bytes})
		all.add(f, tally{0, 0, -10, -bytes})
	}
	all.add(all.at(place{function: "leak", file: "f.c"}), tally{1, 8, 1, 8})
	all.add(all.at(place{function: "often", file: "f.c"}), tally{500, 500, 0, 0})
	all.keep(time.Second)
	p := all.profile(Heaptrack)
	requireSound(t, p)
	require.Len(t, p.Sites, MaxSites+1)
	require.Equal(t, "f99", p.Sites[0].Function)
	require.Equal(t, Other, p.Sites[MaxSites].Function)
	require.Equal(t, []Point{{time.Second, 1, 8, 1, 8}}, siteNamed(t, p, "leak").Points)
	require.Equal(t, []Point{{time.Second, 500, 500, 0, 0}}, siteNamed(t, p, "often").Points)
}

// The lines of a function are one site, at the line of the most bytes; functions of one name in two
// files are two.
func TestSitesOfOneName(t *testing.T) {
	all := newTallies()
	all.add(all.at(place{function: "f", file: "/a/b/f.c", line: 1}), tally{1, 10, 0, 0})
	all.add(all.at(place{function: "f", file: "/a/b/f.c", line: 2}), tally{1, 30, 0, 0})
	all.add(all.at(place{function: "f", file: "/a/c/f.c", line: 3}), tally{1, 20, 0, 0})
	all.add(all.at(place{function: "other", file: "/a/c/f.c", line: 4}), tally{1, 5, 0, 0})
	all.keep(0)
	p := all.profile(Heaptrack)
	requireSound(t, p)
	require.Equal(t, []string{"f (b/f.c)", "f (c/f.c)", "other (c/f.c)"}, functions(p))
	require.Equal(t, "/a/b/f.c:2", p.Sites[0].Place)
	require.EqualValues(t, 40, p.Sites[0].Points[0].Bytes)
}

// However long a process runs, its points are few, evenly apart, and true.
func TestPointsAreBounded(t *testing.T) {
	all := newTallies()
	one, two := all.at(place{function: "f"}), all.at(place{function: "g"})
	const moments = 100_000
	for n := 1; n <= moments; n++ {
		all.add(one, tally{1, 10, 1, 10})
		if n%2 == 0 {
			all.add(two, tally{1, 1, 0, 0})
		}
		all.note(time.Duration(n) * 10 * time.Millisecond)
	}
	all.keep(moments * 10 * time.Millisecond)
	p := all.profile(Heaptrack)
	requireSound(t, p)
	require.Greater(t, len(p.Total), maxMoments/3)
	widest := time.Duration(0)
	for i, now := range p.Total {
		n := int64(now.At / (10 * time.Millisecond))
		require.Equal(t, Point{now.At, n, 10 * n, n, 10 * n}, siteNamed(t, p, "f").Points[i])
		require.Equal(t, Point{now.At, n / 2, n / 2, 0, 0}, siteNamed(t, p, "g").Points[i])
		if i > 0 {
			widest = max(widest, now.At-p.Total[i-1].At)
		}
	}
	require.Less(t, widest, 4*moments*10*time.Millisecond/maxMoments)
	require.EqualValues(t, 10*moments, p.Peak)
	require.Equal(t, moments*10*time.Millisecond, p.Total[len(p.Total)-1].At)
}
