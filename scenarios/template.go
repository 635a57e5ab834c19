package scenarios

import (
	"strings"
	"text/template"

	"brrtload/internal/diag"
)

// text is a piece of a message: fixed, or a template over a [draw].
type text struct {
	fixed    string
	template *template.Template
}

func fixed(s string) text { return text{fixed: s} }

func (t text) static() bool { return t.template == nil }

func (t text) render(d *draw) (string, error) {
	if t.static() {
		return t.fixed, nil
	}
	var b strings.Builder
	err := t.template.Execute(&b, d)
	return b.String(), err
}

// parse reads a text that may be a template, and complains about one that does not parse.
func parse(source diag.Text, found *diag.List) text {
	if !strings.Contains(source.Value, "{{") {
		return fixed(source.Value)
	}
	t, err := template.New("").Option("missingkey=error").Parse(source.Value)
	if err != nil {
		*found = append(*found, source.Errorf("template%s", strings.TrimPrefix(err.Error(), "template: ")))
		return fixed("")
	}
	return text{template: t}
}
