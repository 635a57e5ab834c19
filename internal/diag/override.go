package diag

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Override is a value from the command line that takes the place of one in a document. Mistakes in
// it are shown as those of a document are.
type Override struct {
	// Path is keys and places in lists, with dots between: "stages.0.rate". An item of a list may
	// be named by its name or id.
	Path string
	// Value is a list, a mapping or a quoted text as YAML writes them in one line; anything else is
	// taken as it stands.
	Value string

	src *Source
}

// ParseOverride reads PATH=VALUE. The name is what diagnostics call it: the flag.
func ParseOverride(name, text string) (Override, error) {
	src := &Source{Name: name, Text: []byte(text)}
	path, value, ok := strings.Cut(text, "=")
	if !ok || path == "" {
		return Override{}, List{src.At(1, 1, utf8.RuneCountInString(text),
			"want PATH=VALUE, like connections=8 or stages.0.rate=200")}
	}
	return Override{path, value, src}, nil
}

// Override puts the value in its place. Keys that are not there are added, and whether they may be
// is for Decode to say.
func (n Node) Override(o Override) error {
	value, err := o.node()
	if err != nil {
		return err
	}
	n.adopt(value)
	return n.override(strings.Split(o.Path, "."), 1, o.src, value.y)
}

// node reads the value, which begins after the path and the equals sign.
func (o Override) node() (Node, error) {
	column := utf8.RuneCountInString(o.Path) + 2
	if strings.HasPrefix(o.Value, "{{") || !strings.ContainsAny(o.Value[:min(1, len(o.Value))], `[{"'`) {
		doc := &tree{own: o.src, foreign: map[*yaml.Node]*Source{}, expanded: map[*yaml.Node]expansion{}}
		return Node{doc, &yaml.Node{Kind: scalar, Tag: plainTag(o.Value), Value: o.Value, Line: 1, Column: column}}, nil
	}
	node, err := Parse(&Source{Name: o.src.Name, Text: []byte(strings.Repeat(" ", column-1) + o.Value)})
	var found List
	if errors.As(err, &found) {
		for i := range found {
			found[i].Excerpt = string(o.src.Text)
			if !strings.Contains(found[i].Message, "<document start>") { // what follows the bracket is none of YAML's
				continue
			}
			found[i].Message += fmt.Sprintf("; a text that begins with %c stands in quotes: %s='\"%s\"'", o.Value[0],
				o.Path, strings.Trim(o.Value, `"'`))
		}
	}
	if err != nil {
		return Node{}, err
	}
	node.doc.own = o.src
	return node, nil
}

// override goes down the path. The column is where the next part of it stands in the source.
func (n Node) override(path []string, column int, src *Source, value *yaml.Node) error {
	part, width := path[0], utf8.RuneCountInString(path[0])
	place := -1
	switch {
	case n.IsMapping():
		for i := 0; i+1 < len(n.y.Content); i += 2 {
			if n.y.Content[i].Value == part {
				place = i + 1
			}
		}
		if place < 0 {
			key := &yaml.Node{Kind: scalar, Tag: "!!str", Value: part, Line: 1, Column: column}
			empty := &yaml.Node{Kind: scalar, Tag: "!!null", Line: 1, Column: column}
			n.doc.foreign[key], n.doc.foreign[empty] = src, src
			n.y.Content = append(n.y.Content, key, empty)
			place = len(n.y.Content) - 1
		}
	case n.IsSequence():
		var names []string
		if place, names = n.item(part); place < 0 {
			return List{src.At(1, column, width, "no item %q: the list at %s has %d, counted from 0%s", part,
				n.Position(), len(n.y.Content), DidYouMean(part, names))}
		}
	default:
		return List{src.At(1, column, width, "no place for %q: at %s is a single value", part, n.Position())}
	}
	if len(path) == 1 {
		n.y.Content[place] = value
		return nil
	}
	next := n.unshared(place)
	if next.y.Kind == scalar && next.y.Tag == "!!null" {
		next.y = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: next.y.Line, Column: next.y.Column}
		n.doc.foreign[next.y] = n.child(n.y.Content[place]).Source()
		n.y.Content[place] = next.y
	}
	return next.override(path[1:], column+width+1, src, value)
}

// item finds an item of a list by its place, name or id, and gives the names that there are.
func (n Node) item(part string) (int, []string) {
	var names []string
	for i, item := range n.Items() {
		for j, key := range item.Keys() {
			if key.y.Value == "name" || key.y.Value == "id" {
				name := item.child(item.resolved().Content[2*j+1]).Scalar()
				if name == part {
					return i, nil
				}
				names = append(names, name)
			}
		}
	}
	if i, err := strconv.Atoi(part); err == nil && i >= 0 && i < len(n.y.Content) {
		return i, nil
	}
	return -1, names
}
