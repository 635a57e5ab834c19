package signals

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func write(t *testing.T, file *os.File, text string) {
	t.Helper()
	_, err := file.WriteString(text)
	require.NoError(t, err)
}

func newEvents() *Events { return NewEvents(Format{}, wants, nil) }

func TestOutputIsCopiedWithoutSecretsAndLeavesNothingElse(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "target.log")
	screen, events := NewScreen([]string{"hush-hush"}), newEvents()
	log, err := Output(path, screen, events)
	require.NoError(t, err)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "what the service writes to has no name")

	write(t, log.File(), `{"msg":"Request complete","header":"X: hush-hush"}`+"\n"+`{"msg":"ot`)
	log.Drain()
	require.EqualValues(t, 1, events.Tally().Lines, "half a line is none")
	require.Contains(t, string(log.Said()), `{"msg":"ot`, "but it was said")
	write(t, log.File(), `her"}`+"\nplain, and hush-hush without an end")
	require.NotContains(t, string(log.Said()), "hush-hush")
	require.NoError(t, log.Close())

	copied, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, `{"msg":"Request complete","header":"X: *********"}`+"\n"+`{"msg":"other"}`+"\nplain, and ********* without an end\n", string(copied))
	require.EqualValues(t, 3, events.Tally().Lines)
	require.EqualValues(t, 1, events.Tally().Odd)
	require.Equal(t, map[string]uint64{`the field header of log events "Request complete"`: 1, "a log line": 1}, places(screen))
}

func TestLongLinesAreCopiedAndCountedAsLost(t *testing.T) {
	path := filepath.Join(t.TempDir(), "target.log")
	events := newEvents()
	log, err := Output(path, NewScreen(nil), events)
	require.NoError(t, err)
	text := `{"msg":"a"}` + "\n" + strings.Repeat("x", 5*maxLine) + "\n" + `{"msg":"a"}` + "\n"
	write(t, log.File(), text)
	require.NoError(t, log.Close())
	copied, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, text, string(copied))
	require.EqualValues(t, 2, events.Tally().Lines)
	require.Equal(t, map[string]uint64{TooLong: 1}, events.Tally().Lost)
}

func TestAFileIsFollowedFromItsEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	require.NoError(t, os.WriteFile(path, []byte(`{"msg":"before"}`+"\n"), 0o644))
	events := newEvents()
	log, err := Follow([]string{path}, NewScreen(nil), events)
	require.NoError(t, err)
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	write(t, file, `{"msg":"a"}`+"\n")
	log.Drain()
	require.EqualValues(t, 1, events.Tally().Lines)

	// It is moved away, written to once more, and another takes its place: nothing is lost.
	require.NoError(t, os.Rename(path, path+".1"))
	log.Drain()
	write(t, file, `{"msg":"a"}`+"\n"+`{"msg":"a"}`)
	require.NoError(t, os.WriteFile(path, []byte(`{"msg":"a"}`+"\n"), 0o644))
	log.Drain()
	require.EqualValues(t, 4, events.Tally().Lines)
	require.Empty(t, events.Tally().Lost)

	// It is cut: what stood there and was not read is lost, nobody knows how much.
	require.NoError(t, os.WriteFile(path, []byte("{}\n"), 0o644))
	log.Drain()
	require.Equal(t, map[string]uint64{Truncated: 1}, events.Tally().Lost)
	require.EqualValues(t, 5, events.Tally().Lines)
	require.NoError(t, log.Close())
	require.NoError(t, file.Close())
}

func TestAFileThatIsNotThereYetIsReadFromItsBeginning(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.log")
	events := newEvents()
	log, err := Follow([]string{path}, NewScreen(nil), events)
	require.NoError(t, err)
	log.Drain()
	require.True(t, log.Absent())
	require.NoError(t, os.WriteFile(path, []byte(`{"msg":"a"}`+"\n"), 0o644))
	log.Drain()
	require.False(t, log.Absent())
	require.EqualValues(t, 1, events.Tally().Lines)
	require.NoError(t, log.Close())
	_, err = Follow([]string{filepath.Join(path, "below")}, NewScreen(nil), events)
	require.Error(t, err, "a path that cannot be")
}

// A log is looked for in one place after the other. An old file at a later one, to which nothing is
// written, is not taken for it.
func TestTheFirstFileThatIsThereIsFollowed(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first.log"), filepath.Join(dir, "second.log")
	require.NoError(t, os.WriteFile(second, []byte(`{"msg":"old"}`+"\n"), 0o644))
	events := newEvents()
	log, err := Follow([]string{first, second}, NewScreen(nil), events)
	require.NoError(t, err)
	log.Drain()
	require.True(t, log.Absent())
	file, err := os.OpenFile(second, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	write(t, file, `{"msg":"a"}`+"\n")
	log.Drain()
	require.False(t, log.Absent())
	require.NoError(t, os.WriteFile(first, []byte(`{"msg":"b"}`+"\n"), 0o644))
	require.NoError(t, log.Close())
	got := counted(events.Tally().Counts)
	require.EqualValues(t, 1, got["event=a"])
	require.EqualValues(t, 1, got["event=b"])
	require.EqualValues(t, 2, events.Tally().Lines)
}

// BenchmarkLog is what a log line costs from the file to the counts, with the secrets of a scenario
// looked for and the copy written.
func BenchmarkLog(b *testing.B) {
	const batch = 1000
	line := `{"time":"2026-11-25T03:41:29.25013673Z","level":"INFO","msg":"Request complete","request_id":"a1b2c3d4-1f","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736",` +
		`"method":"GET","path":"/pets/1","handler_name":"get_pet","status":200,"duration_us":431,"request_bytes":0,"response_bytes":57}` + "\n"
	for name, format := range map[string]Format{"JSON": {}, "logfmt": {Kind: "logfmt"}} {
		b.Run(name, func(b *testing.B) {
			text := line
			if name == "logfmt" {
				text = `time=2026-11-25T03:41:29.25013673Z level=INFO msg="Request complete" request_id=a1b2c3d4-1f trace_id=4bf92f3577b34da6a3ce929d0e0e4736 ` +
					`method=GET path=/pets/1 handler_name=get_pet status=200 duration_us=431 request_bytes=0 response_bytes=57` + "\n"
			}
			screen := NewScreen([]string{"test-key", "not-the-key", "another-secret-token", "hunter22"})
			events := NewEvents(format, wants, nil)
			log, err := Output(filepath.Join(b.TempDir(), "target.log"), screen, events)
			if err != nil {
				b.Fatal(err)
			}
			many := strings.Repeat(text, batch)
			b.ReportAllocs()
			b.SetBytes(int64(len(many)))
			for b.Loop() {
				if _, err := log.File().WriteString(many); err != nil {
					b.Fatal(err)
				}
				log.Drain()
			}
			b.ReportMetric(batch*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
			if got, want := events.Tally().Lines, uint64(b.N*batch); got < want || events.Tally().Odd > 0 {
				b.Fatalf("%d lines were counted, want %d", got, want)
			}
			if err := log.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func TestNothingIsAllocatedForALineOfAKnownKind(t *testing.T) {
	events := newEvents()
	line := []byte(`{"level":"INFO","msg":"Request complete","handler_name":"a","status":200,"took":1.5,"path":"/","ok":true}`)
	require.Zero(t, testing.AllocsPerRun(1000, func() { events.Take(line) }))
	require.Len(t, events.Events(), 1)
	require.Len(t, events.Tally().Counts, 2, fmt.Sprint(events.Tally().Counts))
}
