package diag

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type stage struct {
	At       Position      `yaml:",position"`
	Rate     float64       `yaml:"rate,required"`
	Duration time.Duration `yaml:"duration"`
	Note     Text          `yaml:"note"`
}

type document struct {
	Name   string            `yaml:"name"`
	Stages []stage           `yaml:"stages"`
	Labels map[string]string `yaml:"labels"`
	Open   bool              `yaml:"open"`
	Count  uint8             `yaml:"count"`
}

func decode(t *testing.T, text string) (document, error) {
	t.Helper()
	var d document
	err := Decode(&Source{Name: "a.yaml", Text: []byte(text)}, &d)
	return d, err
}

func TestDecodeReadsEveryKindOfField(t *testing.T) {
	d, err := decode(t, "name: x\nopen: true\ncount: 0x10\nlabels: {a: b}\nstages:\n  - {rate: 2.5, duration: 1m30s}\n")
	require.NoError(t, err)
	require.Equal(t, "x", d.Name)
	require.True(t, d.Open)
	require.Equal(t, uint8(16), d.Count)
	require.Equal(t, map[string]string{"a": "b"}, d.Labels)
	require.Equal(t, 90*time.Second, d.Stages[0].Duration)
	require.Equal(t, Position{"a.yaml", 6, 5}, d.Stages[0].At)
}

func TestDecodeReportsEverythingAtOnce(t *testing.T) {
	_, err := decode(t, strings.TrimLeft(`
nme: x
open: perhaps
count: 300
stages:
  - durration: 3s
  - rate: fast
    rate: 3
labels: [a]
`, "\n"))
	require.Equal(t, strings.TrimSpace(`
a.yaml:1:1: unknown field "nme"; did you mean "name"?
  1 | nme: x
    | ^^^
a.yaml:2:7: want true or false, got "perhaps"
  2 | open: perhaps
    |       ^^^^^^^
a.yaml:3:8: want a whole number, 0 or more, got "300"
  3 | count: 300
    |        ^^^
a.yaml:5:5: unknown field "durration"; did you mean "duration"?
  5 |   - durration: 3s
    |     ^^^^^^^^^
a.yaml:5:5: missing field "rate"
  5 |   - durration: 3s
    |     ^
a.yaml:6:11: want a number, got "fast"
  6 |   - rate: fast
    |           ^^^^
a.yaml:7:5: "rate" is given twice
  7 |     rate: 3
    |     ^^^^
a.yaml:8:9: want a mapping, got a list
  8 | labels: [a]
    |         ^
`), err.Error())
}

func TestDecodeOfWhatIsNotOneDocument(t *testing.T) {
	for name, row := range map[string]struct{ text, want string }{
		"empty is fine":     {"", ""},
		"a tab for indent":  {"name: x\nstages:\n\t- rate: 1\n", "a.yaml:3:"},
		"two documents":     {"name: x\n---\nname: y\n", "a second document"},
		"an unclosed quote": {"name: \"x\n", "a.yaml:"},
		"a bare word":       {"hello\n", "want a mapping, got a value"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decode(t, row.text)
			if row.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, row.want)
		})
	}
}

func TestTextPlacesMistakesInsideIt(t *testing.T) {
	for name, row := range map[string]struct {
		text         string
		line, column int
	}{
		"plain":                  {"stages: [{rate: 1, note: a b c}]", 1, 28},
		"quoted":                 {"stages: [{rate: 1, note: 'a b c'}]", 1, 29},
		"literal block":          {"stages:\n  - rate: 1\n    note: |\n      a b c\n", 4, 9},
		"folded block":           {"stages:\n  - rate: 1\n    note: >-\n\n      a\n      b\n      c\n", 6, 7},
		"folded, indented more":  {"stages:\n  - rate: 1\n    note: >\n      a\n       b c\n", 5, 8},
		"folded, a blank line":   {"stages:\n  - rate: 1\n    note: >\n      a\n\n      b c\n", 6, 7},
		"plain on several lines": {"stages:\n  - rate: 1\n    note: a\n     b\n     c\n", 4, 6},
		"an escape before":       {`stages: [{rate: 1, note: "\" b c"}]`, 1, 30},
		"a doubled quote before": {`stages: [{rate: 1, note: ''' b c'}]`, 1, 30},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := decode(t, row.text)
			require.NoError(t, err)
			found := d.Stages[0].Note.ErrorAt(strings.Index(d.Stages[0].Note.Value, "b"), 1, "not b")
			require.Equal(t, Position{"a.yaml", row.line, row.column}, found.Position)
		})
	}
}

func TestHostileDocumentsAreRefusedInTime(t *testing.T) {
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 9 {
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 10), ", "))
	}
	for name, row := range map[string]struct{ text, want string }{
		"aliases that multiply":   {bomb, "more than 1000000 values"},
		"an alias to itself":      {"a: &a [*a]\n", "nested deeper than 100"},
		"deep nesting":            {strings.Repeat("[", 5000), "not YAML"},
		"closed deep nesting":     {strings.Repeat("[", 500) + strings.Repeat("]", 500), "nested deeper than 100"},
		"too large":               {strings.Repeat("#", MaxSource+1), "larger than 4194304 bytes"},
		"not UTF-8":               {"name: a\nopen: \xff\n", "a.yaml:2:7: not UTF-8: the byte 0xff"},
		"a tab":                   {"stages:\n\t- rate: 1\n", "a.yaml:2:1: not YAML: a tab; YAML is indented with spaces"},
		"a line without end":      {"stages: [{rate: 1, note: " + strings.Repeat("x", 1e6) + ", rate: [c]}]", "a.yaml:1:1000028: "},
		"a very long unknown key": {strings.Repeat("k", 1e3) + ": 1", "…"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := decode(t, row.text)
			require.ErrorContains(t, err, row.want)
			require.Less(t, len(err.Error()), 5000)
		})
	}
	many := strings.Repeat("- {rat: 1}\n", 10_000)
	_, err := decode(t, "stages:\n"+many)
	require.Contains(t, err.Error(), "\nand 900 more")
}

func TestControlCharactersAreMadeHarmless(t *testing.T) {
	_, err := decode(t, "\"na\\u001b[31mme\": x\n")
	require.Error(t, err)
	require.NotContains(t, err.Error(), "\x1b")
}

func FuzzDecode(f *testing.F) {
	f.Add("name: x\nstages: [{rate: 1}]")
	f.Add("a: &a [*a]")
	f.Add("name: |\n  x")
	f.Fuzz(func(t *testing.T, text string) {
		var d document
		if err := Decode(&Source{Name: "f", Text: []byte(text)}, &d); err != nil && err.Error() == "" {
			t.Fatal("an error without a message")
		}
	})
}
