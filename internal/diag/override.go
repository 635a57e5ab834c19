package diag

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Override is a value that takes the place of one in a document: from the command line, mostly. Mistakes in it are shown as those of a
// document are, with the flag as the name of the file.
type Override struct {
	Flag  string `json:"flag"`  // "--set"
	Path  string `json:"path"`  // keys and places in lists, with dots between: "stages.0.rate". An item of a list may be named by its name or id
	Value string `json:"value"` // a list, a mapping or a quoted text as YAML writes them in one line; anything else as it stands
}

// ParseOverride reads the argument of a flag: PATH=VALUE.
func ParseOverride(flag, text string) (Override, error) {
	path, value, ok := strings.Cut(text, "=")
	if !ok || path == "" {
		src := &Source{Name: flag, Text: []byte(text)}
		return Override{}, List{src.At(1, 1, utf8.RuneCountInString(text), "want PATH=VALUE, like connections=8 or stages.0.rate=200")}
	}
	return Override{flag, path, value}, nil
}

// source is what diagnostics show: the argument as it was typed.
func (o Override) source() (src *Source, pathColumn, valueColumn int) {
	if o.Flag == setFlag {
		return &Source{Name: o.Flag, Text: []byte(o.Path + "=" + o.Value)}, 1, utf8.RuneCountInString(o.Path) + 2
	}
	return &Source{Name: o.Flag, Text: []byte(o.Value)}, 1, 1
}

// setFlag is the flag whose argument names the path.
const setFlag = "--set"

// Override puts the value in its place. Keys that are not there are added, and whether they may be is for Decode to say.
func (n Node) Override(o Override) error {
	src, column, valueColumn := o.source()
	value, err := o.node(src, valueColumn)
	if err != nil {
		return err
	}
	n.adopt(value)
	return n.override(strings.Split(o.Path, "."), column, o.Flag == setFlag, src, value.y)
}

// node reads the value.
func (o Override) node(src *Source, column int) (Node, error) {
	read := &Source{Name: src.Name, Text: []byte(strings.Repeat(" ", column-1) + o.Value)}
	if strings.HasPrefix(o.Value, "{{") || !strings.ContainsAny(o.Value[:min(1, len(o.Value))], `[{"'`) {
		doc := &tree{own: src, foreign: map[*yaml.Node]*Source{}, expanded: map[*yaml.Node]expansion{}}
		return Node{doc, &yaml.Node{Kind: scalar, Tag: plainTag(o.Value), Value: o.Value, Line: 1, Column: column}}, nil
	}
	node, err := Parse(read)
	if err != nil {
		return Node{}, err
	}
	node.doc.own = src
	return node, nil
}

// override goes down the path. The column is where the next part of it stands in the source, if it does.
func (n Node) override(path []string, column int, shown bool, src *Source, value *yaml.Node) error {
	part, width := path[0], utf8.RuneCountInString(path[0])
	if !shown {
		column, width = 1, 1
	}
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
			return List{src.At(1, column, width, "no item %q: the list at %s has %d, counted from 0%s", part, n.Position(), len(n.y.Content), DidYouMean(part, names))}
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
	return next.override(path[1:], column+width+1, shown, src, value)
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
