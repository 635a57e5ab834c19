// Package profile knows how widely used instrumentations count HTTP requests: one YAML file for
// each, with its source.
//
// A profile is a guess by names. Package internal/discover confirms it by experiment; the section
// metrics_of of an assertions file turns it into assertions.
package profile

import (
	"embed"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"brrtload/internal/diag"
)

//go:embed *.yaml
var files embed.FS

// Profile is how one instrumentation counts HTTP requests.
type Profile struct {
	Name  string `yaml:"-"`              // of the file
	Title string `yaml:"title,required"` // of the instrumentation
	// Source is what the profile was read from, and when.
	Source string `yaml:"source,required"`
	Counts `yaml:",inline"`
	// Labels are those that the counter has, whatever else it has.
	Labels []string `yaml:"labels"`
	// Beside are metrics that are exposed beside the counter.
	Beside []string `yaml:"beside"`
	// Quirks are what a reader of its counts must know, a sentence each.
	Quirks []string `yaml:"quirks"`
}

// Counts is where the counts and times of requests are.
type Counts struct {
	Counter   string `yaml:"counter,required"` // the metric that counts requests
	Status    string `yaml:"status"`           // its label of the status; none when empty
	Form      Form   `yaml:"form"`             // of the status's values; codes when empty
	Histogram string `yaml:"histogram"`        // the family that times them; none when empty
	Summary   bool   `yaml:"summary"`          // it has no buckets
	Unit      Unit   `yaml:"unit"`             // of its times; seconds when empty
	Without   string `yaml:"without"`          // matchers that leave out what is no request of ours: scrapes, other listeners
	PerScrape bool   `yaml:"per_scrape"`       // each scrape is counted, and no label leaves it out
}

// Form is how a label shows a status.
type Form string

// The forms of a status.
const (
	Codes        Form = "codes"   // 200
	Classes      Form = "classes" // 2xx
	UpperClasses Form = "CLASSES" // 2XX
	Digits       Form = "digits"  // 2
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (f *Form) UnmarshalText(text []byte) error {
	*f = Form(text)
	return among("form", *f, Codes, Classes, UpperClasses, Digits)
}

// Unit is that of a time.
type Unit string

// The units of times.
const (
	Seconds      Unit = "s"
	Milliseconds Unit = "ms"
)

// UnmarshalText implements encoding.TextUnmarshaler.
func (u *Unit) UnmarshalText(text []byte) error {
	*u = Unit(text)
	return among("unit", *u, Seconds, Milliseconds)
}

func among[T ~string](what string, got T, known ...T) error {
	if slices.Contains(known, got) {
		return nil
	}
	var names []string
	for _, k := range known {
		names = append(names, string(k))
	}
	return fmt.Errorf("unknown %s %q; want one of %s", what, got, strings.Join(names, ", "))
}

// Names lists the profiles, sorted.
func Names() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic("profile: " + err.Error()) // an embedded directory can always be read
	}
	var names []string
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), path.Ext(entry.Name())))
	}
	slices.Sort(names)
	return names
}

// Get returns the profile of that name.
func Get(name string) (*Profile, error) {
	text, err := files.ReadFile(name + ".yaml")
	if err != nil {
		hint := diag.DidYouMean(name, Names())
		if hint == "" {
			hint = "; want one of " + strings.Join(Names(), ", ")
		}
		return nil, fmt.Errorf("no profile named %q%s", name, hint)
	}
	node, err := diag.Parse(&diag.Source{Name: "profile " + name, Text: text})
	if err != nil {
		return nil, err
	}
	p := &Profile{Name: name}
	return p, node.Decode(p)
}

// Recognise returns the profile whose names fit best what a service exposes, the labels by metric;
// nil when none fits.
func Recognise(exposed map[string][]string) *Profile {
	var best *Profile
	most := 0
	for _, name := range Names() {
		p, err := Get(name)
		if err != nil {
			panic("profile: " + err.Error()) // a test reads all of them
		}
		if fit := p.fits(exposed); fit > most {
			best, most = p, fit
		}
	}
	return best
}

// fits returns how many names fit; 0 when one does not.
func (p *Profile) fits(exposed map[string][]string) int {
	has, ok := exposed[p.Counter]
	if !ok {
		return 0
	}
	for _, label := range p.Labels {
		if !slices.Contains(has, label) {
			return 0
		}
	}
	for _, pattern := range p.Beside {
		full := regexp.MustCompile("^(" + pattern + ")$")
		found := false
		for name := range exposed {
			found = found || full.MatchString(name)
		}
		if !found {
			return 0
		}
	}
	return 1 + len(p.Labels) + 2*len(p.Beside)
}

// Replacement returns how label_replace makes the form of a code: the replacement, and the pattern.
func (f Form) Replacement() (replacement, pattern string) {
	switch f {
	case Classes:
		return "${1}xx", "(.).."
	case UpperClasses:
		return "${1}XX", "(.).."
	case Digits:
		return "$1", "(.).."
	}
	return "$1", "(.*)"
}

// Failed returns the matcher of statuses of failing services.
func (f Form) Failed(label string) string {
	switch f {
	case Classes:
		return label + `="5xx"`
	case UpperClasses:
		return label + `="5XX"`
	case Digits:
		return label + `="5"`
	}
	return label + `=~"5.."`
}
