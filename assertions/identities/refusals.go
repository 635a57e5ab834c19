package identities

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"brrtload/assertions"
	"brrtload/assertions/promql"
	"brrtload/internal/facts"
)

// Refusal is one that a security provider makes, and counts.
type Refusal struct{ Provider, Reason string }

// Refusals is the identity of auth failures: what the service counts by provider and reason,
// against the hits with each credential and the list of refusals that the scenario declares for
// that credential. Statuses would not do: a missing scope is a 403, and two providers of which
// either would suffice refuse twice for one 401.
//
// A hit answered with 502 found a provider that could not be asked. What was refused before that,
// and by how many providers for that reason, cannot be seen from outside. These hits are
// ambiguous: an outage is for budgets to judge, and no lie.
func Refusals(declared map[string][]Refusal) *Identity {
	credentials := map[Refusal][]string{}
	for _, credential := range slices.Sorted(maps.Keys(declared)) {
		for _, refusal := range declared[credential] {
			credentials[refusal] = append(credentials[refusal], credential)
		}
	}
	i := &Identity{
		ID: "auth-failures", In: facts.Run, Severity: assertions.Failing, sameGrouping: true,
		Why:    "every refusal is counted once, under the provider and the reason that the scenario's credential calls for",
		What:   "refusals by {provider} for {reason}",
		Client: promql.Must(refusedHits(credentials, `outcome="answered", status!="502"`)),
		Ambiguous: promql.Must(refusedHits(credentials, `outcome=~"cut|ambiguous"`,
			`outcome="answered", status="502"`) + "\nor " + unasked),
		Server: promql.Must(`sum by (provider, reason) (increase(brrtrouter_auth_failures_total[range()] anchored))`),
	}
	i.instead = func(families []facts.Family) *Identity { return i.byFewerLabels(declared, families) }
	return i
}

// byFewerLabels returns the identity that the labels of the service's counter allow, nil when they
// allow this one or are not known. Where providers or reasons cannot be distinguished, it is not known
// how many refusals a hit was counted as, nor whether one without a credential was refused: these
// are ambiguous.
func (i *Identity) byFewerLabels(declared map[string][]Refusal, families []facts.Family) *Identity {
	n := slices.IndexFunc(families, func(f facts.Family) bool { return f.Name == "brrtrouter_auth_failures_total" && f.Series > 0 })
	if n < 0 {
		return nil
	}
	_, provider := families[n].Labels["provider"]
	_, reason := families[n].Labels["reason"]
	if provider && reason {
		return nil
	}
	var by, names []string
	credentials := map[Refusal][]string{}
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		for _, r := range declared[name] {
			if !provider {
				r.Provider = ""
			}
			if !reason {
				r.Reason = ""
			}
			if !slices.Contains(credentials[r], name) {
				credentials[r] = append(credentials[r], name)
			}
		}
		if len(declared[name]) > 0 {
			names = append(names, regexp.QuoteMeta(name))
		}
	}
	for label, has := range map[string]bool{"provider": provider, "reason": reason} {
		if has {
			by = append(by, label)
		}
	}
	refused := strconv.Quote(strings.Join(names, "|"))
	again := 0
	for _, list := range declared {
		again = max(again, len(list)-1)
	}
	out := *i
	out.instead = nil
	out.What = "refusals"
	for _, label := range by {
		out.What += " by {" + label + "}"
	}
	out.Client = promql.Must(refusedHits(credentials, `outcome="answered", status!="502"`))
	out.Ambiguous = promql.Must(fmt.Sprintf(`sum(increase(brrtload_hits_total{credential=~%[1]s, outcome=~"cut|ambiguous"}[range()] anchored)
  or increase(brrtload_hits_total{credential="", status=~"401|403"}[range()] anchored) or increase(brrtload_hits_total{outcome="answered", status="502"}[range()] anchored)
  or %[2]d * increase(brrtload_hits_total{credential=~%[1]s, outcome="answered", status!="502"}[range()] anchored))`, refused, again))
	out.Server = promql.Must("sum by (" + strings.Join(by, ", ") +
		") (increase(brrtrouter_auth_failures_total[range()] anchored))")
	return &out
}

// unasked counts the refusals, by any provider, of those that could not ask one.
const unasked = `label_replace(sum(increase(brrtload_hits_total{outcome="answered", status="502"}[range()] anchored)), "reason", "provider_unavailable", "", "")`

// refusedHits counts hits by the refusals that their credentials call for: those that any of the
// matchers lets through.
func refusedHits(credentials map[Refusal][]string, matchers ...string) string {
	hits := func(names []string) string {
		for i, name := range names {
			names[i] = regexp.QuoteMeta(name)
		}
		parts := make([]string, len(matchers))
		for i, matcher := range matchers {
			parts[i] = fmt.Sprintf(`increase(brrtload_hits_total{credential=~%s, %s}[range()] anchored)`,
				strconv.Quote(strings.Join(names, "|")), matcher)
		}
		return strings.Join(parts, " or ")
	}
	refusals := slices.SortedFunc(maps.Keys(credentials), func(a, b Refusal) int {
		return cmp.Or(strings.Compare(a.Provider, b.Provider), strings.Compare(a.Reason, b.Reason))
	})
	if len(refusals) == 0 {
		return "sum(" + hits([]string{"no credential is refused"}) + ")"
	}
	parts := make([]string, len(refusals))
	for i, r := range refusals {
		parts[i] = fmt.Sprintf(`label_replace(label_replace(sum(%s), "provider", %s, "", ""), "reason", %s, "", "")`,
			hits(slices.Clone(credentials[r])), literal(r.Provider), literal(r.Reason))
	}
	return strings.Join(parts, "\nor ")
}

// literal writes a replacement that means itself: a dollar sign would begin a reference.
func literal(text string) string { return strconv.Quote(strings.ReplaceAll(text, "$", "$$")) }
