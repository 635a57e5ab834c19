package contract_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"brrtload/assertions/checks"
	"brrtload/assertions/contract"
	"brrtload/assertions/internal/stage"
	"brrtload/assertions/packs"
	"brrtload/internal/facts"
)

const promises = `families:
  requests_total:
    type: counter
    labels: {status: '[1-5]\d\d', handler: [list, get]}
    series: 4
  depth: {type: gauge, help: Waiting now.}
  stack_used: {type: gauge, optional: true}
  wait_seconds: {type: histogram, labels: {handler: '\w+'}}
ignore: ['go_.*']
`

func VocabularyOf() []facts.Family {
	return []facts.Family{
		{Name: "requests_total", Type: "counter", Help: "Requests.", Labels: map[string][]string{"status": {"200", "404"}, "handler": {"get", "list"}}, Series: 4, Scrapes: 40},
		{Name: "depth", Type: "gauge", Help: "Waiting now.", Series: 1, Scrapes: 40},
		{Name: "wait_seconds", Type: "histogram", Labels: map[string][]string{"le": {"+Inf", "1"}, "handler": {"list"}}, Series: 4, Scrapes: 40},
		{Name: "go_goroutines", Type: "gauge", Series: 1, Scrapes: 40},
	}
}

func TestContract(t *testing.T) {
	for name, row := range map[string]struct {
		change func([]facts.Family) []facts.Family
		want   []string
	}{
		"kept": {nil, []string{"pass: 4 promises kept in 40 scrapes"}},
		"kept by another server, which adds labels and lacks a type": {func(f []facts.Family) []facts.Family {
			for i := range f {
				f[i].Added = []string{"instance", "pod"}
				f[i].Labels = maps.Clone(f[i].Labels)
				if f[i].Labels == nil {
					f[i].Labels = map[string][]string{}
				}
				f[i].Labels["pod"] = []string{"shop-0"}
			}
			f[1].Type, f[1].Help = "unknown", ""
			return f
		}, []string{"pass: 4 promises kept in 40 scrapes"}},
		"another service's endpoint beside it": {func(f []facts.Family) []facts.Family {
			return append(f, facts.Family{Endpoint: "other", Name: "wander_total", Type: "counter", Scrapes: 40},
				facts.Family{Endpoint: "other", Name: "go_goroutines", Type: "gauge", Scrapes: 40})
		}, []string{"pass: 4 promises kept in 40 scrapes"}},
		"a replica that was scraped less often": {func(f []facts.Family) []facts.Family {
			for _, of := range slices.Clone(f) {
				of.Endpoint, of.Scrapes = "second", 25
				f = append(f, of)
			}
			return f
		}, []string{"pass: 4 promises kept in 40 scrapes"}},
		"a replica that leaves one out at times": {func(f []facts.Family) []facts.Family {
			for _, of := range slices.Clone(f) {
				of.Endpoint, of.Scrapes = "second", 25
				if of.Name == "depth" {
					of.Scrapes = 24
				}
				f = append(f, of)
			}
			return f
		}, []string{"untruthful: depth was left out of 1 of 25 scrapes"}},
		"an undeclared family": {func(f []facts.Family) []facts.Family {
			return append(f, facts.Family{Name: "dept", Type: "gauge", Scrapes: 40})
		}, []string{`untruthful: dept is exposed, and the contract does not have it; did you mean "depth"?`}},
		"a family left out": {func(f []facts.Family) []facts.Family { return append(f[:1], f[2:]...) },
			[]string{"untruthful: depth is promised and was never exposed"}},
		"left out of some scrapes": {func(f []facts.Family) []facts.Family { f[1].Scrapes = 37; return f },
			[]string{"untruthful: depth was left out of 3 of 40 scrapes"}},
		"a type changed": {func(f []facts.Family) []facts.Family { f[1].Type = "counter"; return f },
			[]string{"untruthful: depth is a counter, and promised as a gauge"}},
		"a type changed in the middle": {func(f []facts.Family) []facts.Family {
			other := f[1]
			other.Type, other.Scrapes, f[1].Scrapes = "counter", 10, 30
			return append(f, other)
		}, []string{"untruthful: depth is a counter, and promised as a gauge"}},
		"another help": {func(f []facts.Family) []facts.Family { f[1].Help = "Wait."; return f },
			[]string{`untruthful: depth has the help "Wait.", and "Waiting now." is promised`}},
		"a label renamed": {func(f []facts.Family) []facts.Family {
			f[0].Labels = map[string][]string{"statuss": {"200"}, "handler": {"get"}}
			return f
		}, []string{`untruthful: requests_total has a label statuss that is not promised; did you mean "status"?`, "untruthful: requests_total lacks the label status"}},
		"a value that the pattern does not match": {func(f []facts.Family) []facts.Family { f[0].Labels["status"] = []string{"2000"}; return f },
			[]string{`untruthful: requests_total has status="2000", which is not promised`}},
		"a value that is not listed": {func(f []facts.Family) []facts.Family {
			f[0].Labels["handler"] = []string{"list", "pot"}
			return f
		},
			[]string{`untruthful: requests_total has handler="pot", which is not promised`}},
		"too many series": {func(f []facts.Family) []facts.Family { f[0].Series = 5; return f },
			[]string{"untruthful: requests_total has 5 series in one scrape, and at most 4 are promised"}},
	} {
		t.Run(name, func(t *testing.T) {
			list, err := packs.Load(stage.Files{"a.yaml": "contract: c.yaml", "c.yaml": promises}.FS(), "a.yaml")
			require.NoError(t, err)
			e := stage.New(t, "")
			e.Metadata = VocabularyOf()
			if row.change != nil {
				e.Metadata = row.change(e.Metadata)
			}
			findings, err := list[0].Judge(t.Context(), e)
			require.NoError(t, err)
			require.Equal(t, row.want, stage.Said(findings))
		})
	}
}

func TestAGeneratedContractHoldsAndKeepsWhatWasTightened(t *testing.T) {
	first := rewritten(t, contract.Generate(VocabularyOf(), nil))
	e := stage.New(t, "")
	e.Metadata = VocabularyOf()
	findings, err := first.Judge(t.Context(), e)
	require.NoError(t, err)
	require.Equal(t, []string{"pass: 3 promises kept in 40 scrapes"}, stage.Said(findings))

	tightened, err := contract.Load(stage.Files{"c.yaml": promises}.FS(), "c.yaml")
	require.NoError(t, err)
	again := rewritten(t, contract.Generate(VocabularyOf(), tightened))
	require.Equal(t, `[1-5]\d\d`, again.Families["requests_total"].Labels["status"].Pattern.String())
	require.Equal(t, 4, again.Families["requests_total"].Series)
	require.True(t, again.Families["stack_used"].Optional, "what is optional need not be seen")
	require.NotContains(t, again.Families, "go_goroutines")

	moved := VocabularyOf()
	moved[0].Labels["status"] = []string{"OK"}
	again = rewritten(t, contract.Generate(moved, tightened))
	require.Equal(t, []string{"OK"}, again.Families["requests_total"].Labels["status"].OneOf, "a pattern that no longer fits gives way")
}

func rewritten(t *testing.T, c *contract.Contract) *contract.Contract {
	t.Helper()
	var text strings.Builder
	require.NoError(t, c.Write(&text))
	read, err := contract.Load(stage.Files{"c.yaml": text.String()}.FS(), "c.yaml")
	require.NoError(t, err, text.String())
	return read
}

func TestLint(t *testing.T) {
	got, err := checks.Lint([]facts.Family{{Name: "requests", Type: "counter"}, {Name: "depth", Type: "gauge", Help: "Waiting now."}})
	require.NoError(t, err)
	require.Equal(t, []string{`requests: counter metrics should have "_total" suffix`, `requests: no help text`}, got)
}

func TestContractOfAUnit(t *testing.T) {
	const text = "families:\n  wait: {type: gauge, unit: seconds}\n"
	for unit, want := range map[string]string{
		"seconds": "pass: 1 promise kept in 4 scrapes",
		"":        `untruthful: wait has the unit "", and "seconds" is promised`,
		"minutes": `untruthful: wait has the unit "minutes", and "seconds" is promised`,
	} {
		e := stage.New(t, "x 1x25")
		e.Metadata = []facts.Family{{Name: "wait", Type: "gauge", Unit: unit, Series: 1, Scrapes: 4}}
		list, err := packs.Load(stage.Files{"a.yaml": "contract: c.yaml", "c.yaml": text}.FS(), "a.yaml")
		require.NoError(t, err)
		findings, err := list[0].Judge(t.Context(), e)
		require.NoError(t, err)
		require.Equal(t, []string{want}, stage.Said(findings))
	}
}

// Families of a runtime are no part of a contract unless it has them; those that only begin alike
// are.
func TestAContractLeavesOutTheRuntime(t *testing.T) {
	exposed := []facts.Family{
		{Name: "orders_total", Type: "counter", Series: 1, Scrapes: 3},
		{Name: "python_gc_collections_total", Type: "counter", Series: 3, Scrapes: 3},
		{Name: "jvm_threads_live_threads", Type: "gauge", Series: 1, Scrapes: 3},
		{Name: "process_memory_rss_bytes", Type: "gauge", Series: 1, Scrapes: 3},
		{Name: "process_cpu_seconds_total", Type: "counter", Series: 1, Scrapes: 3},
	}
	c := contract.Generate(exposed, nil)
	require.Equal(t, []string{"orders_total", "process_memory_rss_bytes"}, slices.Sorted(maps.Keys(c.Families)))

	e := stage.New(t, "x 1x30\n")
	e.Metadata = exposed
	findings, err := c.Judge(t.Context(), e)
	require.NoError(t, err)
	require.Equal(t, []string{"pass: 2 promises kept in 3 scrapes"}, stage.Said(findings))

	c.Families["process_cpu_seconds_total"] = &contract.Promise{Type: "gauge"}
	findings, err = c.Judge(t.Context(), e)
	require.NoError(t, err)
	require.Equal(t, []string{"untruthful: process_cpu_seconds_total is a counter, and promised as a gauge"}, stage.Said(findings))
	require.Contains(t, contract.Generate(exposed, c).Families, "process_cpu_seconds_total", "what was promised by hand stays")
}

// A generated contract promises the form of what is another tomorrow: a version, a port, an
// address, an id.
func TestAGeneratedContractPromisesNoVersions(t *testing.T) {
	c := contract.Generate([]facts.Family{{Name: "jobs_total", Type: "counter", Series: 1, Scrapes: 1, Labels: map[string][]string{
		"version": {"1.2.3-rc1"}, "server_port": {"21500"}, "revision": {"82b9490abc"}, "upstream": {"10.0.0.7:8080", "db.local:5432"}, "goversion": {"go1.26.7"},
		"service_instance_id": {"6f1c2b1e-8f2b-4c1e-9d3a-0a1b2c3d4e5f"}, "k8s_pod_name": {"shop-7d9f8b6c5-x2x9z"}, "hostname": {"build-12"},
		"worker": {"w-8a79f181", "w-0b1c2d3e"}, "shard": {"a", "b"}, "le": {"10000000", "+Inf"}, "phost": {"x"},
		"code": {"200", "404"}, "kind": {"a.b"}, "path": {"/v1/items"},
	}}}, nil)
	labels := c.Families["jobs_total"].Labels
	for _, name := range []string{"version", "server_port", "revision", "upstream", "goversion", "service_instance_id", "k8s_pod_name", "hostname", "worker"} {
		require.NotNil(t, labels[name].Pattern, name)
	}
	for _, name := range []string{"code", "kind", "path", "shard", "le", "phost"} {
		require.Nil(t, labels[name].Pattern, name)
	}
}
