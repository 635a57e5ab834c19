package assertions

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Refusal is one that a security provider makes, and counts.
type Refusal struct{ Provider, Reason string }

// Refusals is the identity of auth failures: what the service counts by provider and reason, against the hits with each credential and the list
// of refusals that the scenario declares for that credential. Statuses would not do: a missing scope is a 403, and two providers of which
// either would suffice refuse twice for one 401.
//
// A hit answered with 502 found a provider that could not be asked. What was refused before that, and by how many providers for that reason, nobody
// can tell from outside, so that these hits are ambiguous: an outage is for budgets to judge, and no lie.
func Refusals(declared map[string][]Refusal) *Identity {
	credentials := map[Refusal][]string{}
	for _, credential := range slices.Sorted(maps.Keys(declared)) {
		for _, refusal := range declared[credential] {
			credentials[refusal] = append(credentials[refusal], credential)
		}
	}
	return &Identity{
		ID: "auth-failures", In: Run, Severity: Failing, sameGrouping: true,
		Why:       "every refusal is counted once, under the provider and the reason that the scenario's credential calls for",
		What:      "refusals by {provider} for {reason}",
		Client:    query(refusedHits(credentials, `outcome="answered", status!="502"`)),
		Ambiguous: query(refusedHits(credentials, `outcome=~"cut|ambiguous"`, `outcome="answered", status="502"`) + "\nor " + unasked),
		Server:    query(`sum by (provider, reason) (increase(brrtrouter_auth_failures_total[range()] anchored))`),
	}
}

// unasked counts the refusals, by any provider, of those that could not ask one.
const unasked = `label_replace(sum(increase(brrtload_hits_total{outcome="answered", status="502"}[range()] anchored)), "reason", "provider_unavailable", "", "")`

// refusedHits counts hits by the refusals that their credentials call for: those that any of the matchers lets through.
func refusedHits(credentials map[Refusal][]string, matchers ...string) string {
	hits := func(names []string) string {
		for i, name := range names {
			names[i] = regexp.QuoteMeta(name)
		}
		parts := make([]string, len(matchers))
		for i, matcher := range matchers {
			parts[i] = fmt.Sprintf(`increase(brrtload_hits_total{credential=~%s, %s}[range()] anchored)`, strconv.Quote(strings.Join(names, "|")), matcher)
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
