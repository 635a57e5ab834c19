package telemetry

import (
	"fmt"
	"slices"
	"strings"
)

// Groups are the parts of the telemetry that can be switched off by themselves.
type Groups struct {
	Coroutines, Stack, Channel, Auth, Route, Request, Memory bool // families of metrics
	Logs, Traces                                             bool
}

// All has every group on.
func All() Groups {
	return Groups{true, true, true, true, true, true, true, true, true}
}

type group struct {
	name string
	of   func(*Groups) *bool
}

var groups = []group{
	{"coroutines", func(g *Groups) *bool { return &g.Coroutines }},
	{"stack", func(g *Groups) *bool { return &g.Stack }},
	{"channel", func(g *Groups) *bool { return &g.Channel }},
	{"auth", func(g *Groups) *bool { return &g.Auth }},
	{"route", func(g *Groups) *bool { return &g.Route }},
	{"request", func(g *Groups) *bool { return &g.Request }},
	{"memory", func(g *Groups) *bool { return &g.Memory }},
	{"logs", func(g *Groups) *bool { return &g.Logs }},
	{"traces", func(g *Groups) *bool { return &g.Traces }},
}

// ParseGroups reads a list such as "all,-traces" or "request,auth": words are applied from left to
// right, all and none set every group, a leading - switches one off.
func ParseGroups(text string) (Groups, error) {
	var g Groups
	for word := range strings.SplitSeq(text, ",") {
		word = strings.TrimSpace(word)
		name, off := strings.CutPrefix(word, "-")
		i := slices.IndexFunc(groups, func(known group) bool { return known.name == name })
		switch {
		case word == "all":
			g = All()
		case word == "none":
			g = Groups{}
		case i < 0:
			return Groups{}, fmt.Errorf("unknown telemetry group %q; want all, none, or any of %s, with - to switch one off", word, GroupNames())
		default:
			*groups[i].of(&g) = !off
		}
	}
	return g, nil
}

// GroupNames lists the groups, for messages.
func GroupNames() string {
	names := make([]string, len(groups))
	for i, known := range groups {
		names[i] = known.name
	}
	return strings.Join(names, ", ")
}

// String returns the groups that are on, in the form that ParseGroups reads.
func (g Groups) String() string {
	var on []string
	for _, known := range groups {
		if *known.of(&g) {
			on = append(on, known.name)
		}
	}
	switch len(on) {
	case 0:
		return "none"
	case len(groups):
		return "all"
	}
	return strings.Join(on, ",")
}
