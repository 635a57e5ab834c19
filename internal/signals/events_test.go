package signals

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
)

var wants = map[string]assertions.EventWants{
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
				"event=Request complete":                                 0, // known to be looked for before the first comes
				"event=Request complete level=INFO handler=a status=200": 2,
				"event=Request complete level=INFO handler=b status=404": 1,
				"event=other level=WARN":                                 1,
			}, counted(tally.Counts))
			require.EqualValues(t, 4, tally.Lines)
			require.Zero(t, tally.Odd)
			shapes := map[uint64][]map[string]string{}
			total := uint64(0)
			for _, s := range e.Events() {
				require.Equal(t, assertions.FromLog, s.Source)
				require.Equal(t, "Request complete", s.Name)
				require.Equal(t, "INFO", s.Fields[assertions.LevelField])
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

func TestLinesThatFitNoFormatAreCountedAndPlaced(t *testing.T) {
	tally := taken(Format{}, nil, "{\"msg\":\"a\"}\nnot JSON, hush\n{\"msg\":\"a\",}\n[1]\n{\"level\":\"INFO\"}\n\n").Tally()
	require.EqualValues(t, 5, tally.Lines, "an empty line is none")
	require.EqualValues(t, 4, tally.Odd)
	require.Equal(t, []string{
		"line 2, byte 2: not JSON: invalid character", "line 3, byte 12: not JSON: invalid character", "line 4, byte 1: no JSON object",
	}, tally.Samples, "the place, and nothing of the text")
	tally = taken(Format{Kind: "logfmt"}, nil, "msg=a\nmsg=\"a\nlevel=INFO\n").Tally()
	require.EqualValues(t, 2, tally.Odd)
	require.Equal(t, []string{"line 2, byte 7: not logfmt", "line 3, byte 1: no field names the event"}, tally.Samples)
	tally = taken(Format{Patterns: []Pattern{{"a", regexp.MustCompile("a")}}}, nil, "a\nb\n").Tally()
	require.Equal(t, []string{"line 2, byte 1: no pattern matches"}, tally.Samples)
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

	e = NewEvents(Format{}, map[string]assertions.EventWants{"a": {Fields: []string{"x"}}}, nil)
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
			for _, sample := range tally.Samples {
				require.Regexp(t, `^line \d+, byte \d+: `, sample)
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
