package suite

import (
	"errors"
	"io/fs"
	"slices"

	"brrtload/assertions"
	"brrtload/assertions/checks"
	"brrtload/assertions/identities"
	"brrtload/assertions/packs"
	"brrtload/internal/diag"
	"brrtload/internal/files"
	"brrtload/scenarios"
)

// asserted reads everything that a scenario asserts: the packs and files that it names, and its own
// sections. The mistakes of all are reported together.
func (src *Source) asserted(s *scenarios.Scenario, own packs.Document) ([]assertions.Assertion, error) {
	list, err := src.named(s.Assert, s.Files)
	found := diag.List(nil).With(err)
	more, err := own.Assertions(s.Files, ".")
	found = found.With(err)
	if len(found) > 0 {
		return append(list, more...), found.Err()
	}
	list = fill(replaced(append(list, more...)), implied(s))
	return list, packs.Unique(list)
}

// replaced returns the list without the assertions of packs whose id one of the user's own files or
// sections has, too: that one replaces them.
func replaced(list []assertions.Assertion) []assertions.Assertion {
	shipped := func(a assertions.Assertion) bool { _, yes := a.About().Position.Shipped(); return yes }
	own := map[string]bool{}
	for _, a := range list {
		own[a.About().ID] = own[a.About().ID] || !shipped(a)
	}
	return slices.DeleteFunc(list, func(a assertions.Assertion) bool { return shipped(a) && own[a.About().ID] })
}

// fill adds the assertions whose ids are not in the list.
func fill(list, more []assertions.Assertion) []assertions.Assertion {
	taken := map[string]bool{}
	for _, a := range list {
		taken[a.About().ID] = true
	}
	for _, a := range more {
		if id := a.About().ID; !taken[id] {
			taken[id] = true
			list = append(list, a)
		}
	}
	return list
}

// named reads packs by their names and files by their paths.
func (src *Source) named(names []diag.Text, beside fs.FS) ([]assertions.Assertion, error) {
	var list []assertions.Assertion
	var found diag.List
	for _, name := range names {
		if name.Value == always || src.bundledOnly(name) {
			continue // see withDefaults
		}
		from, file := fs.FS(src.packs), diag.ShippedPacks+name.Value+".yaml"
		if IsFile(name.Value) {
			from, file = beside, name.Value
		} else if !slices.Contains(packs.Names(), name.Value) {
			found = append(found, name.Errorf("no pack named %q%s (`brrtload packs` lists them)", name.Value,
				packs.Instead(name.Value)))
			continue
		}
		more, err := packs.Load(from, file)
		if files.Unreadable(err) && name.Position() != (diag.Position{}) {
			err = name.Errorf("%s", files.Reason(err))
		} else if files.Unreadable(err) {
			return nil, err
		}
		found = found.With(err)
		list = append(list, more...)
	}
	return list, found.Err()
}

// always is the pack that every run is held to, and bundledOnly the one for the bundled service, whose
// telemetry is known.
const (
	always      = "truth"
	bundledOnly = "targetsvc"
	formerly    = "brrtrouter" // what bundledOnly was called: runs that were kept then have it
)

// bundledOnly reports whether a name is that of the pack for the bundled service.
func (src *Source) bundledOnly(name diag.Text) bool {
	return name.Value == bundledOnly || src.kept && name.Value == formerly
}

// withDefaults adds the packs that a run is held to whether it names them or not. An assertion of
// the scenario's with the same id takes the place of theirs.
func (src *Source) withDefaults(list []assertions.Assertion, s *scenarios.Scenario,
	asked ...diag.Text) ([]assertions.Assertion, error) {
	if !s.Scraped() { // there is no telemetry to ask about
		return list, nil
	}
	needed := []string{always}
	if s.Target.Bundled != nil || slices.ContainsFunc(asked, src.bundledOnly) {
		needed = []string{bundledOnly, always}
	}
	for _, name := range needed {
		more, err := packs.Load(src.packs, diag.ShippedPacks+name+".yaml")
		if src.kept && name == bundledOnly && errors.Is(err, fs.ErrNotExist) {
			more, err = packs.Load(src.packs, diag.ShippedPacks+formerly+".yaml")
		}
		if err != nil {
			return nil, err
		}
		list = fill(list, more)
	}
	return list, nil
}

// others reads packs and files that the command line names, and adds those that every run is held
// to.
func (src *Source) others(names []string, s *scenarios.Scenario) ([]assertions.Assertion, error) {
	var list []assertions.Assertion
	var found diag.List
	var asked []diag.Text
	for _, name := range names {
		if !IsFile(name) && !slices.Contains(packs.Names(), name) {
			return nil, diag.Mistakef("no pack named %q%s (a file is given by its path)", name,
				packs.Instead(name))
		}
		asked = append(asked, diag.Text{Value: name})
		more, err := src.named(asked[len(asked)-1:], files.OS{})
		if files.Unreadable(err) {
			return nil, diag.Mistake{Err: err}
		}
		found = found.With(err)
		list = append(list, more...)
	}
	if len(found) > 0 { // an assertion with a mistake in it may be only half there
		return nil, found.Err()
	}
	list = replaced(list)
	if err := packs.Unique(list); err != nil {
		return nil, err
	}
	return src.withDefaults(list, s, asked...)
}

// implied are the assertions that follow from the scenario itself: the refusals that its
// credentials declare are those that the service counts, and what they are is shown nowhere.
func implied(s *scenarios.Scenario) []assertions.Assertion {
	var list []assertions.Assertion
	declared := map[string][]identities.Refusal{}
	for name, c := range s.Credentials {
		for _, failure := range c.Fails {
			declared[name] = append(declared[name], identities.Refusal{Provider: failure.Provider, Reason: failure.Reason})
		}
	}
	if len(declared) > 0 {
		list = append(list, identities.Refusals(declared))
	}
	if s.HasSecrets() {
		list = append(list, checks.Secrets{})
	}
	return list
}
