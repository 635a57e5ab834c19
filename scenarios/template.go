package scenarios

import (
	"fmt"
	"reflect"
	"regexp"
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
		*found = append(*found, source.Errorf("template: %s", plainly(err)))
		return fixed("")
	}
	return text{template: t}
}

var (
	templatePlace   = regexp.MustCompile(`^template: [^:]*:\d+(?::\d+)?: (?:executing "[^"]*" at <([^>]*)>: )?(?:error calling \w+: )?`)
	templateField   = regexp.MustCompile(`^can't evaluate field (\w+) in type .*`)
	templateMissing = regexp.MustCompile(`^function "(\w+)" not defined`)
)

// plainly says what is wrong with a template in the words of those who write one.
func plainly(err error) string {
	text, at := err.Error(), ""
	if m := templatePlace.FindStringSubmatch(text); m != nil {
		text = text[len(m[0]):]
		if m[1] != "" {
			at = "{{" + m[1] + "}}: "
		}
	}
	if m := templateField.FindStringSubmatch(text); m != nil {
		text = "there is no such thing, but " + strings.Join(drawable(), ", ") + diag.DidYouMean(m[1], drawable())
	} else if m := templateMissing.FindStringSubmatch(text); m != nil {
		text = fmt.Sprintf("there is no %q; what there is begins with a dot: {{.Seq}}, {{.Random 1 6}}", m[1])
	}
	return at + text
}

// drawable lists what a template may name.
func drawable() []string {
	names := []string{"Seq"}
	for t, i := reflect.TypeFor[*draw](), 0; i < t.NumMethod(); i++ {
		names = append(names, t.Method(i).Name)
	}
	return names
}
