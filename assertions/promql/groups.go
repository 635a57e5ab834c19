package promql

import (
	"brrtload/internal/diag"
	"fmt"
	"regexp"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

// reference is a reference to a group in the replacement of label_replace.
var reference = regexp.MustCompile(`\$\$|\$\{(\w+)\}|\$(\w+)`)

// groups finds references of label_replace to groups that its regular expression does not have:
// they would be empty.
func (q Query) Groups() diag.List {
	var found diag.List
	if q.IsZero() {
		return nil
	}
	parser.Inspect(q.Expr, func(node parser.Node, _ []parser.Node) error {
		call, ok := node.(*parser.Call)
		if !ok || call.Func.Name != "label_replace" || len(call.Args) < 5 {
			return nil
		}
		expr, err := regexp.Compile("^(?:" + text(call.Args[4]) + ")$")
		if err != nil {
			return nil // the engine reports it
		}
		place := call.Args[2].PositionRange()
		for _, r := range reference.FindAllStringSubmatch(text(call.Args[2]), -1) {
			group := r[1] + r[2]
			if group == "" || hasGroup(expr, group) {
				continue
			}
			digits := strings.IndexFunc(group, func(r rune) bool { return r < '0' || r > '9' })
			hint := ""
			if r[2] != "" && digits > 0 {
				hint = fmt.Sprintf("; write ${%s}%s, in a scenario $${%s}%s", group[:digits], group[digits:],
					group[:digits], group[digits:])
			}
			found = append(found, q.ErrorAt(place, fmt.Sprintf("the regular expression %q has no group %s%s",
				text(call.Args[4]), group, hint)))
		}
		return nil
	})
	return found
}

func hasGroup(expr *regexp.Regexp, group string) bool {
	for i, name := range expr.SubexpNames() {
		if group == fmt.Sprint(i) || group == name {
			return true
		}
	}
	return false
}
