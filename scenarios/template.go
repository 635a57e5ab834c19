package scenarios

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"

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
	var b bounded
	err := t.template.Execute(&b, d)
	return b.String(), err
}

// maxRendered bounds what one template gives, in bytes.
const maxRendered = 4 << 20

// bounded takes so much and no more.
type bounded struct{ strings.Builder }

// Write implements io.Writer.
func (b *bounded) Write(text []byte) (int, error) {
	if b.Len()+len(text) > maxRendered {
		return 0, fmt.Errorf("it gives more than %d bytes", maxRendered)
	}
	return b.Builder.Write(text)
}

// parsed reads a text that may be a template, and complains about one that does not parse.
func parsed(source diag.Text, found *diag.List) text {
	if !strings.Contains(source.Value, "{{") {
		return fixed(source.Value)
	}
	t, err := template.New("").Option("missingkey=error").Parse(source.Value)
	if err != nil {
		*found = append(*found, source.Errorf("template: %s", plainly(err)))
		return fixed("")
	}
	for _, one := range t.Templates() {
		if one.Tree != nil && !bound(one.Root, 1) {
			*found = append(*found, source.Errorf("template: a loop goes round a number of times, {{range 100}}, and all together no more than %d", maxTurns))
			return fixed("")
		}
	}
	return text{template: t}
}

// maxTurns bounds how often the loops of a template go round: every hit waits for its templates.
const maxTurns = 100_000

// bound reports whether all loops have an end that can be seen: {{range 100}}, and one within
// another.
func bound(n parse.Node, turns int64) bool {
	var branch *parse.BranchNode
	switch n := n.(type) {
	case *parse.ListNode:
		return n == nil || !slices.ContainsFunc(n.Nodes, func(n parse.Node) bool { return !bound(n, turns) })
	case *parse.IfNode:
		branch = &n.BranchNode
	case *parse.WithNode:
		branch = &n.BranchNode
	case *parse.RangeNode:
		times, ok := literal(n.Pipe)
		if !ok || times > maxTurns || times*turns > maxTurns {
			return false
		}
		branch, turns = &n.BranchNode, max(1, times)*turns
	}
	return branch == nil || bound(branch.List, turns) && bound(branch.ElseList, turns)
}

// literal returns the number that a pipeline is, and false when it is anything else.
func literal(p *parse.PipeNode) (int64, bool) {
	if len(p.Cmds) != 1 || len(p.Cmds[0].Args) != 1 {
		return 0, false
	}
	n, ok := p.Cmds[0].Args[0].(*parse.NumberNode)
	return max(0, numberOf(n)), ok && n.IsInt
}

func numberOf(n *parse.NumberNode) int64 {
	if n == nil {
		return 0
	}
	return n.Int64
}

var (
	templatePlace   = regexp.MustCompile(`^template: [^:]*:\d+(?::\d+)?: (?:executing "[^"]*" at <([^>]*)>: )?(?:error calling \w+: )?`)
	templateField   = regexp.MustCompile(`^can't evaluate field (\w+) in type .*`)
	templateMissing = regexp.MustCompile(`^function "(\w+)" not defined`)
)

// plainly reports what is wrong with a template in the words of those who write one.
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
