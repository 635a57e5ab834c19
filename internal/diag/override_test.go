package diag

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// with decodes a text after changes to its tree, and gives what is wrong with it, one line each.
func with(t *testing.T, text string, change func(Node) error) (document, string) {
	t.Helper()
	n, err := Parse(&Source{Name: "a.yaml", Text: []byte(text)})
	require.NoError(t, err)
	var d document
	if err = change(n); err == nil {
		err = n.Decode(&d)
	}
	if err == nil {
		return d, ""
	}
	var lines []string
	for _, one := range err.(List) {
		lines = append(lines, one.Error())
	}
	return d, strings.Join(lines, "\n")
}

func set(t *testing.T, text, argument string) (document, string) {
	t.Helper()
	return with(t, text, func(n Node) error {
		o, err := ParseOverride("--set", argument)
		if err != nil {
			return err
		}
		return n.Override(o)
	})
}

func override(t *testing.T, n Node, argument string) error {
	t.Helper()
	o, err := ParseOverride("--set", argument)
	require.NoError(t, err)
	return n.Override(o)
}

func TestOverridesTakeThePlaceOfValues(t *testing.T) {
	const text = "name: x\nstages:\n  - &slow {rate: 1, note: slow}\n  - *slow\nlabels: {a: b}\n"
	d, wrong := set(t, text, "stages.1.rate=2")
	require.Empty(t, wrong)
	require.Equal(t, []float64{1, 2}, []float64{d.Stages[0].Rate, d.Stages[1].Rate}, "what an alias stands for is not changed with it")
	d, _ = set(t, text, "labels.c=d=e")
	require.Equal(t, map[string]string{"a": "b", "c": "d=e"}, d.Labels)
	d, _ = set(t, text, `stages=[{rate: 3}, {rate: 4}]`)
	require.Len(t, d.Stages, 2)
	d, _ = set(t, "name: x\n", "labels.a=> 5")
	require.Equal(t, map[string]string{"a": "> 5"}, d.Labels, "plain text is no YAML")
	d, _ = set(t, "", `name="a b"`)
	require.Equal(t, "a b", d.Name)
}

func TestMistakesOnTheCommandLineAreShownThere(t *testing.T) {
	const text = "name: x\nstages: [{rate: 1}]\n"
	for argument, want := range map[string]string{
		"open":                    "--set:1:1: want PATH=VALUE, like connections=8 or stages.0.rate=200",
		"opne=true":               `--set:1:1: unknown field "opne"; did you mean "open"?`,
		"stages.0.rat=2":          `--set:1:10: unknown field "rat"; did you mean "rate"?`,
		"stages.0.rate=fast":      `--set:1:15: want a number, got "fast"`,
		"stages.1.rate=2":         `--set:1:8: no item "1": the list at a.yaml:2:9 has 1, counted from 0`,
		"name.first=x":            `--set:1:6: no place for "first": at a.yaml:1:7 is a single value`,
		"labels.a.b=c":            `--set:1:8: want text, got a mapping`,
		"stages=[{rate: 1, at: 2": `--set:1:24: not YAML: did not find expected ',' or '}'`,
	} {
		_, wrong := set(t, text, argument)
		require.Equal(t, want, wrong, argument)
	}
	_, err := Parse(&Source{Name: "a", Text: []byte(text)})
	require.NoError(t, err)
}

func TestAnItemIsNamedByItsNameOrID(t *testing.T) {
	n, err := Parse(&Source{Name: "a", Text: []byte("list:\n  - {name: get pet, weight: 1}\n  - {id: p99, weight: 1}\n")})
	require.NoError(t, err)
	require.NoError(t, override(t, n, "list.get pet.weight=2"))
	require.NoError(t, override(t, n, "list.p99.weight=3"))
	var d struct {
		List []struct {
			Name   string `yaml:"name"`
			ID     string `yaml:"id"`
			Weight int    `yaml:"weight"`
		} `yaml:"list"`
	}
	require.NoError(t, n.Decode(&d))
	require.Equal(t, []int{2, 3}, []int{d.List[0].Weight, d.List[1].Weight})
	require.ErrorContains(t, override(t, n, "list.p9.weight=3"), `did you mean "p99"?`)
}

func TestReferencesAreReplacedInValuesAlone(t *testing.T) {
	lookup := func(name string) (string, bool) {
		value, ok := map[string]string{"RATE": "2.5", "WORD": "null", "EMPTY": ""}[name]
		return value, ok
	}
	expand := func(text string) (document, string) {
		return with(t, text, func(n Node) error { return n.Expand(lookup) })
	}
	d, wrong := expand("stages:\n  - rate: ${RATE}\n    duration: ${TIME:-3s}\nlabels: {'${RATE}': 'a $${RATE} ${WORD}$', b: '${EMPTY}', c: '${EMPTY:-d}', d: '{{$x}} $5'}\nname: ${WORD}")
	require.Empty(t, wrong)
	require.Equal(t, 2.5, d.Stages[0].Rate)
	require.Equal(t, 3*time.Second, d.Stages[0].Duration)
	require.Equal(t, map[string]string{"${RATE}": "a ${RATE} null$", "b": "", "c": "d", "d": "{{$x}} $5"}, d.Labels)
	require.Equal(t, "null", d.Name)

	_, wrong = expand("name: ${NOWHERE}\nlabels: {a: 'x ${NOPE} ${'}\n")
	require.Equal(t, strings.TrimSpace(`
a.yaml:1:7: the environment has no NOWHERE; set it, or give a default: ${NOWHERE:-…}
a.yaml:2:13: the environment has no NOPE; set it, or give a default: ${NOPE:-…}
a.yaml:2:13: want ${NAME} or ${NAME:-default}; a literal ${ is written $${
`), wrong)
	_, wrong = expand("stages: [{rate: '${WORD}'}]")
	require.Equal(t, `a.yaml:1:17: want a number, got "null"`, wrong)
	_, err := Parse(&Source{Name: "a.yaml", Text: []byte("stages: [{rate: ${RATE}}]")})
	require.ErrorContains(t, err, `inside { } and [ ] a reference stands in quotes: "${NAME}"`)
}

func TestADocumentUnderAnother(t *testing.T) {
	base, err := Parse(&Source{Name: "base.yaml", Text: []byte("name: base\nopen: true\nstages: [{rate: 1}, {rat: 2}]\nlabels: {a: base, b: base}\n")})
	require.NoError(t, err)
	d, wrong := with(t, "name: own\nstages: [{rate: 3}]\nlabels: {b: own, c: own}\ncount: many\n", func(n Node) error {
		n.Under(base)
		return nil
	})
	require.Equal(t, "own", d.Name)
	require.True(t, d.Open)
	require.Equal(t, map[string]string{"a": "base", "b": "own", "c": "own"}, d.Labels)
	require.Equal(t, []float64{1, 0, 3}, []float64{d.Stages[0].Rate, d.Stages[1].Rate, d.Stages[2].Rate})
	require.Equal(t, strings.TrimSpace(`
a.yaml:4:8: want a whole number, 0 or more, got "many"
base.yaml:3:21: missing field "rate"
base.yaml:3:22: unknown field "rat"; did you mean "rate"?
`), wrong)
}

func FuzzOverride(f *testing.F) {
	f.Add("name: x\nstages: [{rate: 1}]\nlabels: &l {a: *l}\n", "stages.0.rate=2")
	f.Add("a: &a [1]\nb: *a\n", "b.0=[{x: y}]")
	f.Fuzz(func(t *testing.T, text, argument string) {
		n, err := Parse(&Source{Name: "f", Text: []byte(text)})
		if err != nil {
			return
		}
		if o, err := ParseOverride("--set", argument); err == nil {
			if err := n.Override(o); err != nil && err.Error() == "" {
				t.Fatal("an error without a message")
			}
		}
		_ = n.Expand(func(string) (string, bool) { return "x", true })
		var d document
		if err := n.Decode(&d); err != nil && err.Error() == "" {
			t.Fatal("an error without a message")
		}
	})
}
