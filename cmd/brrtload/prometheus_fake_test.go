package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// keeper is a server that scrapes fixtures and has the part of Prometheus's API that a run asks. It
// can be made troublesome.
type keeper struct {
	*httptest.Server
	of      []*fixture
	ahead   time.Duration                                                            // of the keeper's clock
	trouble func(k *keeper, w http.ResponseWriter, query string, inner http.Handler) // answers in place of inner, when it is not nil
	scraped func(instance string) (up, there bool)                                   // how a scrape goes; well, when it is nil
	labels  map[string]string                                                        // of every series, besides job and instance
	again   map[string]string                                                        // every series is there a second time with these, when there are any
	rules   bool                                                                     // nothing is there but results of rules
	each    time.Duration
	token   string        // that it wants, when it is not empty
	warning string        // that comes with every answer, when it is not empty
	lazy    bool          // it scrapes when it is asked for its newest samples, and at no other time
	past    time.Duration // that it has scraped the fixtures before
	others  int           // requests a second of other clients, as the service counts them

	mu     sync.Mutex
	series map[string]*keptSeries
	gaps   int // queries that were answered with trouble
}

type keptSeries struct {
	Metric map[string]string `json:"metric"`
	Values [][2]any          `json:"values"`
	at     []time.Time
}

const keptEvery = 200 * time.Millisecond

// keep starts a keeper of fixtures. It is not asked before it has scraped them a few times.
func keep(t *testing.T, change func(*keeper), of ...*fixture) *keeper {
	t.Helper()
	k := &keeper{of: of, series: map[string]*keptSeries{}, each: keptEvery}
	change(k)
	k.Server = httptest.NewServer(k)
	for at := time.Now().Add(-k.past); at.Before(time.Now()); at = at.Add(k.each) {
		for _, f := range k.of {
			k.scrape(f, at)
		}
	}
	done := make(chan struct{})
	var scraping sync.WaitGroup
	scraping.Go(func() {
		for {
			for _, f := range k.of {
				k.scrape(f, time.Now())
			}
			select {
			case <-done:
				return
			case <-time.After(k.each):
			}
			if k.lazy {
				<-done
				return
			}
		}
	})
	t.Cleanup(func() {
		close(done)
		scraping.Wait()
		k.Close()
	})
	if !k.lazy {
		time.Sleep(4 * k.each)
	}
	return k
}

var exposedLine = regexp.MustCompile(`^(\w+)(?:\{(\w+)="(\w+)"\})? (\d+)$`)

func (k *keeper) scrape(f *fixture, at time.Time) {
	u, _ := url.Parse(f.URL)
	up, there := true, true
	if k.scraped != nil {
		up, there = k.scraped(u.Host)
	}
	text := f.exposition()
	if k.others > 0 { // they come as one would see them come: by the time between two scrapes
		f.mu.Lock()
		n := f.hits
		f.mu.Unlock()
		text = strings.Replace(text, fmt.Sprintf("} %d\n", n),
			fmt.Sprintf("} %d\n", n+int(float64(k.others)*at.Sub(f.started).Seconds())), 1)
	}
	at = at.Add(k.ahead)
	k.mu.Lock()
	defer k.mu.Unlock()
	add := func(name, label, labelValue string, value string) {
		for _, more := range []map[string]string{k.labels, k.again} {
			if more == nil && k.again != nil || more == nil && len(k.labels) > 0 {
				continue
			}
			metric := map[string]string{"__name__": name, "job": "shop", "instance": u.Host}
			if label != "" {
				metric[label] = labelValue
			}
			for key, value := range more {
				metric[key] = value
			}
			if k.rules {
				metric["__name__"] = "job:" + name
				delete(metric, "instance")
			}
			key := fmt.Sprint(metric)
			if k.series[key] == nil {
				k.series[key] = &keptSeries{Metric: metric}
			}
			s := k.series[key]
			if len(s.at) > 0 && !at.Truncate(time.Millisecond).After(s.at[len(s.at)-1]) {
				continue
			}
			s.at = append(s.at, at.Truncate(time.Millisecond))
			s.Values = append(s.Values, [2]any{float64(at.UnixMilli()) / 1000, value})
			if more == nil {
				break
			}
		}
	}
	if !there {
		return
	}
	add("up", "", "", map[bool]string{true: "1", false: "0"}[up])
	if !up {
		return
	}
	for line := range strings.Lines(text) {
		if m := exposedLine.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			add(m[1], m[2], m[3], m[4])
		}
	}
}

// ServeHTTP implements http.Handler.
func (k *keeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.FormValue("query")
	inner := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { k.answer(w, r, query) })
	if k.lazy && strings.HasPrefix(query, "max by") {
		for _, f := range k.of {
			k.scrape(f, time.Now())
		}
	}
	if k.token != "" && r.Header.Get("Authorization") != "Bearer "+k.token {
		http.Error(w, "no "+k.token, http.StatusUnauthorized)
		return
	}
	if k.trouble != nil {
		k.trouble(k, w, query, inner)
		return
	}
	inner.ServeHTTP(w, r)
}

var rangeSelector = regexp.MustCompile(`\[(\d+)ms\]$`)

func (k *keeper) answer(w http.ResponseWriter, r *http.Request, query string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := float64(time.Now().Add(k.ahead).UnixMicro()) / 1e6
	var data any
	length := rangeSelector.FindStringSubmatch(query)
	result := []any{}
	switch {
	case r.URL.Path == "/api/v1/metadata":
		kind := func(of string) []map[string]string { return []map[string]string{{"type": of, "help": "Help."}} }
		data = map[string]any{"fixture_requests_total": kind("counter"), "fixture_depth": kind("gauge"),
			"process_start_time_seconds": kind("gauge"), "fixture_answers_total": kind("counter")}
	case query == "time()":
		data = map[string]any{"resultType": "scalar", "result": []any{now, fmt.Sprint(now)}}
	case strings.HasPrefix(query, "count("):
		if len(k.series) > 0 {
			result = append(result, map[string]any{"metric": map[string]string{}, "value": []any{now, strconv.Itoa(len(k.series))}})
		}
		data = map[string]any{"resultType": "vector", "result": result}
	case strings.HasPrefix(query, "max by (job, instance) (timestamp("):
		for _, s := range k.series {
			if strings.Contains(query, `"`+s.Metric["__name__"]+`"`) {
				result = append(result, map[string]any{"metric": map[string]string{"job": "shop", "instance": s.Metric["instance"]},
					"value": []any{now, strconv.FormatFloat(float64(s.at[len(s.at)-1].UnixMilli())/1000, 'f', -1, 64)}})
			}
		}
		data = map[string]any{"resultType": "vector", "result": result}
	case length != nil:
		end, _ := strconv.ParseFloat(r.FormValue("time"), 64)
		ms, _ := strconv.ParseFloat(length[1], 64)
		for _, s := range k.series {
			one := keptSeries{Metric: s.Metric}
			for i, at := range s.at {
				if t := float64(at.UnixMilli()) / 1000; t <= end && t >= end-ms/1000 {
					one.Values = append(one.Values, s.Values[i])
				}
			}
			if len(one.Values) > 0 {
				result = append(result, one)
			}
		}
		data = map[string]any{"resultType": "matrix", "result": result}
	}
	w.Header().Set("Content-Type", "application/json")
	answer := map[string]any{"status": "success", "data": data}
	if k.warning != "" {
		answer["warnings"] = []string{k.warning}
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// through returns the fixture's scenario with its series read from the keeper.
func (k *keeper) through(of *fixture, settings string) string {
	return fmt.Sprintf("target: {url: %s}\nscrape: {prometheus: {url: %s, match: '{job=\"shop\"}'%s}}\n", of.URL, k.URL, settings) + scenario
}

// A run that scrapes nothing reads the series of a service from the server that does: its identity
// is exact, and says over which time.
func TestSeriesFromPrometheus(t *testing.T) {
	t.Parallel()
	defer together.turn()()
	f := service(t)
	k := keep(t, func(*keeper) {}, f)
	o := f.load(t, k.through(f, ""))
	require.Contains(t, []int{0, 4}, o.status, o.stdout+o.stderr) // the machine may be busy
	r, again, err := judgedAgain(o.dir)
	require.NoError(t, err)
	require.Equal(t, verdicts(r), verdicts(again))
	requests := checkOf(r, "requests")
	require.Equal(t, "pass", requests.Verdict.String(), o.stdout)
	require.NotZero(t, requests.Findings[0].Count.Client)
	require.Equal(t, requests.Findings[0].Count.Client, requests.Findings[0].Count.Server)
	require.Contains(t, requests.Reason, "Prometheus scrapes every")
	require.Equal(t, "not applicable", checkOf(r, "exposition-prompt").Verdict.String())
	require.Equal(t, "pass", checkOf(r, "depth").Verdict.String(), checkOf(r, "depth").Reason)
}

// A run waits for scrapes on both sides of the load: what it sent before, to see whether the service
// is ready, is no part of its counts, and the last hit is. A stage without scrapes decides nothing
// about the service, and all about the client.
func TestScrapesAreWaitedFor(t *testing.T) {
	t.Parallel()
	defer together.turn()()
	f := service(t)
	k := keep(t, func(k *keeper) { k.lazy, k.each, k.past = true, 2*time.Second, 10*time.Second }, f)
	o := f.load(t, k.through(f, "")+"  - {id: errors, expr: 'sum(increase(brrtload_unexpected_total[range()] anchored))', must: \"== 0\"}\n")
	require.Equal(t, 4, o.status, o.stdout+o.stderr)
	requireSameVerdicts(t, o.dir)
	r, _, err := judgedAgain(o.dir)
	require.NoError(t, err)
	require.Equal(t, "pass", checkOf(r, "requests").Verdict.String(), o.stdout)
	require.Equal(t, "pass", checkOf(r, "errors").Verdict.String(), o.stdout)
	depth := checkOf(r, "depth")
	require.Equal(t, "inconclusive", depth.Verdict.String())
	require.Contains(t, depth.Reason, "0 times in steady")
}
