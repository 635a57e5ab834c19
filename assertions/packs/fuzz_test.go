package packs_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/internal/stage"
	"brrtload/assertions/packs"
)

// FuzzFiles reads a rule file and a contract that assertions name: whatever they are, every mistake
// has a message, and what loads can say what it is about.
func FuzzFiles(f *testing.F) {
	f.Add("groups: [{name: g, rules: [{alert: A, expr: x > 1, for: 5m, labels: {a: b}, annotations: {summary: '{{ $value }}'}}]}]",
		"families: {a: {type: counter, labels: {b: c.*, d: [e]}, series: 3}}\nignore: [go_.*]")
	f.Add("groups:\n  - name: g\n    rules:\n      - record: a:b\n        expr: >-\n          sum(\n          x)\n", "families: {}\nignore: ['(']")
	f.Fuzz(func(t *testing.T, rules, contract string) {
		list, err := packs.Load(stage.Files{"a.yaml": "rules: [r.yml]\ncontract: c.yaml\n", "r.yml": rules, "c.yaml": contract}.FS(), "a.yaml")
		if err != nil {
			require.NotEmpty(t, err.Error())
			return
		}
		for _, a := range list {
			require.NotEmpty(t, a.About().Kind)
		}
	})
}
