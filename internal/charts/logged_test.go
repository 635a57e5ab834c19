package charts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/reports"
)

func TestLoggedKeepsWhatAsksForAttention(t *testing.T) {
	dir := t.TempDir()
	long := strings.Repeat("x", 2*maxLogLine)
	text := `{"time":"2026-11-23T12:00:01.5Z","level":"WARN","msg":"slow"}
{"time":"2026-11-23T12:00:02Z","level":"INFO","msg":"no error here"}
{"time":"2026-11-23T12:00:03Z","level":"WARN","msg":"slow"}
{"time":"2026-11-23T12:00:04Z","level":"INFO","msg":"Request complete","n":1}
{"time":"2026-11-23T12:00:05Z","level":"INFO","msg":"Request complete","n":2}
2026-11-23 12:00:06 ERROR connection 17 lost
2026-11-23 12:00:07 ERROR connection 18 lost
panic: ` + long + `
all is well
`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "target.log"), []byte(text), 0o644))
	asks := assertions.Check{Heading: assertions.Heading{Query: `sum(increase(brrtload_log_events_total{event="Request complete"}[range()]))`}, Verdict: assertions.Untruthful}
	held := asks
	held.Verdict = assertions.Pass
	names := func(list []reports.Logged) (all []string) {
		for _, l := range list {
			all = append(all, l.Level+" "+clip(l.Event)[:min(8, len(l.Event))])
		}
		return all
	}
	got := Logged(dir, began, []assertions.Check{asks})
	require.Equal(t, []string{"ERROR 0-0-0 0:", "panic panic: x", "WARN slow", "INFO Request "}, names(got))
	require.Equal(t, []int{2, 1, 2, 2}, []int{got[0].Count, got[1].Count, got[2].Count, got[3].Count})
	require.Equal(t, 1.5, *got[2].At)
	require.Nil(t, got[0].At, "a line without a time that can be read")
	require.Equal(t, `2026-11-23 12:00:06 ERROR connection 17 lost`, got[0].Text)
	require.LessOrEqual(t, len(got[1].Text), maxText+len("…"))
	require.Equal(t, []string{"ERROR 0-0-0 0:", "panic panic: x", "WARN slow"}, names(Logged(dir, began, []assertions.Check{held})))
	require.Nil(t, Logged(t.TempDir(), began, nil), "no log was kept")
}

func TestLoggedIsBounded(t *testing.T) {
	dir := t.TempDir()
	var text strings.Builder
	for i := range 2000 {
		text.WriteString("ERROR " + strings.Repeat("a", 1+i%400) + "\n")
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "target.log"), []byte(text.String()), 0o644))
	require.Len(t, Logged(dir, began, nil), maxLogged)
}
