package gen

import (
	"reflect"

	"brrtload/assertions/contract"
	"brrtload/assertions/packs"
	"brrtload/internal/diag"
	"brrtload/internal/overhead"
	"brrtload/scenarios"
)

// Kind is a kind of file that brrtload reads, whose schema is made from the types that it is decoded
// into.
type Kind struct {
	Name, Title string
	File        string // of the schema
	Types       []reflect.Type
}

// Kinds are the kinds of file.
var Kinds = []Kind{
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
