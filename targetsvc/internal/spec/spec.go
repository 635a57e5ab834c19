// Package spec reads the OpenAPI document that says what the service serves.
//
// In goes an OpenAPI 3 text; out come the operations, in the order routes are tried, and the
// security schemes they name. Every mistake is reported with its line. Package router compiles the
// operations, package security the schemes.
package spec

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Petstore is the bundled document.
//
//go:embed petstore.yaml
var Petstore []byte

// PetstoreName is what messages call the bundled document.
const PetstoreName = "bundled:petstore.yaml"

// Document is what the service serves.
type Document struct {
	Operations []Operation // in the order their routes are tried: fewest path parameters first, then by path and method
	Schemes    []Scheme    // those that an operation names, sorted by name
	Text       []byte      // as it was read
}

// Operation is one method on one path.
type Operation struct {
	Handler   string        // the operationId
	Place     string        // where the document has it: file:line:column
	Method    string        // upper case
	Path      string        // with {parameters}
	Security  []Alternative // any one of them admits a request; empty means open
	StackSize int           // bytes, from x-brrtrouter-stack-size; 0 means not given
	Statuses  []int         // those the document promises, sorted
}

// Alternative lists requirements that must all be met.
type Alternative []Requirement

// Requirement is a scheme and the scopes a credential must carry.
type Requirement struct {
	Scheme string
	Scopes []string
}

// SchemeKind tells how a credential is checked.
type SchemeKind int

// The kinds of scheme.
const (
	APIKey SchemeKind = iota // a key in a header
	Bearer                   // a JSON web token in Authorization
	Remote                   // a key in a header that another service verifies
)

// Scheme is a security scheme. Header is the header that carries the credential.
type Scheme struct {
	Name   string
	Kind   SchemeKind
	Header string
}

// Load reads the document from a file, or the bundled one when path is empty.
func Load(path string) (*Document, error) {
	if path == "" {
		return Parse(PetstoreName, Petstore)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	return Parse(path, text)
}

// Parse reads a document; name is what messages call it. The error joins one message a mistake.
func Parse(name string, text []byte) (*Document, error) {
	loader := openapi3.NewLoader()
	loader.IncludeOrigin = true
	doc, err := loader.LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p := parser{name: name, doc: doc}
	if err := doc.Validate(context.Background(), openapi3.EnableMultiError()); err != nil {
		return nil, p.invalid(err)
	}
	p.operations()
	p.schemes()
	if err := errors.Join(p.errs...); err != nil {
		return nil, err
	}
	p.out.Text = text
	return &p.out, nil
}

type parser struct {
	name  string
	doc   *openapi3.T
	out   Document
	named []string // schemes that operations name
	errs  []error
}

func (p *parser) fail(at *openapi3.Origin, format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf("%s: %w", p.place(at), fmt.Errorf(format, args...)))
}

// place returns file:line:column, or the file alone where the library does not tell more.
func (p *parser) place(at *openapi3.Origin) string {
	if at == nil || at.Key == nil {
		return p.name
	}
	return fmt.Sprintf("%s:%d:%d", p.name, at.Key.Line, at.Key.Column)
}

// invalid places what the library found at the operation, or the path, that it is about.
func (p *parser) invalid(err error) error {
	all := openapi3.MultiError{err}
	errors.As(err, &all)
	for _, one := range all {
		p.fail(p.origin(one), "%w", one)
	}
	return errors.Join(p.errs...)
}

func (p *parser) origin(err error) *openapi3.Origin {
	var inPath *openapi3.PathValidationError
	if !errors.As(err, &inPath) {
		return nil
	}
	item := p.doc.Paths.Value(inPath.Path)
	var inOperation *openapi3.OperationValidationError
	if errors.As(err, &inOperation) {
		if op := item.GetOperation(inOperation.Method); op != nil {
			return op.Origin
		}
	}
	return item.Origin
}

func (p *parser) operations() {
	for path, item := range p.doc.Paths.Map() {
		for method, op := range item.Operations() {
			out := Operation{Handler: op.OperationID, Place: p.place(op.Origin), Method: strings.ToUpper(method),
				Path: path}
			if out.Handler == "" {
				p.fail(op.Origin, "%s %s has no operationId, which names its handler", method, path)
				continue
			}
			out.Security = p.security(op)
			out.StackSize = p.stackSize(op)
			out.Statuses = statuses(op)
			p.out.Operations = append(p.out.Operations, out)
		}
	}
	sortRoutes(p.out.Operations)
	if len(p.out.Operations) == 0 && len(p.errs) == 0 {
		p.fail(nil, "no operation")
	}
}

func (p *parser) security(op *openapi3.Operation) []Alternative {
	requirements := p.doc.Security
	if op.Security != nil {
		requirements = *op.Security
	}
	var out []Alternative
	for _, requirement := range requirements {
		var alternative Alternative
		for scheme, scopes := range requirement {
			alternative = append(alternative, Requirement{scheme, scopes})
			p.named = append(p.named, scheme)
		}
		slices.SortFunc(alternative, func(a, b Requirement) int { return cmp.Compare(a.Scheme, b.Scheme) })
		out = append(out, alternative)
	}
	return out
}

// stackSize reads the extension as bytes. YAML has already turned 0x4001 into a number; JSON
// documents write hex as text.
func (p *parser) stackSize(op *openapi3.Operation) int {
	value, given := op.Extensions["x-brrtrouter-stack-size"]
	if !given {
		return 0
	}
	size, err := strconv.ParseInt(fmt.Sprint(value), 0, 32)
	if f, isFloat := value.(float64); isFloat {
		size, err = int64(f), nil
	}
	if err != nil || size <= 0 {
		p.fail(op.Origin, "%s: x-brrtrouter-stack-size: want a number of bytes, decimal or 0x hex, got %q",
			op.OperationID, fmt.Sprint(value))
	}
	return int(size)
}

func statuses(op *openapi3.Operation) []int {
	var out []int
	for key := range op.Responses.Map() {
		if status, err := strconv.Atoi(key); err == nil {
			out = append(out, status)
		}
	}
	slices.Sort(out)
	return out
}

func (p *parser) schemes() {
	slices.Sort(p.named)
	for _, name := range slices.Compact(p.named) {
		declared := p.doc.Components.SecuritySchemes[name].Value
		scheme := Scheme{Name: name, Header: declared.Name}
		switch {
		case declared.Type == "apiKey" && declared.In == "header" && declared.Extensions["x-brrtrouter-verify"] == "remote":
			scheme.Kind = Remote
		case declared.Type == "apiKey" && declared.In == "header":
			scheme.Kind = APIKey
		case declared.Type == "http" && strings.EqualFold(declared.Scheme, "bearer"):
			scheme.Kind, scheme.Header = Bearer, "Authorization"
		default:
			p.fail(declared.Origin, "security scheme %s: want an apiKey in a header or http bearer", name)
		}
		scheme.Header = http.CanonicalHeaderKey(scheme.Header)
		p.out.Schemes = append(p.out.Schemes, scheme)
	}
}
