package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/internal/tier"
)

// replica starts the bundled service, with a fault if it is given one, and returns its address.
func replica(t *testing.T, fault string) (address string) {
	t.Helper()
	announced := filepath.Join(t.TempDir(), "announced.json")
	args := []string{"-listen", "127.0.0.1:0", "-admin", "127.0.0.1:0", "-announce", announced}
	if fault != "" {
		args = append(args, "-fault", fault)
	}
	var said bytes.Buffer
	command := exec.Command(program("targetsvc"), args...)
	command.Stdout, command.Stderr = &said, &said
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt)
		_ = command.Wait() // it ends by the signal
	})
	var where struct{ Listen string }
	require.Eventually(t, func() bool {
		text, err := os.ReadFile(announced)
		return err == nil && json.Unmarshal(text, &where) == nil
	}, 30*time.Second, 20*time.Millisecond)
	return where.Listen
}

// balance serves requests by the addresses in turn.
func balance(t *testing.T, addresses ...string) (address string) {
	t.Helper()
	var turn atomic.Uint64
	proxies := make([]*httputil.ReverseProxy, len(addresses))
	for i, one := range addresses {
		proxies[i] = httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: one})
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proxies[turn.Add(1)%uint64(len(proxies))].ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// scraping starts Debian's Prometheus, which scrapes the addresses every second, and waits until it
// has done so a few times.
func scraping(t *testing.T, addresses ...string) (address string) {
	t.Helper()
	dir := t.TempDir()
	targets, err := json.Marshal(addresses)
	require.NoError(t, err)
	settings := filepath.Join(dir, "prometheus.yml")
	require.NoError(t, os.WriteFile(settings, fmt.Appendf(nil, `
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
scrape_configs:
  - {job_name: shop, static_configs: [{targets: %s}]}
  - {job_name: itself, static_configs: [{targets: ["127.0.0.1:1"]}]}
`, targets), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "rules.yml"), []byte(`
groups:
  - name: shop
    rules:
      - {record: "job:requests:rate1m", expr: 'sum by (job) (rate(brrtrouter_requests_total[1m]))'}
      - {alert: Busy, expr: 'brrtrouter_requests_total > 0'}
`), 0o644))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address = listener.Addr().String()
	require.NoError(t, listener.Close())
	var said bytes.Buffer
	server := exec.Command("prometheus", "--config.file="+settings, "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+address)
	server.Stdout, server.Stderr = &said, &said
	require.NoError(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Signal(os.Interrupt)
		_ = server.Wait() // it ends by the signal
	})
	require.Eventually(t, func() bool {
		answer, err := http.Get("http://" + address + "/api/v1/query?query=" + url.QueryEscape(`min(count_over_time(up{job="shop"}[1m]))>=3`))
		if err != nil {
			return false
		}
		defer answer.Body.Close() //nolint:errcheck // it was read
		var body bytes.Buffer
		_, err = body.ReadFrom(answer.Body)
		return err == nil && strings.Contains(body.String(), `"value"`)
	}, time.Minute, 100*time.Millisecond, said.String())
	return address
}

// ofReplicas sends a closed loop through the balancer, so that no verdict depends on how busy the
// machine is.
const ofReplicas = `
connections: 4
warmup: {rate: 50, duration: 1s}
stages: [{rate: max, hits: 4000, duration: 20s}]
requests: [{get: "/search?q=a&limit=5"}, {get: /page/7}]
identities:
  - id: answers
    why: the balancer loses nothing, and no replica counts twice
    what: answers with {status}
    client: sum by (status) (increase(brrtload_hits_total{outcome="answered"}[range()] anchored))
    server: sum by (status) (increase(brrtrouter_requests_total[range()] anchored))
    ambiguous: sum(increase(brrtload_hits_total{outcome=~"ambiguous|cut"}[range()] anchored))
`

// Two replicas behind a balancer, scraped by Debian's Prometheus or by the run: healthy ones are
// exact in sum, and one that counts each request twice is named.
func TestReplicas(t *testing.T) {
	tier.Long(t)
	if _, err := exec.LookPath("prometheus"); err != nil {
		t.Skip("prometheus is not installed")
	}
	for fault, want := range map[string]int{"": 0, "requests-counted-twice=1": 3} {
		first, second := replica(t, ""), replica(t, fault)
		balancer, server := balance(t, first, second), scraping(t, first, second)
		for mode, scrape := range map[string]string{
			"prometheus": fmt.Sprintf("target: {url: %s}\nscrape: {prometheus: {url: 'http://%s', match: '{job=\"shop\"}'}}\n", balancer, server),
			"endpoints": fmt.Sprintf("target: {url: %s, metrics: none}\nscrape: {endpoints: [{name: %s, url: 'http://%[2]s/metrics'}, {name: %s, url: 'http://%[3]s/metrics'}]}\n",
				balancer, first, second),
		} {
			t.Run(mode+" "+fault, func(t *testing.T) {
				time.Sleep(3 * time.Second) // the load before must be over for three scrapes, or it is other traffic
				o := service(t).load(t, scrape+ofReplicas)
				require.Equal(t, want, o.status, o.stdout+o.stderr)
				r, again, err := judgedAgain(o.dir)
				require.NoError(t, err)
				require.Equal(t, verdicts(r), verdicts(again))
				answers := checkOf(r, "answers")
				count := answers.Findings[0].Count
				require.Greater(t, count.Client, 1000.0)
				if fault == "" {
					require.Equal(t, count.Client, count.Server, "exact in sum")
				} else {
					require.InDelta(t, 1.5, count.Server/count.Client, 0.05)
					require.Contains(t, answers.Reason, second+" differs by +")
					require.NotContains(t, answers.Reason, first+" differs")
				}
				if mode == "prometheus" {
					require.Contains(t, answers.Reason, "Prometheus scrapes every")
					require.Contains(t, strings.Join(r.Notes, "\n"), "ALERTS", "what rules made was left out")
				}
			})
		}
	}
}
