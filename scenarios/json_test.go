package scenarios

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestBodiesGoOutAsWritten(t *testing.T) {
	for written, want := range map[string]string{
		`{z: 1, a: {y: [], b: ~}}`:             `{"z":1,"a":{"y":[],"b":null}}`,
		`{due: 1999-12-31T23:59:60Z}`:          `{"due":"1999-12-31T23:59:60Z"}`,
		`[1999-12-31, "1999-12-31"]`:           `["1999-12-31","1999-12-31"]`,
		`{price: 1.10, tiny: 1e-400, n: -0}`:   `{"price":1.10,"tiny":1e-400,"n":-0}`,
		`{big: 340282366920938463463374607}`:   `{"big":340282366920938463463374607}`,
		`{hex: 0xff, oct: 0o17, half: .5}`:     `{"hex":255,"oct":15,"half":0.5}`,
		`{yes: True, off: off, 3.5: x}`:        `{"yes":true,"off":"off","3.5":"x"}`,
		`{text: "<a & b>", zip: "01234"}`:      `{"text":"<a & b>","zip":"01234"}`,
		`{face: "\ud83d\ude80!", e: "\u00e9"}`: `{"face":"🚀!","e":"é"}`,
		`[&a {x: 1, y: 2}, {<<: *a, y: 3}]`:    `[{"x":1,"y":2},{"y":3,"x":1}]`,
		`just text`:                            `"just text"`,
	} {
		plan := planOf(t, "requests: [{post: /p, json: "+written+"}]\n")
		require.Equal(t, want, string(plan.Hit(0).Message.Body), written)
	}
}

func TestBodiesThatJSONCannotSayAreRefusedAtTheirPlace(t *testing.T) {
	for written, want := range map[string]string{
		`{zip: 00501}`:       `s.yaml:3:35: 00501 could be text, an octal or a decimal number; write "00501" for text, or the number without the zero`,
		`{most: .inf}`:       `s.yaml:3:36: JSON has no number .inf; write ".inf" for text`,
		`{a: {b: .NaN}}`:     `s.yaml:3:37: JSON has no number .NaN; write ".NaN" for text`,
		`{[a, b]: 1}`:        `s.yaml:3:30: a key must be text`,
		`{x: 1, "x": 2}`:     `s.yaml:3:36: "x" is given twice`,
		`{a: "\ud83d"}`:      `s.yaml:3:34: not YAML: half of a character; JSON writes it as a pair, such as \ud83d\ude00`,
		`{a: !!binary aGk=}`: `s.yaml:3:33: JSON has no value of the type !!binary`,
	} {
		_, err := Load(fstest.MapFS{"s.yaml": {Data: []byte("target: {url: http://h}\nstages: [{rate: 1, duration: 1s}]\nrequests: [{post: /p, json: " + written + "}]\n")}}, "s.yaml")
		require.Error(t, err, written)
		require.Contains(t, err.Error(), want, written)
	}
}

func TestJSONInQuotesIsAWarning(t *testing.T) {
	s, err := Load(fstest.MapFS{"s.yaml": {Data: []byte("target: {url: http://h}\nstages: [{rate: 1, duration: 1s}]\n" +
		"requests: [{name: a, post: /p, json: '{\"n\": 5}'}, {name: b, post: /p, json: {n: 5}}, {name: c, post: /p, json: '{n'}]\n")}}, "s.yaml")
	require.NoError(t, err)
	require.Len(t, s.Warnings(), 1)
	require.Equal(t, 3, s.Warnings()[0].Line)
	require.Equal(t, 38, s.Warnings()[0].Column)
}

// planOf returns the plan of a scenario of a second, ten hits each.
func planOf(t *testing.T, rest string) *Plan {
	t.Helper()
	s, err := Load(fstest.MapFS{"s.yaml": {Data: []byte("target: {url: http://h}\nstages: [{rate: 10, duration: 1s}]\n" + rest)}}, "s.yaml")
	require.NoError(t, err, rest)
	plan, err := s.Plan(1)
	require.NoError(t, err, rest)
	return plan
}
