package gen

import (
	"reflect"
	"slices"

	"github.com/invopop/jsonschema"
	"github.com/prometheus/common/config"

	"brrtload/assertions"
	"brrtload/assertions/checks"
	"brrtload/assertions/contract"
	"brrtload/assertions/instrumented"
	"brrtload/assertions/promql"
	"brrtload/assertions/rules"
	"brrtload/internal/diag"
	"brrtload/scenarios"
)

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
		reflect.TypeFor[scenarios.MemoryTool](): words("pprof", "heaptrack", "dhat", "massif"),
		reflect.TypeFor[scenarios.Memory](): func(g *generator) *jsonschema.Schema {
			return either(anyText(), g.object(reflect.TypeFor[scenarios.Memory]()))
		},
		reflect.TypeFor[assertions.Severity]():  words("fail", "warn"),
		reflect.TypeFor[assertions.OnMissing](): words("fail", "inconclusive", "zero", "pass"),
		reflect.TypeFor[checks.Side]():          words("more", "less"),
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

// byFields reports whether a type that reads itself does so only to fill in what is left out, or to
// check more than a schema can say. Every assertion is such a type.
func byFields(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[assertions.Assertion]()) ||
		slices.Contains([]reflect.Type{reflect.TypeFor[scenarios.Stage](), reflect.TypeFor[contract.Promise]()}, t)
}

// addresses are the fields that have a URL, or a path where that may stand. Where a reference is
// put in, only the decoder knows what it will be.
var addresses = map[string]string{
	"Target.URL": `^https?://[^/]|` + reference, "Target.Metrics": `^(https?:/)?/[^/]|^/$|^none$|` + reference,
	"Endpoint.URL": `^(https?:/)?/[^/]|^/$|` + reference, "Memory.URL": `^(https?:/)?/[^/]|^/$|` + reference, "Transport.Proxy": `^https?://[^/]|` + reference,
}
