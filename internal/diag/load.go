package diag

import (
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Load reads the node into what v points to by the YAML library's own rules, strictly: for types of
// other projects, such as Prometheus's client configuration, and for free-form values. A mistake
// that the library gives no place for is placed at the node.
func (n Node) Load(v any) error {
	err := n.resolved().Load(v, yaml.WithKnownFields())
	if err == nil {
		return nil
	}
	var found List
	for line := range strings.Lines(err.Error()) {
		if d, ok := n.unknownField(line, v); ok {
			found = append(found, d)
		}
	}
	if len(found) == 0 {
		found = List{n.where(err).Errorf("%s", strings.Join(plainly(err), "; "))}
	}
	return found.Err()
}

// plainly returns the lines of the library's message without the words and places that it puts
// before them.
func plainly(err error) []string {
	var lines []string
	for line := range strings.Lines(strings.TrimPrefix(err.Error(), "yaml: ")) {
		line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "construct errors:"))
		if line = linePlace.ReplaceAllString(line, ""); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

var linePlace = regexp.MustCompile(`^(?:- )?line \d+(?:, column \d+)?: `)

// where returns the first scalar on the line that the library's message names, or the node.
func (n Node) where(err error) Node {
	m := onLine.FindStringSubmatch(err.Error())
	if m == nil {
		return n
	}
	line, _ := strconv.Atoi(m[1])
	if found, ok := n.scalar(line); ok {
		return found
	}
	return n
}

var onLine = regexp.MustCompile(`line (\d+)`)

func (n Node) scalar(line int) (Node, bool) {
	y := n.resolved()
	if y.Kind == scalar && y.Line == line {
		return n, true
	}
	for _, child := range y.Content {
		if found, ok := n.child(child).scalar(line); ok {
			return found, true
		}
	}
	return Node{}, false
}

var unknown = regexp.MustCompile(`line (\d+):.*field (\S+) not found in type`)

// unknownField reads a line of the library's message about a key that v has no field for.
func (n Node) unknownField(message string, v any) (Diagnostic, bool) {
	m := unknown.FindStringSubmatch(message)
	if m == nil {
		return Diagnostic{}, false
	}
	line, _ := strconv.Atoi(m[1])
	key, ok := n.key(m[2], line)
	if !ok {
		return Diagnostic{}, false
	}
	var known []string
	tags(reflect.TypeOf(v), map[reflect.Type]bool{}, &known)
	return key.Errorf("unknown field %q%s", m[2], DidYouMean(m[2], known)), true
}

// key finds a key by its name and line.
func (n Node) key(name string, line int) (Node, bool) {
	y := n.resolved()
	for i, child := range y.Content {
		if y.Kind == yaml.MappingNode && i%2 == 0 {
			if child.Value == name && child.Line == line {
				return n.child(child), true
			}
			continue
		}
		if found, ok := n.child(child).key(name, line); ok {
			return found, true
		}
	}
	return Node{}, false
}

// tags lists the YAML names of all fields that a type has, at any depth.
func tags(t reflect.Type, seen map[reflect.Type]bool, names *[]string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] {
		return
	}
	seen[t] = true
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); name != "" && name != "-" {
			*names = append(*names, name)
		}
		tags(t.Field(i).Type, seen, names)
	}
}
