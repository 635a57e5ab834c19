package diag

import (
	"encoding"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// MaxSource is the largest YAML text, in bytes, that Decode reads.
const MaxSource = 4 << 20

// Unmarshaler is for types that read themselves from a node. An error that is a Diagnostic or a List keeps its
// positions; any other is placed at the node.
type Unmarshaler interface{ UnmarshalNode(Node) error }

// Node is a place in a YAML document that can be decoded or complained about.
type Node struct {
	src *Source
	y   *yaml.Node
}

// Decode reads one YAML document into what v points to, strictly: unknown and repeated keys, wrong types, missing required
// fields are all reported, together, as a [List]. Fields are named by their yaml tag; `yaml:"name,required"` must be
// present; `yaml:",inline"` takes the fields of an embedded struct; `yaml:",position"` on a Position field receives
// the place where the struct begins. Durations are written as Go writes them ("1m30s"). Text outside these rules
// reads itself by [Unmarshaler] or encoding.TextUnmarshaler. An empty document leaves v as it was, but for required fields.
func Decode(src *Source, v any) error {
	if len(src.Text) > MaxSource {
		return Diagnostic{Position: Position{File: src.Name}, Message: fmt.Sprintf("larger than %d bytes", MaxSource)}
	}
	node, err := parse(src)
	if err != nil {
		return err
	}
	return node.Decode(v)
}

func parse(src *Source) (Node, error) {
	decoder := yaml.NewDecoder(strings.NewReader(string(src.Text)))
	var doc yaml.Node
	if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
		return Node{src, &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: 1, Column: 1}}, nil
	} else if err != nil {
		return Node{}, syntaxError(src, err)
	}
	var more yaml.Node
	if err := decoder.Decode(&more); err == nil {
		return Node{}, src.At(more.Line, max(1, more.Column), 1, "a second document; one file holds one document")
	} else if !errors.Is(err, io.EOF) {
		return Node{}, syntaxError(src, err)
	}
	return Node{src, doc.Content[0]}, nil
}

var yamlPlace = regexp.MustCompile(`line (\d+)(?:, column (\d+))?:? *`)

// syntaxError finds the place in the YAML library's message: it reports it in words only.
func syntaxError(src *Source, err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line, column := 1, 1
	if m := yamlPlace.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		if m[2] != "" {
			column, _ = strconv.Atoi(m[2])
		}
		text = strings.TrimSpace(strings.Replace(text, m[0], "", 1))
	}
	return List{src.At(line, column, 1, "not YAML: %s", text)}
}

// Position gives the place where the node begins.
func (n Node) Position() Position {
	return Position{File: n.src.Name, Line: n.y.Line, Column: n.y.Column}
}

// Source gives the text that the node is part of.
func (n Node) Source() *Source { return n.src }

// Errorf makes a diagnostic that underlines the node.
func (n Node) Errorf(format string, args ...any) Diagnostic {
	width := 1
	if n.y.Kind == yaml.ScalarNode && n.y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		width = len([]rune(n.y.Value))
		if n.y.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
			width += 2
		}
	}
	return n.src.At(n.y.Line, n.y.Column, width, format, args...)
}

// IsScalar, IsMapping and IsSequence tell what kind of node it is.
func (n Node) IsScalar() bool { return n.resolved().Kind == yaml.ScalarNode }

// IsMapping tells whether the node is a mapping.
func (n Node) IsMapping() bool { return n.resolved().Kind == yaml.MappingNode }

// IsSequence tells whether the node is a sequence.
func (n Node) IsSequence() bool { return n.resolved().Kind == yaml.SequenceNode }

// Scalar gives the text of a scalar node, unquoted; it is empty for any other.
func (n Node) Scalar() string { return n.resolved().Value }

func (n Node) resolved() *yaml.Node {
	y := n.y
	for y.Kind == yaml.AliasNode {
		y = y.Alias
	}
	return y
}

// Decode reads the node into what v points to, by the rules of the package's Decode.
func (n Node) Decode(v any) error {
	var found List
	n.into(reflect.ValueOf(v).Elem(), &found)
	return found.Err()
}

func (l *List) add(n Node, err error) {
	var list List
	var one Diagnostic
	switch {
	case err == nil:
	case errors.As(err, &list):
		*l = append(*l, list...)
	case errors.As(err, &one):
		*l = append(*l, one)
	default:
		*l = append(*l, n.Errorf("%s", err))
	}
}

var durationType = reflect.TypeFor[time.Duration]()

func (n Node) into(v reflect.Value, found *List) {
	n.y = n.resolved()
	if v.CanAddr() {
		switch own := v.Addr().Interface().(type) {
		case Unmarshaler:
			found.add(n, own.UnmarshalNode(n))
			return
		case encoding.TextUnmarshaler:
			if !n.IsScalar() {
				found.add(n, n.Errorf("want text, got a %s", n.kind()))
			} else {
				found.add(n, own.UnmarshalText([]byte(n.y.Value)))
			}
			return
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		n.into(v.Elem(), found)
	case reflect.Struct:
		n.intoStruct(v, found)
	case reflect.Map:
		n.intoMap(v, found)
	case reflect.Slice:
		n.intoSlice(v, found)
	default:
		found.add(n, n.intoScalar(v))
	}
}

func (n Node) kind() string {
	switch n.y.Kind {
	case yaml.MappingNode:
		return "mapping"
	case yaml.SequenceNode:
		return "list"
	default:
		if n.y.Tag == "!!null" {
			return "empty value"
		}
		return "value"
	}
}

type field struct {
	name     string
	value    reflect.Value
	required bool
}

// fields lists the YAML fields of a struct and fills in its position.
func (n Node) fields(v reflect.Value) []field {
	var fields []field
	for i := range v.NumField() {
		name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		switch {
		case name == "-" || (name == "" && options == ""):
		case options == "position":
			v.Field(i).Set(reflect.ValueOf(n.Position()))
		case options == "inline":
			fields = append(fields, n.fields(v.Field(i))...)
		default:
			fields = append(fields, field{name, v.Field(i), options == "required"})
		}
	}
	return fields
}

func (n Node) intoStruct(v reflect.Value, found *List) {
	if !n.IsMapping() {
		found.add(n, n.Errorf("want a mapping, got a %s", n.kind()))
		return
	}
	fields := n.fields(v)
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	seen := n.pairs(found, func(key, value Node) {
		if i := slices.Index(names, key.y.Value); i >= 0 {
			value.into(fields[i].value, found)
		} else {
			found.add(key, key.Errorf("unknown field %q%s", key.y.Value, DidYouMean(key.y.Value, names)))
		}
	})
	for _, f := range fields {
		if f.required && !slices.Contains(seen, f.name) {
			found.add(n, n.Errorf("missing field %q", f.name))
		}
	}
}

// pairs calls each for every key and value of a mapping, and complains about repeated and odd keys.
func (n Node) pairs(found *List, each func(key, value Node)) []string {
	var seen []string
	for i := 0; i+1 < len(n.y.Content); i += 2 {
		key, value := Node{n.src, n.y.Content[i]}, Node{n.src, n.y.Content[i+1]}
		switch {
		case !key.IsScalar():
			found.add(key, key.Errorf("a key must be text"))
		case slices.Contains(seen, key.y.Value):
			found.add(key, key.Errorf("%q is given twice", key.y.Value))
		default:
			seen = append(seen, key.y.Value)
			each(key, value)
		}
	}
	return seen
}

func (n Node) intoMap(v reflect.Value, found *List) {
	if !n.IsMapping() {
		found.add(n, n.Errorf("want a mapping, got a %s", n.kind()))
		return
	}
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	n.pairs(found, func(key, value Node) {
		element := reflect.New(v.Type().Elem()).Elem()
		value.into(element, found)
		v.SetMapIndex(reflect.ValueOf(key.y.Value).Convert(v.Type().Key()), element)
	})
}

func (n Node) intoSlice(v reflect.Value, found *List) {
	if !n.IsSequence() {
		found.add(n, n.Errorf("want a list, got a %s", n.kind()))
		return
	}
	out := reflect.MakeSlice(v.Type(), len(n.y.Content), len(n.y.Content))
	for i, item := range n.y.Content {
		Node{n.src, item}.into(out.Index(i), found)
	}
	v.Set(out)
}

func (n Node) intoScalar(v reflect.Value) error {
	if !n.IsScalar() || n.y.Tag == "!!null" {
		return n.Errorf("want %s, got a%s %s", want(v), vowel(n.kind()), n.kind())
	}
	text, bits := n.y.Value, 0
	if v.CanInt() || v.CanUint() || v.CanFloat() {
		bits = v.Type().Bits()
	}
	var err error
	switch {
	case v.Type() == durationType:
		var d time.Duration
		if d, err = time.ParseDuration(text); err == nil {
			v.SetInt(int64(d))
		}
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.Kind() == reflect.Bool:
		var b bool
		if b, err = strconv.ParseBool(text); err == nil {
			v.SetBool(b)
		}
	case v.CanInt():
		var i int64
		if i, err = strconv.ParseInt(text, 0, bits); err == nil {
			v.SetInt(i)
		}
	case v.CanUint():
		var u uint64
		if u, err = strconv.ParseUint(text, 0, bits); err == nil {
			v.SetUint(u)
		}
	case v.CanFloat():
		var f float64
		if f, err = strconv.ParseFloat(text, bits); err == nil {
			v.SetFloat(f)
		}
	default:
		panic("diag: no rule to decode into " + v.Type().String())
	}
	if err != nil {
		return n.Errorf("want %s, got %q", want(v), text)
	}
	return nil
}

func want(v reflect.Value) string {
	switch {
	case v.Type() == durationType:
		return `a duration like "1m30s"`
	case v.Kind() == reflect.String:
		return "text"
	case v.Kind() == reflect.Bool:
		return "true or false"
	case v.CanUint():
		return "a whole number, 0 or more"
	case v.CanInt():
		return "a whole number"
	default:
		return "a number"
	}
}

func vowel(word string) string {
	if strings.ContainsRune("aeiou", rune(word[0])) {
		return "n"
	}
	return ""
}

// UnmarshalNode keeps the node itself, for a part of a document that another package reads later.
func (n *Node) UnmarshalNode(m Node) error { *n = m; return nil }

// IsZero tells whether the node is absent from its document.
func (n Node) IsZero() bool { return n.y == nil }

// Load reads the node into what v points to by the YAML library's own rules, strictly: for types of other projects, such as
// Prometheus's client configuration, and for free-form values. A mistake is placed at the node.
func (n Node) Load(v any) error {
	if err := n.resolved().Load(v, yaml.WithKnownFields()); err != nil {
		return n.Errorf("%s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	return nil
}
