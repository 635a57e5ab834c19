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
func Refusals(declared map[string][]Refusal) *Identity {
	credentials := map[Refusal][]string{}
	for _, credential := range slices.Sorted(maps.Keys(declared)) {
		for _, refusal := range declared[credential] {
			credentials[refusal] = append(credentials[refusal], credential)
		}
	}
	return &Identity{
		ID: "auth-failures", In: Run, Severity: Failing, sameGrouping: true,
		Why:    "every refusal is counted once, under the provider and the reason that the scenario's credential calls for",
		What:   "refusals by {provider} for {reason}",
		Client: refusedHits(credentials, `outcome="answered", status!~"5.."`),
		// One that the service failed at may have been refused before or not. One that a provider could not decide is counted with a reason of its
		// own, by each provider that was asked.
		Ambiguous: query(refusedHits(credentials, `outcome=~"cut|ambiguous"`, `outcome="answered", status=~"5.."`).String() +
			"\nor " + undecided),
		Server: query(`sum by (provider, reason) (increase(brrtrouter_auth_failures_total[range()] anchored))`),
	}
}

// undecided counts the hits of which no provider could say whether they were to be refused, once for each provider.
const undecided = `label_replace(sum(increase(brrtload_hits_total{outcome="answered", status=~"5.."}[range()] anchored))
	* on () count(count by (provider) (brrtrouter_auth_failures_total)), "reason", "provider_unavailable", "", "")`

// refusedHits counts hits that fit one of the matchers by the refusals that their credentials call for.
func refusedHits(credentials map[Refusal][]string, matchers ...string) Query {
	hits := func(names []string) string {
		for i, name := range names {
			names[i] = regexp.QuoteMeta(name)
		}
		each := make([]string, len(matchers))
		for i, m := range matchers {
			each[i] = fmt.Sprintf(`increase(brrtload_hits_total{credential=~%s, %s}[range()] anchored)`, strconv.Quote(strings.Join(names, "|")), m)
		}
		return strings.Join(each, " or ")
	}
	refusals := slices.SortedFunc(maps.Keys(credentials), func(a, b Refusal) int {
		return cmp.Or(strings.Compare(a.Provider, b.Provider), strings.Compare(a.Reason, b.Reason))
	})
	if len(refusals) == 0 {
		return query("sum by (provider, reason) (" + hits([]string{"no credential is refused"}) + ")")
	}
	parts := make([]string, len(refusals))
	for i, r := range refusals {
		parts[i] = fmt.Sprintf(`label_replace(label_replace(sum(%s), "provider", %s, "", ""), "reason", %s, "", "")`,
			hits(slices.Clone(credentials[r])), literal(r.Provider), literal(r.Reason))
	}
	return query(strings.Join(parts, "\nor "))
}

// literal writes a replacement that means itself: a dollar sign would begin a reference.
func literal(text string) string { return strconv.Quote(strings.ReplaceAll(text, "$", "$$")) }
