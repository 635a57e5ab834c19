package diag

import (
	"encoding"
	"errors"
	"reflect"
)

// Unmarshaler is for types that read themselves from a node. An error that is a Diagnostic or a
// List keeps its positions; any other is placed at the node.
type Unmarshaler interface{ UnmarshalNode(Node) error }

// Decode reads one YAML document into what v points to, strictly: unknown and repeated keys, wrong
// types, missing required fields are all reported, together, as a [List]. Fields are named by their
// yaml tag; `yaml:"name,required"` must be present; `yaml:",inline"` takes the fields of an
// embedded struct; `yaml:",position"` on a Position field receives the place where the struct
// begins. Durations are written as Go writes them ("1m30s"). Text outside these rules reads itself
// by [Unmarshaler] or encoding.TextUnmarshaler. An empty document leaves v as it was, but for
// required fields. A document that fills several structs has the keys of all of them.
func Decode(src *Source, v ...any) error {
	node, err := Parse(src)
	if err != nil {
		return err
	}
	return node.Decode(v...)
}

// Unread stands for the sections of a document that another package reads: decoded into besides other
// structs, it has every key that they lack.
type Unread struct{}

// Decode reads the node into what v points to, by the rules of the package's Decode.
func (n Node) Decode(v ...any) error {
	var found List
	if len(v) == 1 {
		n.into(reflect.ValueOf(v[0]).Elem(), &found)
		return found.Err()
	}
	structs := make([]reflect.Value, len(v))
	for i := range v {
		structs[i] = reflect.ValueOf(v[i]).Elem()
	}
	n.y = n.resolved()
	n.intoStructs(structs, &found)
	return found.Err()
}

// maxFound bounds how many mistakes are looked for: whoever has made so many knows that something
// is wrong.
const maxFound = 1000

func (l *List) add(n Node, err error) {
	var list List
	var one Diagnostic
	switch {
	case err == nil || len(*l) >= maxFound:
	case errors.As(err, &list):
		*l = append(*l, list...)
	case errors.As(err, &one):
		*l = append(*l, one)
	default:
		*l = append(*l, n.Errorf("%s", err))
	}
}

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
		n.intoStructs([]reflect.Value{v}, found)
	case reflect.Map:
		n.intoMap(v, found)
	case reflect.Slice:
		n.intoSlice(v, found)
	default:
		found.add(n, n.intoScalar(v))
	}
}

func (n Node) intoStructs(structs []reflect.Value, found *List) {
	if !n.IsMapping() {
		found.add(n, n.Errorf("want a mapping, got a%s %s", vowel(n.kind()), n.kind()))
		return
	}
	fields, names := map[string]reflect.Value{}, []string{}
	required, lenient := []string{}, false
	for _, v := range structs {
		lenient = lenient || v.Type() == reflect.TypeFor[Unread]()
		for _, f := range Fields(v.Type()) {
			if f.position {
				v.FieldByIndex(f.Index).Set(reflect.ValueOf(n.Position()))
				continue
			}
			fields[f.Name] = v.FieldByIndex(f.Index)
			names = append(names, f.Name)
			if f.Required {
				required = append(required, f.Name)
			}
		}
	}
	seen := n.pairs(found, func(key, value Node) {
		if v, ok := fields[key.y.Value]; ok {
			value.into(v, found)
		} else if key.y.Value == "<<" {
			found.add(key, key.Errorf("merge keys are not read: write the fields themselves"))
		} else if !lenient {
			found.add(key, key.Errorf("unknown field %q%s", key.y.Value, DidYouMean(key.y.Value, names)))
		}
	})
	for _, name := range required {
		if !seen[name] {
			found.add(n, n.Errorf("missing field %q", name))
		}
	}
}

// pairs calls each for every key and value of a mapping, and complains about repeated and odd keys.
func (n Node) pairs(found *List, each func(key, value Node)) map[string]bool {
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.y.Content); i += 2 {
		key, value := n.child(n.y.Content[i]), n.child(n.y.Content[i+1])
		switch {
		case key.y.Kind != scalar:
			found.add(key, key.Errorf("a key must be text"))
		case seen[key.y.Value]:
			found.add(key, key.Errorf("%q is given twice", key.y.Value))
		default:
			seen[key.y.Value] = true
			each(key, value)
		}
	}
	return seen
}

func (n Node) intoMap(v reflect.Value, found *List) {
	if !n.IsMapping() {
		found.add(n, n.Errorf("want a mapping, got a%s %s", vowel(n.kind()), n.kind()))
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
		found.add(n, n.Errorf("want a list, got a%s %s", vowel(n.kind()), n.kind()))
		return
	}
	out := reflect.MakeSlice(v.Type(), len(n.y.Content), len(n.y.Content))
	for i, item := range n.y.Content {
		n.child(item).into(out.Index(i), found)
	}
	v.Set(out)
}
