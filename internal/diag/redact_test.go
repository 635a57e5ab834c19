package diag_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/internal/diag"
)

func TestAWordIsTakenOutHoweverItIsWritten(t *testing.T) {
	const word, other = "secret word", "s3cr3t"
	for text, want := range map[string]string{
		"a: b":                             "a: b",
		"a: x secret word y # end":         "a: x ··· y # end",
		"a: \"x \\x73ecret word\\ty\"":     "a: \"x ···\\ty\"",
		"a: 'it''s s3cr3t''s'":             "a: 'it''s ···''s'",
		"a: secret\n  word\nb: 1":          "a: ···\n  ···\nb: 1",
		"a: \"sec\\\n  ret word\"\nb: 1":   "a: \"···\\\n  ···\"\nb: 1",
		"a: |\n  x\n  s3cr3t\n  y\n":       "a: |\n  x\n  ···\n  y\n",
		"a: >\n  x secret\n  word y\n":     "a: >\n  x ···\n  ··· y\n",
		"s3cr3t: [s3cr3ts3cr3t, {b: c}]":   "···: [···, {b: c}]",
		"a: &x s3cr3t\nb: *x # s3cr3t":     "a: &x ···\nb: *x # s3cr3t",
		"{\"a\": \"\\u0073\\u00333cr3t\"}": "{\"a\": \"\\u0073\\u00333cr3t\"}",
		"{\"a\": \"\\u0073\\u0033cr3t\"}":  "{\"a\": \"···\"}",
		"a: !!str  &x 's3cr3t'":            "a: !!str  &x '···'",
		"größe: ü s3cr3t ü s3cr3t":         "größe: ü ··· ü ···",
		"a: [no yaml s3cr3t":               "a: [no yaml s3cr3t",
	} {
		got, err := (&diag.Source{Name: "a.yaml", Text: []byte(text)}).Redacted([]string{word, other}, "···")
		require.NoError(t, err, text)
		require.Equal(t, want, got)
	}
}

func FuzzRedacted(f *testing.F) {
	for _, text := range []string{"a: |2\n    s3cr3t\n", "a: \"\\U0001f600s3cr3t\\\n\n  x\"", "? 's3cr\n\n  3t'\n: >-\n  s\n", "- !!str s3cr3t\n- \"s3cr3t  \n  s3cr3t\"\r\n"} {
		f.Add(text, "s3cr3t")
	}
	f.Fuzz(func(t *testing.T, text, word string) {
		if len(word) < 4 || strings.ContainsAny(word, "·\x00") {
			return
		}
		src := &diag.Source{Name: "a.yaml", Text: []byte(text)}
		clean, err := src.Redacted([]string{word}, "····")
		if err != nil {
			return // nothing of it is kept
		}
		again, err := diag.Parse(&diag.Source{Name: "a.yaml", Text: []byte(clean)})
		if err != nil {
			if clean != text {
				t.Fatalf("what is left of %q cannot be read: %q", text, clean)
			}
			return
		}
		var look func(n diag.Node)
		look = func(n diag.Node) {
			if n.IsScalar() && strings.Contains(n.Scalar(), word) {
				t.Fatalf("%q is left in %q", word, clean)
			}
			for _, key := range n.Keys() {
				look(key)
			}
			for _, item := range n.Items() {
				look(item)
			}
		}
		look(again)
		if strings.Count(clean, "\n") != strings.Count(text, "\n") {
			t.Fatalf("%q has other lines than %q", clean, text)
		}
	})
}
