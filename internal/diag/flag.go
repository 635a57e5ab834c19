package diag

import "go.yaml.in/yaml/v4"

// FlagText returns the value of a flag as a text whose mistakes are shown where it was typed.
func FlagText(flag, value string) Text {
	doc := &tree{own: &Source{Name: flag, Text: []byte(value)}, foreign: map[*yaml.Node]*Source{},
		expanded: map[*yaml.Node]expansion{}}
	node := Node{doc, &yaml.Node{Kind: scalar, Tag: "!!str", Value: value, Line: 1, Column: 1}}
	return Text{Value: value, node: node}
}
