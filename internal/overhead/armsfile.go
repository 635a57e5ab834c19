package overhead

import (
	"cmp"
	_ "embed"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"brrtload/internal/diag"
)

// ArmsFile says in a file what two services to compare. [LoadArms] reads one.
type ArmsFile struct {
	Baseline  ArmEntry    `yaml:"baseline,required"`  // the service without what is measured
	Candidate ArmEntry    `yaml:"candidate,required"` // the service with it
	Vary      []Variation `yaml:"vary"`               // the candidate once more, with a part of its telemetry off: what that saves is the part's
}

// ArmEntry is a service, and how its telemetry shows that it accounts for every hit.
type ArmEntry struct {
	At        diag.Position        `yaml:",position"`
	Command   []diag.Text          `yaml:"command"`    // a program and its arguments; {port} stands for the port to listen on, and the variable PORT has it too
	Go        *GoEntry             `yaml:"go"`         // in place of a command: a Go package, built anew with another layout of its code for every start
	Env       map[string]diag.Text `yaml:"env"`        // variables besides those that brrtload has itself, which every arm gets
	Ready     diag.Text            `yaml:"ready"`      // path or URL that is answered with a 2xx when the service is ready; what the scenario says by default
	Metrics   diag.Text            `yaml:"metrics"`    // path or URL that is scraped; {admin_port} stands for a second port of the service
	CountedBy diag.Text            `yaml:"counted_by"` // void unless this metric counts every hit
	LoggedBy  diag.Text            `yaml:"logged_by"`  // void unless the output has a line with this text for every hit
	Traced    bool                 `yaml:"traced"`     // void unless a root span arrives for every hit
}

// GoEntry is a Go package that has a main function.
type GoEntry struct {
	Package diag.Text   `yaml:"package,required"` // as go build takes it: a directory such as ./cmd/server
	Flags   []diag.Text `yaml:"flags"`            // of go build, such as -tags=notelemetry
	Ldflags diag.Text   `yaml:"ldflags"`          // of the linker
	Args    []diag.Text `yaml:"args"`             // of the program
}

// Variation is what is added to the candidate's command.
type Variation struct {
	Name diag.Text            `yaml:"name,required"` // of the part that it switches off; none is everything
	Args []diag.Text          `yaml:"args"`          // arguments after the candidate's
	Env  map[string]diag.Text `yaml:"env"`           // variables, which win over the candidate's
}

//go:embed arms.schema.json
var armsSchema []byte

// ArmsSchema returns the JSON Schema of arms files. A test keeps it that of the types.
func ArmsSchema() []byte { return slices.Clone(armsSchema) }

// LoadArms reads an arms file: the baseline, its twin, the candidate, and the candidate's
// variations. Every mistake in it is reported at once, as a [diag.List].
func LoadArms(fsys fs.FS, name string) ([]Arm, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read arms: %w", err)
	}
	var f ArmsFile
	src := &diag.Source{Name: name, Text: text}
	node, err := diag.Parse(src)
	if err != nil {
		return nil, err
	}
	found := diag.List(nil).With(node.Decode(&f))
	if len(found) == 0 { // else it may be a key that was misspelt
		f.Baseline.whole(src, &found)
		f.Candidate.whole(src, &found)
	}
	f.Baseline.check(&found)
	f.Candidate.check(&found)
	names := map[string]bool{}
	for _, v := range f.Vary {
		v.check(names, &found)
	}
	if len(found) > 0 {
		return nil, found.Err()
	}
	return f.arms(filepath.Dir(name)), nil
}

// arms are the services of a file in a directory.
func (f ArmsFile) arms(dir string) []Arm {
	base, candidate := f.Baseline.command(dir), f.Candidate.command(dir)
	arms := []Arm{{Name: "baseline", Role: Baseline, Command: base}, {Name: "twin", Role: Twin, Command: base},
		{Name: "candidate", Role: Candidate, Command: candidate}}
	for _, v := range f.Vary {
		c := candidate
		c.Args, c.Env = slices.Concat(c.Args, words(v.Args)), slices.Concat(c.Env, assignments(v.Env))
		arms = append(arms, variant(v.Name.Value, c))
	}
	return arms
}

// variant returns the arm of a variation. It proves nothing: a part of the telemetry may be off.
func variant(name string, c Command) Arm {
	c.Proof = Proof{}
	return Arm{Name: name, Role: Variant, Command: c}
}

// command starts a program beside the file in dir where its name is a relative path.
func (e ArmEntry) command(dir string) Command {
	c := Command{Env: assignments(e.Env), Ready: e.Ready.Value, Metrics: e.Metrics.Value,
		Proof: Proof{Counter: e.CountedBy.Value, LogLine: e.LoggedBy.Value, Roots: e.Traced}}
	if e.Go != nil {
		c.Source = &Source{Package: e.Go.Package.Value, Flags: words(e.Go.Flags), Ldflags: e.Go.Ldflags.Value}
		if strings.HasPrefix(c.Source.Package, "./") || strings.HasPrefix(c.Source.Package, "../") {
			c.Source.Package = beside(dir, c.Source.Package)
		}
		c.Args = words(e.Go.Args)
		return c
	}
	all := words(e.Command)
	c.Path, c.Args = all[0], all[1:]
	if strings.ContainsRune(c.Path, filepath.Separator) {
		c.Path = beside(dir, c.Path)
	}
	return c
}

// beside returns a relative path in a file in dir as one from the working directory, that begins
// with a dot.
func beside(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	if path = filepath.Join(dir, path); filepath.IsAbs(path) {
		return path
	}
	return "./" + path
}

func words(texts []diag.Text) []string {
	var list []string
	for _, t := range texts {
		list = append(list, t.Value)
	}
	return list
}

func assignments(env map[string]diag.Text) []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(env)) {
		list = append(list, name+"="+env[name].Value)
	}
	return list
}

// whole wants a program to be there.
func (e ArmEntry) whole(src *diag.Source, found *diag.List) {
	if e.Go == nil && (len(e.Command) == 0 || e.Command[0].Value == "") {
		*found = append(*found, src.At(e.At.Line, e.At.Column, 1, `an arm has a "command", or a Go package under "go"`))
	}
}

func (e ArmEntry) check(found *diag.List) {
	at := func(d diag.Diagnostic) { *found = append(*found, d) }
	if e.Go != nil && len(e.Command) > 0 {
		at(e.Command[0].Errorf(`an arm has either a "command" or a Go package under "go"`))
	}
	for _, t := range []diag.Text{e.Ready, e.Metrics} {
		if u, err := url.Parse(placeholders.Replace(t.Value)); t.Value != "" &&
			(err != nil || !strings.HasPrefix(t.Value, "/") && (u.Scheme != "http" || u.Host == "")) {
			at(t.Errorf("want a path like /metrics, or a URL like http://127.0.0.1:{admin_port}/metrics"))
		}
	}
	if e.CountedBy.Value != "" && e.Metrics.Value == "" {
		at(e.CountedBy.Errorf(`"counted_by" needs "metrics", where the counter is found`))
	}
	if e.Go != nil {
		e.Go.check(found)
	}
	checkWords(e.Command, e.Env, found)
}

// placeholders are what may stand for a port in a URL.
var placeholders = strings.NewReplacer(portWord, "1", adminPortWord, "2")

// check refuses the flags that are brrtload's to give.
func (g GoEntry) check(found *diag.List) {
	for _, f := range g.Flags {
		name, _, _ := strings.Cut(strings.TrimLeft(f.Value, "-"), "=")
		switch name {
		case "ldflags":
			*found = append(*found,
				f.Errorf(`what the linker gets is said by "ldflags": brrtload adds -randlayout to it`))
		case "o":
			*found = append(*found, f.Errorf("where the program goes is brrtload's to say"))
		}
	}
	checkWords(g.Args, nil, found)
}

func (v Variation) check(names map[string]bool, found *diag.List) {
	switch err := CheckName(v.Name.Value); {
	case err != nil:
		*found = append(*found, v.Name.Errorf("%s", err))
	case names[v.Name.Value]:
		*found = append(*found, v.Name.Errorf("two variations are named %q", v.Name.Value))
	case len(v.Args) == 0 && len(v.Env) == 0:
		*found = append(*found, v.Name.Errorf(`%q changes nothing: it needs "args" or "env"`, v.Name.Value))
	}
	names[v.Name.Value] = true
	checkWords(v.Args, v.Env, found)
}

// checkWords refuses references, which scenarios have and arms do not need: what is written here is
// kept with the run.
func checkWords(args []diag.Text, env map[string]diag.Text, found *diag.List) {
	for _, t := range slices.Concat(args, slices.SortedFunc(maps.Values(env), inOrder)) {
		if strings.Contains(t.Value, "${") {
			*found = append(*found, t.Errorf("references are not read here: an arm has the variables that brrtload itself has, and what stands here is kept with the run"))
		}
	}
}

func inOrder(a, b diag.Text) int {
	return cmp.Or(cmp.Compare(a.Position().Line, b.Position().Line),
		cmp.Compare(a.Position().Column, b.Position().Column))
}

// CheckName reports what is wrong with the name of a variation: files are named by it, and the
// tables of the report.
func CheckName(name string) error {
	odd := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
			strings.ContainsRune("-_. ", r))
	}
	switch {
	case name == "" || len(name) > 40 || strings.ContainsFunc(name, odd) || name[0] == '.' || strings.TrimSpace(name) != name:
		return fmt.Errorf("%q cannot name a variation: want at most 40 letters, digits and - _ . or spaces between them", name)
	case slices.Contains([]string{"baseline", "twin", "candidate"}, name):
		return fmt.Errorf("%q names an arm that is in every experiment", name)
	}
	return nil
}
