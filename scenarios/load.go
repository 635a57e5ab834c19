package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"

	"brrtload/internal/diag"
)

// Settings are what a scenario is read with besides its own text. The zero value is the environment
// of the process and nothing else.
type Settings struct {
	// Set are values instead of those in the file, each as PATH=VALUE; see diag.Override.
	Set []string
	// Environment gives the values of variables; os.LookupEnv when nil.
	Environment func(name string) (string, bool)
	// ReadSecret reads a file that a secret is in; one beside the scenario when nil.
	ReadSecret func(name string) ([]byte, error)
	// Dir is where the scenario's paths begin; the directory of its file when empty.
	Dir string
	// Kept says that the scenario is one that a run has kept, without its secrets: Redacted stands
	// for each, and no reference is followed.
	Kept bool
	// Sections are pointers to structs that further sections of the file are decoded into. Without
	// any, such sections are left unread.
	Sections []any
}

// Load reads the scenario file of that name. The error is a [diag.List] of all mistakes, or tells
// why the file could not be read.
func Load(fsys fs.FS, name string) (*Scenario, error) {
	s, err := Settings{}.Load(fsys, name)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Load reads the scenario file of that name. The error is a [diag.List] of all mistakes, or tells
// why the file could not be read. With a list of mistakes comes what could be read of the scenario,
// which is not fit to be run.
func (o Settings) Load(fsys fs.FS, name string) (*Scenario, error) {
	if o.Environment == nil {
		o.Environment = os.LookupEnv
	}
	s := &Scenario{Connections: FewestConnections, Timeout: DefaultTimeout, Files: beside{fsys, path.Dir(name)},
		settings:  o,
		Variables: map[string]string{}}
	s.Scrape.Interval = DefaultScrapeInterval
	s.dir = cmp.Or(o.Dir, path.Dir(name))
	base := path.Base(name)
	s.Name = base[:len(base)-len(path.Ext(base))]
	r := reader{fsys: fsys, dir: path.Dir(name), scenario: s, sources: map[string]*diag.Source{}}
	top, err := r.read(name, nil)
	s.sources = r.sources
	if err != nil {
		return nil, err
	}
	s.Source, s.top = r.sources[name], top
	found := r.found
	for i, text := range o.Set {
		found = found.With(s.set(i, text))
	}
	sections, unread := o.Sections, diag.Unread{}
	if len(sections) == 0 {
		sections = []any{&unread}
	}
	found = found.With(top.Decode(append([]any{s}, sections...)...))
	found = append(found, s.check()...)
	found = append(found, s.tryTemplates()...)
	return s, withoutEchoes(found, r.unset).Err()
}

// set carries out one value of the command line.
func (s *Scenario) set(i int, text string) error {
	name := "--set"
	if i > 0 {
		name = fmt.Sprintf("--set (%d)", i+1)
	}
	s.sources[name] = &diag.Source{Name: name, Text: []byte(text)}
	o, err := diag.ParseOverride(name, text)
	if err != nil {
		return err
	}
	return s.top.Override(o)
}

// withoutEchoes leaves out what was found wrong with a value for no other reason than that its
// variable is not set.
func withoutEchoes(found diag.List, unset diag.List) diag.List {
	missing := map[diag.Position]bool{}
	for _, d := range unset {
		missing[d.Position] = true
	}
	out := slices.Clone(unset)
	for _, d := range found {
		if !missing[d.Position] {
			out = append(out, d)
		}
	}
	return out
}

// maxIncludes bounds how many files one scenario may be made of.
const maxIncludes = 100

// reader reads a scenario and what it includes.
type reader struct {
	fsys     fs.FS
	dir      string
	scenario *Scenario
	sources  map[string]*diag.Source // of every file read
	found    diag.List
	unset    diag.List // variables without a value
}

// read reads one file, puts values instead of references, and puts the files that it includes under
// it. Within are the files that it is included by.
func (r *reader) read(name string, within []string) (diag.Node, error) {
	text, err := fs.ReadFile(r.fsys, name)
	if err != nil {
		return diag.Node{}, fmt.Errorf("read scenario: %w", err)
	}
	r.sources[name] = &diag.Source{Name: name, Text: text}
	top, err := diag.Parse(r.sources[name])
	if err != nil {
		return diag.Node{}, err
	}
	var list diag.List
	if err := top.Expand(r.scenario.lookup); errors.As(err, &list) {
		r.unset = append(r.unset, list...)
	}
	include, ok := top.Take("include")
	if !ok {
		return top, nil
	}
	var names includes
	r.found = r.found.With(include.Decode(&names))
	for _, one := range slices.Backward(names) { // the last under this one first: it wins over those before it
		r.include(top, one, append(within, name))
	}
	return top, nil
}

func (r *reader) include(top diag.Node, file diag.Text, within []string) {
	name := path.Join(r.dir, file.Value)
	_, before := r.sources[name]
	switch {
	case file.Value == "":
		if file.Position() != (diag.Position{}) {
			r.found = append(r.found, file.Errorf("want the name of a file"))
		}
		return
	case slices.Contains(within, name):
		r.found = append(r.found, file.Errorf("%s includes itself", file.Value))
		return
	case before: // once is enough: its lists would be there twice
		return
	case len(r.sources) > maxIncludes:
		r.found = append(r.found, file.Errorf("more than %d files", maxIncludes))
		return
	}
	base, err := r.read(name, within)
	var found diag.List
	if err != nil && !errors.As(err, &found) {
		err = file.Errorf("include: %v", reason(err))
	} else if err == nil && !base.IsMapping() {
		err = base.Errorf("want a mapping of sections, like those of a scenario")
	}
	if err != nil {
		r.found = r.found.With(err)
		return
	}
	top.Under(base)
}

// includes are names of files: one, or a list.
type includes []diag.Text

// UnmarshalNode implements diag.Unmarshaler.
func (i *includes) UnmarshalNode(n diag.Node) error {
	if n.IsSequence() {
		return n.Decode((*[]diag.Text)(i))
	}
	*i = make(includes, 1)
	return n.Decode(&(*i)[0])
}

// lookup returns the value of a variable, and remembers it.
func (s *Scenario) lookup(name string) (string, bool) {
	value, ok := s.settings.Environment(name)
	if ok {
		s.Variables[name] = value
	}
	return value, ok
}
