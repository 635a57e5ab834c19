package run

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/assertions/packs"
	"brrtload/internal/record"
	"brrtload/internal/stacks"
	"brrtload/internal/suite"
)

func TestNotesOfStacks(t *testing.T) {
	pack, err := packs.Read("stack-observed")
	require.NoError(t, err)
	others, err := packs.Read("client")
	require.NoError(t, err)
	fine := stacks.Group{Size: 256 << 10, Kind: stacks.Coroutine, Count: 1000, Used: stacks.Stat{Max: 164 << 10}}
	full, painted, unread, thread := fine, fine, fine, fine
	full.Used.Max, full.Full, full.Count = 256<<10, 1, 1
	painted.Painted = 7
	unread.Unread = 3
	thread.Kind = stacks.Thread
	seen := func(g stacks.Group) *record.Observer {
		return &record.Observer{Sample: stacks.Sample{Runtime: "may 0.3.51", Groups: []stacks.Group{g}}}
	}
	for name, c := range map[string]struct {
		observer   *record.Observer
		list       []assertions.Assertion
		unanswered uint64
		want       string
	}{
		"nobody asks":      {nil, others, 0, ""},
		"no process":       {nil, pack, 0, "no process of the target is known"},
		"may not be read":  {&record.Observer{Failed: errors.New("denied")}, pack, 0, "stacks: denied"},
		"the same unasked": {&record.Observer{Failed: errors.New("denied")}, others, 0, ""},
		"no stacks":        {&record.Observer{}, pack, 0, "no mapping of the target has a guard below it"},
		"used":             {seen(fine), others, 0, "1000 coroutine stacks (may 0.3.51) of 256 KiB, at most 164 KiB used, 64.1 %"},
		"painted":          {seen(painted), others, 0, "; painted, and so wholly resident: 7"},
		"full":             {seen(full), others, 0, "1 of 1 coroutine stacks of 256 KiB were used to their last page: the next call overflows"},
		"full and hung":    {seen(full), others, 4, "overflows; 4 hits had no answer, and a coroutine that has overflowed gives none"},
		"unread":           {seen(unread), pack, 0, "3 coroutine stacks of 256 KiB are wholly resident, and their content may not be read"},
		"threads":          {seen(thread), others, 0, ""},
	} {
		r := &runner{client: &record.Client{Stacks: c.observer}}
		r.Suite = &suite.Suite{Assertions: c.list}
		r.noteStacks(c.unanswered)
		notes := strings.Join(r.report.Notes, "\n")
		if c.want == "" {
			require.Empty(t, notes, name)
		}
		require.Contains(t, notes, c.want, name)
	}
}
