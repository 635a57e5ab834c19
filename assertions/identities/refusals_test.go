package identities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/identities"
	"brrtload/assertions/internal/stage"
	"brrtload/internal/facts"
)

// A counter without providers and reasons is held against what it can tell.
func TestRefusalsOfACounterWithFewerLabels(t *testing.T) {
	declared := map[string][]identities.Refusal{
		"expired": {{Provider: "bearer", Reason: "expired"}},
		"neither": {{Provider: "bearer", Reason: "missing"}, {Provider: "key", Reason: "missing"}},
	}
	const hits = `
brrtload_hits_total{credential="good",outcome="answered",status="200"} 0+50x25
brrtload_hits_total{credential="expired",outcome="answered",status="401"} 0+3x25
brrtload_hits_total{credential="neither",outcome="answered",status="401"} 0+1x25
brrtload_hits_total{outcome="answered",status="401"} 0+2x25
`
	family := func(labels map[string][]string) []facts.Family {
		return []facts.Family{{Name: "brrtrouter_auth_failures_total", Type: "counter", Series: 1, Labels: labels}}
	}
	for name, row := range map[string]struct {
		server string
		labels map[string][]string
		want   []string
	}{
		"no labels": {"brrtrouter_auth_failures_total 7+6x25", map[string][]string{}, []string{"pass: the client counted 80 to 200 refusals, the server 120"}},
		"too few":   {"brrtrouter_auth_failures_total 7+3x25", map[string][]string{}, []string{"untruthful: the client counted 80 to 200 refusals, the server 60"}},
		"by reason": {`brrtrouter_auth_failures_total{reason="expired"} 0+3x25
brrtrouter_auth_failures_total{reason="missing"} 0+2x25`, map[string][]string{"reason": {"expired", "missing"}}, []string{
			`pass: the client counted 60 to 180 refusals by expired, the server 60`}},
	} {
		t.Run(name, func(t *testing.T) {
			e := stage.New(t, hits+row.server)
			e.Metadata = family(row.labels)
			findings, err := identities.Refusals(declared).Judge(t.Context(), e)
			require.NoError(t, err)
			require.Subset(t, stage.Said(findings), row.want)
		})
	}
}

func TestRefusals(t *testing.T) {
	declared := map[string][]identities.Refusal{
		"none.at.all": {{Provider: "api_key", Reason: "missing_credentials"}, {Provider: "bearer", Reason: "missing_credentials"}},
		"expired":     {{Provider: "bearer", Reason: "expired"}},
		"$1":          {{Provider: "bearer", Reason: "expired"}},
		"good":        nil,
	}
	const hits = `
brrtload_hits_total{credential="good",outcome="answered",status="200"} 0+50x25
brrtload_hits_total{credential="none.at.all",outcome="answered",status="401"} 0+3x25
brrtload_hits_total{credential="noneXatXall",outcome="answered",status="401"} 0+100x25
brrtload_hits_total{credential="expired",outcome="answered",status="401"} 0+2x25
brrtload_hits_total{credential="$1",outcome="answered",status="401"} 0+1x25
brrtload_hits_total{credential="expired",outcome="ambiguous"} 0 1x24
`
	const outage = `
brrtload_hits_total{credential="good",outcome="answered",status="502"} 0+1x25
brrtload_hits_total{credential="expired",outcome="answered",status="502"} 0+1x25
`
	for name, row := range map[string]struct {
		declared map[string][]identities.Refusal
		server   string
		want     []string
	}{
		"every refusal is counted": {declared, `
auth{provider="api_key",reason="missing_credentials"} 7+3x25
auth{provider="bearer",reason="missing_credentials"} 0+3x25
auth{provider="bearer",reason="expired"} 0+3x25
auth{provider="bearer",reason="insufficient_scope"} 0x25`, []string{
			"pass: the client counted 60 refusals by api_key for missing_credentials, the server 60",
			"pass: the client counted 60 to 61 refusals by bearer for expired, the server 60",
			"pass: the client counted 60 refusals by bearer for missing_credentials, the server 60",
		}},
		"under the wrong reason": {declared, `
auth{provider="api_key",reason="missing_credentials"} 0+3x25
auth{provider="bearer",reason="missing_credentials"} 0+6x25`, []string{
			"pass: the client counted 60 refusals by api_key for missing_credentials, the server 60",
			"untruthful: the client counted 60 to 61 refusals by bearer for expired, the server 0",
			"untruthful: the client counted 60 refusals by bearer for missing_credentials, the server 120",
		}},
		"all in one count": {map[string][]identities.Refusal{"expired": declared["expired"]}, `auth 0+2x25`, []string{
			"untruthful: the client counted 0 refusals by any provider for any reason, the server 40",
			"untruthful: the client counted 40 to 41 refusals by bearer for expired, the server 0"}},
		"none declared, none made": {nil, `auth{provider="bearer",reason="expired"} 3x25`,
			[]string{"pass: the client counted 0 refusals by bearer for expired, the server 0"}},
		"none declared, some made": {nil, `auth{provider="bearer",reason="expired"} 0+1x25`,
			[]string{"untruthful: the client counted 0 refusals by bearer for expired, the server 20"}},
		"a provider that could not be asked": {declared, outage + `
auth{provider="api_key",reason="missing_credentials"} 0+3x25
auth{provider="bearer",reason="missing_credentials"} 0+3x25
auth{provider="bearer",reason="expired"} 0+4x25
auth{provider="bearer",reason="provider_unavailable"} 0+2x25`, []string{
			"pass: the client counted 60 refusals by api_key for missing_credentials, the server 60",
			"pass: the client counted 60 to 81 refusals by bearer for expired, the server 80",
			"pass: the client counted 60 refusals by bearer for missing_credentials, the server 60",
			"pass: the client counted 0 to 40 refusals by bearer for provider_unavailable, the server 40",
		}},
		"a provider that says it could not be asked, and answered": {declared, `
auth{provider="api_key",reason="missing_credentials"} 0+3x25
auth{provider="bearer",reason="missing_credentials"} 0+3x25
auth{provider="bearer",reason="expired"} 0+3x25
auth{provider="bearer",reason="provider_unavailable"} 0+2x25`, []string{
			"pass: the client counted 60 refusals by api_key for missing_credentials, the server 60",
			"pass: the client counted 60 to 61 refusals by bearer for expired, the server 60",
			"pass: the client counted 60 refusals by bearer for missing_credentials, the server 60",
			"untruthful: the client counted 0 refusals by bearer for provider_unavailable, the server 40",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			e := stage.Renamed{Stage: stage.New(t, hits+row.server), Long: "brrtrouter_auth_failures_total", Short: "auth"}
			findings, err := identities.Refusals(row.declared).Judge(t.Context(), e)
			require.NoError(t, err)
			require.Equal(t, row.want, stage.Said(findings))
		})
	}
}
