package identities_test

import (
	"testing"

	"brrtload/assertions/internal/stage"
	"brrtload/assertions/packs"
)

func FuzzLoad(f *testing.F) {
	f.Add("budgets: [{id: a, expr: max(depth), must: \"< 64\"}]")
	f.Add(identity)
	f.Add("rules: [a.yaml]")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := packs.Load(stage.Files{"a.yaml": text}.FS(), "a.yaml")
		if err != nil && err.Error() == "" {
			t.Fatal("an error without a message")
		}
		for _, a := range list {
			if err == nil && a.About().ID == "" {
				t.Fatal("an assertion without an id")
			}
		}
	})
}
