package diag

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

const (
	// MaxSource is the largest YAML text, in bytes, that is read.
	MaxSource = 4 << 20
	// maxNodes and maxDepth bound a document with its aliases followed.
	maxNodes = 1_000_000
	maxDepth = 100
)

// Parse reads one YAML document. An empty one is an empty mapping.
func Parse(src *Source) (Node, error) {
	if len(src.Text) > MaxSource {
		return Node{}, Diagnostic{Position: Position{File: src.Name},
			Message: fmt.Sprintf("larger than %d bytes", MaxSource)}
	}
	if at := invalid(src.Text); at >= 0 {
		line, column := place(src.Text[:at])
		return Node{}, List{src.At(line, column, 1, "not UTF-8: the byte 0x%02x", src.Text[at])}
	}
	top := Node{&tree{own: src, foreign: map[*yaml.Node]*Source{}, expanded: map[*yaml.Node]expansion{}},
		&yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: 1, Column: 1}}
	text, paired := withoutSurrogates(src.Text)
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var doc, more yaml.Node
	switch err := decoder.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return top, nil
	case err != nil:
		return Node{}, syntaxError(src, text, err)
	}
	switch err := decoder.Decode(&more); {
	case err == nil:
		return Node{}, List{src.At(more.Line, max(1, more.Column), 1, "a second document; one file holds one document")}
	case !errors.Is(err, io.EOF):
		return Node{}, syntaxError(src, text, err)
	}
	if paired {
		restoreSurrogates(&doc)
	}
	if content := doc.Content[0]; content.Kind != scalar || content.Tag != "!!null" {
		top.y = content
	}
	nodes := 0
	if err := top.measure(&nodes, 0); err != nil {
		return Node{}, List{*err}
	}
	return top, nil
}

// measure refuses what would take for ever to read: aliases that multiply each other, or lead round
// in a circle.
func (n Node) measure(nodes *int, depth int) *Diagnostic {
	*nodes++
	var d Diagnostic
	switch {
	case depth > maxDepth:
		d = n.Errorf("nested deeper than %d", maxDepth)
		return &d
	case *nodes > maxNodes:
		d = n.Errorf("with its aliases followed the document has more than %d values", maxNodes)
		return &d
	case n.y.Kind == yaml.AliasNode:
		return n.child(n.y.Alias).measure(nodes, depth+1)
	}
	for _, y := range n.y.Content {
		if d := n.child(y).measure(nodes, depth+1); d != nil {
			return d
		}
	}
	return nil
}

// invalid returns the place of the first byte that is not UTF-8, or -1.
func invalid(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// place returns line and column of what follows the text.
func place(before []byte) (line, column int) {
	return 1 + bytes.Count(before, []byte("\n")), 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
}

var yamlPlace = regexp.MustCompile(`line (\d+)(?:, column (\d+))?:? *`)

// syntaxError finds the place in the YAML library's message: it reports it in words only.
func syntaxError(src *Source, read []byte, err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line, column := 1, 1
	if m := yamlPlace.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		if m[2] != "" {
			column, _ = strconv.Atoi(m[2])
		}
		text = strings.TrimSpace(strings.Replace(text, m[0], "", 1))
	}
	if strings.Contains(text, "invalid Unicode character escape code") {
		for at := line; at <= line+1; at++ { // the library gives the line before
			line := (&Source{Text: read}).line(at) // without the pairs
			if found := surrogate.FindStringIndex(line); found != nil {
				column = utf8.RuneCountInString(line[:found[0]]) + 1
				return List{src.At(at, column, found[1]-found[0],
					"not YAML: half of a character; JSON writes it as a pair, such as \\ud83d\\ude00")}
			}
		}
	}
	for line > 1 && strings.TrimSpace(src.line(line)) == "" { // what is missing would have stood at the end of the text
		line--
		column = utf8.RuneCountInString(src.line(line)) + 1
	}
	if strings.HasPrefix(strings.TrimLeft(src.line(line), " "), "\t") {
		text = "a tab; YAML is indented with spaces"
	} else if strings.Contains(src.line(line), "${") {
		text += `; inside { } and [ ] a reference stands in quotes: "${NAME}"`
	}
	return List{src.At(line, column, 1, "not YAML: %s", text)}
}
