package signals

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/facts"
)

var wants = map[string]facts.EventWants{
	"Request complete": {Labels: map[string]string{"handler": "handler_name", "status": "status"}, Fields: []string{"status", "took", "path", "ok"}},
}

// counted writes counts as a map from labels to numbers.
func counted(counts []Count) map[string]uint64 {
	out := map[string]uint64{}
	for _, c := range counts {
		var pairs []string
		for i := 0; i < len(c.Labels); i += 2 {
			pairs = append(pairs, c.Labels[i]+"="+c.Labels[i+1])
		}
		out[strings.Join(pairs, " ")] = c.N
	}
	return out
}

func taken(f Format, common map[string]string, text string) *Events {
	e := NewEvents(f, wants, common)
	for line := range strings.Lines(text) {
		e.Take([]byte(strings.TrimSuffix(line, "\n")))
	}
	return e
}

func TestLogEventsAreCountedAndReducedToShapes(t *testing.T) {
	for name, row := range map[string]struct {
		format Format
		text   string
		// typed tells that the format knows text from numbers.
		typed bool
	}{
		"JSON": {Format{}, `{"level":"INFO","msg":"Request complete","handler_name":"a","status":200,"took":1.5,"path":"/","ok":true}
{"level":"INFO","msg":"Request complete","handler_name":"a","status":200,"took":2,"path":"/x","ok":false}
{"level":"INFO","msg":"Request complete","handler_name":"b","status":404,"took":null,"path":""}
{"level":"WARN","msg":"other","status":1}
`, true},
		"logfmt": {Format{Kind: "logfmt"}, `level=INFO msg="Request complete" handler_name=a status=200 took=1.5 path=/ ok=true
level=INFO msg="Request complete" handler_name=a status=200 took=2 path=/x ok=false
level=INFO msg="Request complete" handler_name=b status=404 took=- path=""
level=WARN msg=other status=1
`, false},
		"patterns": {Format{Patterns: []Pattern{
			{"Request complete", regexp.MustCompile(`^(?P<level>\w+) done (?P<handler_name>\w+) (?P<status>\d+) (?P<took>\S+) "(?P<path>.*?)"(?: (?P<ok>\w+))?$`)},
			{"other", regexp.MustCompile(`^(?P<level>\w+) other`)},
		}}, `INFO done a 200 1.5 "/" true
INFO done a 200 2 "/x" false
INFO done b 404 - ""
WARN other
`, false},
	} {
		t.Run(name, func(t *testing.T) {
			e := taken(row.format, nil, row.text)
			tally := e.Tally()
			require.Equal(t, map[string]uint64{
				// known to be looked for before the first comes
				"event=Request complete":                                 0,
				"event=Request complete level=INFO handler=a status=200": 2,
				"event=Request complete level=INFO handler=b status=404": 1,
				"event=other level=WARN":                                 1,
			}, counted(tally.Counts))
			require.EqualValues(t, 4, tally.Lines)
			require.Zero(t, tally.Odd)
			shapes := map[uint64][]map[string]string{}
			total := uint64(0)
			for _, s := range e.Events() {
				require.Equal(t, facts.FromLog, s.Source)
				require.Equal(t, "Request complete", s.Name)
				require.Equal(t, "INFO", s.Fields[facts.LevelField])
				shapes[s.Count] = append(shapes[s.Count], s.Fields)
				total += s.Count
			}
			require.EqualValues(t, 3, total)
			all := fmt.Sprint(shapes)
			if row.typed {
				require.Contains(t, all, "took:null")
				require.Contains(t, all, "status:integer number took")
				require.Contains(t, all, "path:text")
			} else {
				require.Contains(t, all, "status:text integer number", "a value without a type fits all that it can be read as")
				require.Contains(t, all, "took:text]")
			}
		})
	}
}

func TestLinesThatFitNoFormatAreCountedByTheReason(t *testing.T) {
	reasons := func(f Format, text string) []Reason {
		tally := taken(f, nil, text).Tally()
		total := uint64(0)
		for _, r := range tally.Reasons {
			total += r.Lines
		}
		require.Equal(t, tally.Odd, total)
		return tally.Reasons
	}
	text := "{\"msg\":\"a\"}\n\nnot JSON, hush\n{\"msg\":\"a\",}\n[1]\n" + strings.Repeat("{\"level\":\"INFO\"}\n", 9)
	require.EqualValues(t, 13, taken(Format{}, nil, text).Tally().Lines, "an empty line is none, and has a number")
	require.Equal(t, []Reason{
		{"JSON without the field msg or message or fields.message", 9, 6, 1}, {"not JSON: invalid character", 2, 3, 2}, {"JSON, but not an object", 1, 5, 1},
	}, reasons(Format{}, text), "the most frequent first; the place, and nothing of the text")
	require.Equal(t, []Reason{{"JSON without the field fields.event", 1, 1, 1}}, reasons(Format{Event: "fields.event"}, `{"fields":{"message":"a"}}`))
	require.Equal(t, []Reason{{"not logfmt", 1, 2, 7}, {"logfmt without the field msg or message or fields.message", 1, 3, 1}},
		reasons(Format{Kind: "logfmt"}, "msg=a\nmsg=\"a\nlevel=INFO\n"))
	require.Equal(t, []Reason{{"no pattern matches", 1, 2, 1}}, reasons(Format{Patterns: []Pattern{{"a", regexp.MustCompile("a")}}}, "a\nb\n"))
	require.Equal(t, "9 lines: no pattern matches (first line 6, byte 1)", Reason{"no pattern matches", 9, 6, 1}.String())
}

// A line may have objects within each other, as those of Rust's tracing do; a name with dots in it
// is one name.
func TestFieldsWithinFields(t *testing.T) {
	const line = `{"timestamp":"2026-01-01T00:00:00Z","level":"INFO","target":"svc::http","fields":{"message":"served","http.status":200,"ms":1.5},"span":{"name":"request"}}` + "\n"
	for name, f := range map[string]Format{"as named": {Event: "fields.message"}, "by itself": {}} {
		wants := map[string]facts.EventWants{"served": {
			Labels: map[string]string{"status": "fields.http.status", "in": "span.name"}, Fields: []string{"fields.ms", "fields.none", "span"},
		}}
		e := NewEvents(f, wants, map[string]string{"from": "target"})
		e.Take([]byte(strings.TrimSpace(line)))
		e.Take([]byte(`{"level":"INFO","fields.message":"dots"}`))
		got := counted(e.Tally().Counts)
		require.EqualValues(t, 1, got["event=served level=INFO from=svc::http in=request status=200"], "%s: %v", name, got)
		require.EqualValues(t, 1, got["event=dots level=INFO"])
		shapes := e.Events()
		require.Equal(t, map[string]string{"fields.ms": "number", "span": "structured", facts.LevelField: "INFO"}, shapes[0].Fields, name)
	}
	e := NewEvents(Format{}, nil, nil)
	screen := NewScreen([]string{"hush-hush"})
	require.Equal(t, `the field fields.headers.1 of log events "served"`,
		e.place(screen, []byte(`{"fields":{"message":"served","headers":["a","key hush-hush"]}}`)))
}

func TestOtherNamesOfTheFields(t *testing.T) {
	e := taken(Format{Event: "message", Level: "severity"}, map[string]string{"who": "user"}, `{"message":"Request complete","severity":"info","user":"ann","status":1}`+"\n"+`{"message":"x","user":"bob"}`)
	require.Equal(t, map[string]uint64{"event=Request complete": 0, "event=Request complete level=info status=1 who=ann": 1, "event=x who=bob": 1}, counted(e.Tally().Counts))
}

func TestCardinalityIsBounded(t *testing.T) {
	e := NewEvents(Format{}, nil, map[string]string{"user": "user"})
	for n := range 3 * maxCounts {
		e.Take(fmt.Appendf(nil, `{"msg":"a","user":"u%d"}`, n))
	}
	tally := e.Tally()
	require.Len(t, tally.Counts, maxCounts+1)
	require.EqualValues(t, 2*maxCounts, counted(tally.Counts)["event=_other"])
	require.EqualValues(t, 2*maxCounts, tally.Lost[TooMany], "what is counted without its labels makes identities doubtful")

	e = NewEvents(Format{}, map[string]facts.EventWants{"a": {Fields: []string{"x"}}}, nil)
	for n := range 2 * maxShapes {
		e.Take(fmt.Appendf(nil, `{"msg":"a","level":"l%d"}`, n))
	}
	require.Len(t, e.Events(), maxShapes)
	require.EqualValues(t, maxShapes, e.Tally().Lost[TooVarious])
}

func TestHostileLabelValues(t *testing.T) {
	e := NewEvents(Format{}, nil, map[string]string{"user": "user"})
	e.Take([]byte("{\"msg\":\"a\",\"user\":\"\xff\xfe\"}"))
	e.Take([]byte(`{"msg":"a","user":"` + strings.Repeat("é", maxText) + `"}`))
	for labels := range counted(e.Tally().Counts) {
		require.True(t, strings.ToValidUTF8(labels, "") == labels)
		require.Less(t, len(labels), maxText+40)
	}
}

func FuzzEvents(f *testing.F) {
	for _, line := range []string{`{"msg":"Request complete","status":200}`, `msg="a b" status=200`, "GET / 200", `{"msg":{"a":[1,{"b":null}]}}`, "{", `"`, "\xff",
		`{"msg":"Request complete","msg":"x","status":1e400,"took":-,"path":"\ud800"}`} {
		f.Add([]byte(line))
	}
	formats := []Format{{}, {Kind: "logfmt"}, {Patterns: []Pattern{{"Request complete", regexp.MustCompile(`(?P<method>[A-Z]+) (?P<path>\S+) (?P<status>\d*)`)}}}}
	screen := NewScreen([]string{"hush"})
	f.Fuzz(func(t *testing.T, line []byte) {
		for _, format := range formats {
			e := NewEvents(format, wants, map[string]string{"path": "path"})
			for range 2 {
				e.Take(line)
			}
			tally := e.Tally()
			total := tally.Odd
			for _, c := range tally.Counts {
				total += c.N
				for _, text := range c.Labels {
					require.True(t, strings.ToValidUTF8(text, "") == text)
					require.LessOrEqual(t, len(text), maxText+len("…"))
				}
			}
			require.Equal(t, tally.Lines, total, "every line is an event or fits no format")
			for _, reason := range tally.Reasons {
				require.EqualValues(t, 2, reason.Lines)
				require.GreaterOrEqual(t, reason.Byte, int64(0))
			}
			for _, s := range e.Events() {
				require.EqualValues(t, 2, s.Count)
			}
			e.place(screen, line)
		}
	})
}

func TestSecretsLeaveTheGroupsOfPatternsWhereTheyAre(t *testing.T) {
	format := Format{Patterns: []Pattern{{"done", regexp.MustCompile(`^(\d+) (?P<method>[A-Z]+) (?P<path>\S+) (?P<status>\d+)$`)}}}
	line := []byte("7 GET /a?key=hush-hush 200")
	p := format.parser()
	require.NoError(t, p.parse(line))
	for range 2 { // asking for the names changes nothing
		require.Equal(t, []string{"method", "path", "status"}, p.fields())
		status, _ := p.get("status")
		require.Equal(t, "200", string(status))
	}
}
