package record

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/scrape"
)

// What an endpoint lags by is learnt from scrapes while hits are answered: from one that finds
// counters moved to the next.
func TestLag(t *testing.T) {
	type seen struct {
		at          float64
		moved, busy bool
	}
	for name, row := range map[string]struct {
		scrapes     []seen
		most, least float64
	}{
		"counters that follow at once": {[]seen{{0, false, false}, {0.25, true, true}, {0.5, true, true}}, 0.25, 0},
		"rebuilt every second": {[]seen{{0, false, false}, {0.25, false, true}, {0.5, false, true}, {0.75, false, true}, {1, true, true},
			{1.25, false, true}, {1.5, false, true}, {1.75, false, true}, {2, true, true}}, 1, 0.75},
		"one that missed a hit": {[]seen{{0, false, false}, {0.25, false, true}, {0.5, true, true}}, 0.5, 0},
		"nothing to count":      {[]seen{{0, false, false}, {0.25, false, false}, {3, false, false}, {3.25, true, true}}, 0.25, 0},
		"nothing moved at all":  {[]seen{{0, false, false}, {1, false, true}, {2, false, true}, {3, false, true}}, 3, 3},
	} {
		t.Run(name, func(t *testing.T) {
			var l lag
			for _, s := range row.scrapes {
				l.take(scrape.Reading{Sent: time.Unix(100, 0).Add(time.Duration(s.at * float64(time.Second))), Moved: s.moved}, s.busy)
			}
			require.Equal(t, row.most, l.most.Seconds())
			require.Equal(t, row.least, l.least.Seconds())
		})
	}
}

// Processes of which a connection was seen are not looked for again; a single one never is.
func TestWhichProcessesAreLookedFor(t *testing.T) {
	c := &Client{answerers: Answerers{1: true, 2: false, 3: false}}
	require.ElementsMatch(t, []int{2, 3}, c.Unused())
	c.Use([]int{3})
	require.Equal(t, []int{2}, c.Unused())
	c.answerers = Answerers{1: false}
	require.Empty(t, c.Unused())
}

// A process that a supervisor started in place of another one does not answer beside it.
func TestWhoAnswersAfterARestart(t *testing.T) {
	for name, row := range map[string]struct{ before, found, want Answerers }{
		"the first look":         {nil, Answerers{1: false}, Answerers{1: false}},
		"the same":               {Answerers{1: true}, Answerers{1: false}, Answerers{1: true}},
		"another in its place":   {Answerers{1: true}, Answerers{2: true}, Answerers{2: true}},
		"none any more":          {Answerers{1: true}, Answerers{}, Answerers{1: true}},
		"one more":               {Answerers{1: true}, Answerers{1: false, 2: false}, Answerers{1: true, 2: false}},
		"a worker was exchanged": {Answerers{1: true, 2: true}, Answerers{1: false, 3: false}, Answerers{1: true, 3: false}},
		"one of two is left":     {Answerers{1: true, 2: true}, Answerers{1: false}, Answerers{1: true, 2: true}},
	} {
		require.Equal(t, row.want, row.before.after(row.found), name)
	}
}
