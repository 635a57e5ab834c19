package main

import (
	"bytes"
	"encoding"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/invopop/jsonschema"
	"github.com/prometheus/common/config"
	validator "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v4"

	"brrtload/assertions"
	"brrtload/assertions/checks"
	"brrtload/assertions/contract"
	"brrtload/assertions/identities"
	"brrtload/assertions/instrumented"
	"brrtload/assertions/packs"
	"brrtload/assertions/promql"
	"brrtload/assertions/rules"
	"brrtload/internal/diag"
	"brrtload/internal/overhead"
	"brrtload/scenarios"
)

var update = flag.Bool("update", false, "rewrite what is made from the code: schemas, tables of the docs, expected diagnostics")

// published are the schemas that are made from the types that files are decoded into.
var published = []struct {
	name, title, file string
	types             []reflect.Type
}{
	{"scenario", "A brrtload scenario", "scenarios/scenario.schema.json", []reflect.Type{reflect.TypeFor[scenarios.Scenario](), reflect.TypeFor[packs.Document](), reflect.TypeFor[including]()}},
	{"assertions", "brrtload assertions", "assertions/packs/assertions.schema.json", []reflect.Type{reflect.TypeFor[packs.Document]()}},
	{"contract", "A brrtload metrics contract", "assertions/packs/contract.schema.json", []reflect.Type{reflect.TypeFor[contract.Contract]()}},
	{"arms", "Two services for brrtload overhead", "internal/overhead/arms.schema.json", []reflect.Type{reflect.TypeFor[overhead.ArmsFile]()}},
}

// including is the section that is gone when a scenario is decoded.
type including struct {
	Include oneOrMore `yaml:"include"`
}

type oneOrMore []diag.Text

// form is how a type is written that reads itself.
type form func(g *generator) *jsonschema.Schema

// forms are those of the types that do not read themselves by their fields alone.
func forms() map[reflect.Type]form {
	return map[reflect.Type]form{
		reflect.TypeFor[oneOrMore]():         func(g *generator) *jsonschema.Schema { return either(anyText(), listOf(anyText())) },
		reflect.TypeFor[diag.Text]():         func(*generator) *jsonschema.Schema { return anyText() },
		reflect.TypeFor[diag.Node]():         func(*generator) *jsonschema.Schema { return &jsonschema.Schema{} },
		reflect.TypeFor[scenarios.Claims]():  func(*generator) *jsonschema.Schema { return &jsonschema.Schema{Type: "object"} },
		reflect.TypeFor[scenarios.Client]():  func(g *generator) *jsonschema.Schema { return g.foreign(reflect.TypeFor[config.HTTPClientConfig]()) },
		reflect.TypeFor[scenarios.TLS]():     func(g *generator) *jsonschema.Schema { return g.foreign(reflect.TypeFor[config.TLSConfig]()) },
		reflect.TypeFor[assertions.Limits](): func(*generator) *jsonschema.Schema { return either(anyText(), listOf(anyText())) },
		reflect.TypeFor[promql.Query]():      func(*generator) *jsonschema.Schema { return anyText() },
		reflect.TypeFor[contract.Values]():   func(*generator) *jsonschema.Schema { return either(anyText(), listOf(anyText())) },
		reflect.TypeFor[checks.Balance]():    func(*generator) *jsonschema.Schema { return anyText() },
		reflect.TypeFor[promql.Histogram]():  func(*generator) *jsonschema.Schema { return anyText() },
		reflect.TypeFor[rules.Dashboard](): func(g *generator) *jsonschema.Schema {
			return either(anyText(), g.object(reflect.TypeFor[rules.Dashboard]()))
		},
		reflect.TypeFor[checks.Words](): func(*generator) *jsonschema.Schema { return anyText() },
		reflect.TypeFor[instrumented.MetricsOf](): func(g *generator) *jsonschema.Schema {
			return either(anyText(), g.object(reflect.TypeFor[instrumented.MetricsOf]()))
		},
		reflect.TypeFor[checks.InFlight]():      func(*generator) *jsonschema.Schema { return anyText() },
		reflect.TypeFor[scenarios.Secret]():     secretForm,
		reflect.TypeFor[scenarios.Setting]():    secretForm,
		reflect.TypeFor[scenarios.Listener]():   words("own", "any"),
		reflect.TypeFor[assertions.Severity]():  words("fail", "warn"),
		reflect.TypeFor[assertions.OnMissing](): words("fail", "inconclusive", "zero", "pass"),
		reflect.TypeFor[checks.Reaction]():      words("move", "be_positive"),
		reflect.TypeFor[rules.Expectation]():    words("not_fire", "fire"),
		reflect.TypeFor[checks.FieldType]():     words("text", "integer", "number", "boolean"),
		reflect.TypeFor[rules.Rules](): func(g *generator) *jsonschema.Schema {
			return either(anyText(), g.object(reflect.TypeFor[rules.Rules]()))
		},
		reflect.TypeFor[assertions.Abort](): func(g *generator) *jsonschema.Schema {
			return either(typed("boolean", "string"), g.object(reflect.TypeFor[assertions.Abort]()))
		},
		reflect.TypeFor[checks.Shape](): func(*generator) *jsonschema.Schema {
			return either(&jsonschema.Schema{Const: "all"}, listOf(anyText()))
		},
	}
}

func secretForm(*generator) *jsonschema.Schema {
	kept := func(where string) *jsonschema.Schema {
		s := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), Required: []string{where}, AdditionalProperties: jsonschema.FalseSchema}
		s.Properties.Set(where, anyText())
		return s
	}
	return either(anyText(), kept("env"), kept("file"))
}

// byFields are the types that read themselves only to fill in what is left out, or to check more
// than a schema can say.
var byFields = []reflect.Type{
	reflect.TypeFor[scenarios.Stage](), reflect.TypeFor[checks.Budget](), reflect.TypeFor[identities.Identity](), reflect.TypeFor[checks.Liveness](),
	reflect.TypeFor[checks.Return](), reflect.TypeFor[checks.Agreement](), reflect.TypeFor[checks.LogEvent](), reflect.TypeFor[contract.Promise](),
	reflect.TypeFor[checks.Exposition](), reflect.TypeFor[checks.Spans](),
}

// generator makes schemas from the types, by the list of fields that the decoder itself uses.
type generator struct {
	t        *testing.T
	comments map[string]string
	defs     jsonschema.Definitions
}

// reference is a value that comes from the environment, where it is not a text anyway.
const reference = `\$\{`

func anyText() *jsonschema.Schema { return typed("string", "number", "boolean") }

func typed(types ...string) *jsonschema.Schema {
	s := &jsonschema.Schema{Extras: map[string]any{"type": types}}
	if types[0] != "string" {
		s.Pattern = reference
	}
	return s
}

func listOf(items *jsonschema.Schema) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "array", Items: items}
}

func either(forms ...*jsonschema.Schema) *jsonschema.Schema { return &jsonschema.Schema{AnyOf: forms} }

func words(all ...any) form {
	return func(*generator) *jsonschema.Schema { return &jsonschema.Schema{Enum: all} }
}

// of returns the schema of a type; that of a struct is a reference.
func (g *generator) of(t reflect.Type) *jsonschema.Schema {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if form, ok := forms()[t]; ok {
		return form(g)
	}
	_, reads := reflect.New(t).Interface().(diag.Unmarshaler)
	_, fromText := reflect.New(t).Interface().(encoding.TextUnmarshaler)
	switch {
	case t == reflect.TypeFor[time.Duration]():
		s := typed("string", "number")
		s.Pattern = `^(-?([0-9]*\.?[0-9]+(ns|us|µs|ms|s|m|h))+|0)$|` + reference
		return s
	case fromText:
		return anyText()
	case t.Kind() == reflect.Struct:
		if reads {
			require.Contains(g.t, byFields, t, "%s reads itself: say in forms or byFields how it is written", t)
		}
		name := t.Name()
		if _, made := g.defs[name]; !made {
			g.defs[name] = nil // it may contain itself
			g.defs[name] = g.object(t)
		}
		return &jsonschema.Schema{Ref: "#/$defs/" + name}
	case reads:
		require.Fail(g.t, fmt.Sprintf("%s reads itself: say in forms how it is written", t))
	}
	switch t.Kind() {
	case reflect.Slice:
		return listOf(g.of(t.Elem()))
	case reflect.Map:
		return &jsonschema.Schema{Type: "object", AdditionalProperties: g.of(t.Elem())}
	case reflect.Bool:
		return typed("boolean", "string")
	case reflect.Float64:
		return typed("number", "string")
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return typed("integer", "string")
	case reflect.String:
		return anyText()
	}
	require.Fail(g.t, "no schema for "+t.String())
	return nil
}

func (g *generator) object(types ...reflect.Type) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema}
	for _, t := range types {
		for _, f := range diag.Fields(t) {
			if f.IsPosition() {
				continue
			}
			of := g.of(f.Type)
			if pattern, ok := addresses[f.Struct.Name()+"."+f.Go]; ok {
				of = &jsonschema.Schema{Type: "string", Pattern: pattern}
			}
			of.Description = g.comment(f)
			s.Properties.Set(f.Name, of)
			if f.Required {
				s.Required = append(s.Required, f.Name)
			}
		}
	}
	return s
}

// addresses are the fields that have a URL, or a path where that may stand. Where a reference is
// put in, only the decoder knows what it will be.
var addresses = map[string]string{
	"Target.URL": `^https?://[^/]|` + reference, "Target.Metrics": `^(https?:/)?/[^/]|^/$|^none$|` + reference,
	"Endpoint.URL": `^(https?:/)?/[^/]|^/$|` + reference, "Transport.Proxy": `^https?://[^/]|` + reference,
}

// common are the keys that every assertion has.
var common = map[string]string{
	"id":       "Names the assertion in reports; no two of a run have the same.",
	"severity": "fail, by default, or warn: a warning is reported and decides nothing.",
	"why":      "Whom it helps, in a sentence: reports show it beside what does not hold.",
}

// comment returns what the code says of a field.
func (g *generator) comment(f diag.Field) string {
	if f.Name == "include" {
		return "Files beside the scenario, one or a list: of mappings the keys of all are taken, of lists the items of all, and of anything else what the including file says."
	}
	if comment, ok := common[f.Name]; ok && strings.HasPrefix(f.Struct.PkgPath(), "brrtload/assertions") {
		return comment
	}
	comment := strings.Join(strings.Fields(g.comments[f.Struct.PkgPath()+"."+f.Struct.Name()+"."+f.Go]), " ")
	require.NotEmpty(g.t, comment, "%s.%s has no comment: it is what an editor shows of %q", f.Struct, f.Go, f.Name)
	return comment
}

// foreign is the schema of a type of Prometheus's, by its YAML tags.
func (g *generator) foreign(t reflect.Type) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema}
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		of := t.Field(i).Type
		for of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		switch {
		case options == "inline":
			for pair := g.foreign(of).Properties.Oldest(); pair != nil; pair = pair.Next() {
				s.Properties.Set(pair.Key, pair.Value)
			}
		case name == "" || name == "-":
		case of.Kind() == reflect.Struct && strings.HasSuffix(of.PkgPath(), "prometheus/common/config") && hasTags(of):
			s.Properties.Set(name, g.foreign(of))
		default:
			s.Properties.Set(name, &jsonschema.Schema{})
		}
	}
	return s
}

func hasTags(t reflect.Type) bool {
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); name != "" && name != "-" {
			return true
		}
	}
	return false
}

// comments returns what the code says of every type and field.
func comments(t *testing.T) map[string]string {
	t.Helper()
	var r jsonschema.Reflector
	t.Chdir("../..") // the paths must read as import paths
	for _, dir := range []string{"scenarios", "assertions", "internal/facts", "internal/quantity", "internal/diag", "internal/overhead"} {
		require.NoError(t, r.AddGoComments("brrtload", dir))
	}
	t.Chdir("cmd/brrtload")
	return r.CommentMap
}

// generate makes the schema of some types that are decoded from one document.
func generate(t *testing.T, title string, types ...reflect.Type) []byte {
	t.Helper()
	g := &generator{t: t, comments: comments(t), defs: jsonschema.Definitions{}}
	s := g.object(types...)
	s.Version, s.Title, s.Definitions = jsonschema.Version, title, g.defs
	out, err := json.MarshalIndent(s, "", "  ")
	require.NoError(t, err)
	return append(out, '\n')
}

func TestSchemasAreThoseOfTheTypes(t *testing.T) {
	for i, p := range published {
		want := generate(t, p.title, p.types...)
		if *update {
			require.NoError(t, os.WriteFile(filepath.Join("../..", p.file), want, 0o644))
			continue
		}
		require.Equal(t, p.name, schemas[i].name)
		require.Equal(t, string(want), string(schemas[i].text()), "%s is not that of the types; run `go test ./cmd/brrtload -run Schemas -update`", p.file)
	}
}

// compiled returns a schema that documents can be held against.
func compiled(t *testing.T, name string) *validator.Schema {
	t.Helper()
	for _, s := range schemas {
		if s.name == name {
			doc, err := validator.UnmarshalJSON(bytes.NewReader(s.text()))
			require.NoError(t, err)
			c := validator.NewCompiler()
			at := "mem:///" + name // a bare name is taken for a file here, whose path may have blanks
			require.NoError(t, c.AddResource(at, doc))
			schema, err := c.Compile(at)
			require.NoError(t, err)
			return schema
		}
	}
	require.Fail(t, "no schema "+name)
	return nil
}

// accepts reports whether a schema accepts a YAML text, as an editor would have it.
func accepts(t *testing.T, schema *validator.Schema, text []byte) error {
	t.Helper()
	var value any
	require.NoError(t, yaml.Unmarshal(text, &value))
	asJSON, err := json.Marshal(value)
	require.NoError(t, err)
	doc, err := validator.UnmarshalJSON(bytes.NewReader(asJSON))
	require.NoError(t, err)
	return schema.Validate(doc)
}

var modeline = regexp.MustCompile(`^# yaml-language-server: \$schema=(\S+)\n`)

// documents are the YAML files that are shipped, and some that have the keys which those do not,
// with the kind of each.
func documents(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for dir, kind := range map[string]string{"scenarios/*.yaml": "scenario", "assertions/packs/*.yaml": "assertions", "assertions/packs/contracts/*.yaml": "contract"} {
		files, err := filepath.Glob(filepath.Join("../..", dir))
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			all[file] = kind
		}
	}
	all["testdata/every-key/scenario.yaml"] = "scenario"
	all["testdata/every-key/command.yaml"] = "scenario"
	all["testdata/every-key/assertions.yaml"] = "assertions"
	all["testdata/every-key/contract.yaml"] = "contract"
	all["testdata/every-key/arms.yaml"] = "arms"
	return all
}

func TestShippedFilesNameTheirSchemaAndKeepToIt(t *testing.T) {
	for file, kind := range documents(t) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		m := modeline.FindSubmatch(text)
		require.NotNil(t, m, "%s does not begin with # yaml-language-server: $schema=", file)
		named, err := os.ReadFile(filepath.Join(filepath.Dir(file), string(m[1])))
		require.NoError(t, err, file)
		for _, s := range schemas {
			if s.name == kind {
				require.Equal(t, string(s.text()), string(named), "%s names another schema", file)
			}
		}
		require.NoError(t, accepts(t, compiled(t, kind), text), file)
	}
}

// TestSchemaAndDecoderRefuseTheSameKeys puts a key that nobody knows into every mapping of the
// documents, one at a time: where the decoder complains, the schema does, and where one takes any
// key, so does the other.
func TestSchemaAndDecoderRefuseTheSameKeys(t *testing.T) {
	for file, kind := range documents(t) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		schema, tried := compiled(t, kind), 0
		for n := 0; ; n++ {
			var doc yaml.Node
			require.NoError(t, yaml.Unmarshal(text, &doc))
			if !strange(doc.Content[0], &[]int{n}[0]) {
				break
			}
			unfold(&doc)
			changed, err := yaml.Marshal(&doc)
			require.NoError(t, err)
			refused, accepted := complains(t, kind, filepath.Dir(file), changed), accepts(t, schema, changed)
			require.Equal(t, refused, accepted != nil, "%s, mapping %d: the decoder complains: %v; the schema: %v\n%s", file, n, refused, accepted, changed)
			tried++
		}
		require.NotZero(t, tried)
	}
}

func TestSchemaAndDecoderRefuseTheSameAddresses(t *testing.T) {
	schema := compiled(t, "scenario")
	const document = "target: {%s}\nscrape: {endpoints: [{name: a, url: %s}]}\nstages: [{rate: 1, duration: 1s}]\nrequests: [{get: /}]\n"
	for _, row := range []struct {
		target, endpoint string
		sound            bool
	}{
		{"url: 'http://a'", "/metrics", true}, {"url: 'https://a:8443/b'", "'http://b:1/m'", true}, {"url: '${A}'", "'${B}/metrics'", true},
		{"url: 'http://a', metrics: /m", "/", true}, {"url: true", "/metrics", false}, {"url: 5", "/metrics", false}, {"url: /path", "/metrics", false},
		{"url: 'http://a'", "5", false}, {"url: 'http://a'", "true", false}, {"url: 'http://a'", "metrics", false}, {"url: 'ftp://a'", "/metrics", false},
		{"url: 'http://a', metrics: nowhere", "/m", false},
	} {
		text := fmt.Appendf(nil, document, row.target, row.endpoint)
		_, err := scenarios.Settings{Environment: func(string) (string, bool) { return "http://c", true }}.Load(overlay{os.DirFS("."), text}, "strange.yaml")
		require.Equal(t, row.sound, err == nil, "the decoder: %v\n%s", err, text)
		require.Equal(t, row.sound, accepts(t, schema, text) == nil, "the schema: %v\n%s", accepts(t, schema, text), text)
	}
}

// strange adds a key to the n-th mapping.
func strange(y *yaml.Node, n *int) bool {
	if y.Kind == yaml.MappingNode {
		if *n == 0 {
			y.Content = append(y.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: "strange"}, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: "1"})
			return true
		}
		*n--
	}
	for _, child := range y.Content {
		if strange(child, n) {
			return true
		}
	}
	return false
}

// unfold has every mapping and list written over several lines.
func unfold(y *yaml.Node) {
	if len(y.Content) > 0 {
		y.Style &^= yaml.FlowStyle
	}
	for _, child := range y.Content {
		unfold(child)
	}
}

// complains reports whether the decoder has something to say about the strange key.
func complains(t *testing.T, kind, dir string, text []byte) bool {
	t.Helper()
	fsys := overlay{os.DirFS(dir), text}
	var err error
	switch kind {
	case "scenario":
		var own packs.Document
		_, err = scenarios.Settings{Environment: func(string) (string, bool) { return "5", true }, Sections: []any{&own}}.Load(fsys, "strange.yaml")
	case "arms":
		_, err = overhead.LoadArms(fsys, "strange.yaml")
	case "assertions":
		_, err = packs.Load(fsys, "strange.yaml")
	default:
		_, err = contract.Load(fsys, "strange.yaml")
	}
	for _, d := range diag.List(nil).With(err) {
		if strings.Contains(d.Excerpt, "strange: 1") {
			return true
		}
	}
	return false
}

// overlay is a directory with one file more.
type overlay struct {
	fs.FS
	text []byte
}

func (o overlay) ReadFile(name string) ([]byte, error) {
	if name == "strange.yaml" {
		return o.text, nil
	}
	return fs.ReadFile(o.FS, name)
}

// TestDocumentsHaveEveryKey sees to it that what the tests above try is all that there is.
func TestDocumentsHaveEveryKey(t *testing.T) {
	used := map[string]bool{}
	var gather func(y *yaml.Node)
	gather = func(y *yaml.Node) {
		for i, child := range y.Content {
			if y.Kind == yaml.MappingNode && i%2 == 0 {
				used[child.Value] = true
			}
			gather(child)
		}
	}
	for file := range documents(t) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var doc yaml.Node
		require.NoError(t, yaml.Unmarshal(text, &doc))
		gather(&doc)
	}
	for _, p := range published {
		for _, key := range keys(p.types...) {
			require.True(t, used[key], "no document has the key %q: add it to testdata/every-key", key)
		}
	}
}

// keys lists those of some types and of all that they are made of.
func keys(types ...reflect.Type) []string {
	var all []string
	seen := map[reflect.Type]bool{}
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(t.Elem())
		case reflect.Struct:
			if seen[t] {
				return
			}
			seen[t] = true
			for _, f := range diag.Fields(t) {
				if !f.IsPosition() {
					all = append(all, f.Name)
					walk(f.Type)
				}
			}
		}
	}
	for _, t := range types {
		walk(t)
	}
	return all
}
