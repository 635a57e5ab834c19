//go:build !notelemetry

package service_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"brrtload/targetsvc/internal/admin"
	"brrtload/targetsvc/internal/config"
	"brrtload/targetsvc/internal/fault"
	"brrtload/targetsvc/internal/service"
	"brrtload/targetsvc/internal/telemetry"
)

// running is a whole service on loopback, inside the test.
type running struct {
	t       *testing.T
	URL     string
	Admin   string
	Service *service.Service
	Faults  *fault.Set
	Log     *lockedBuffer
}

// lockedBuffer is a log that can be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// start runs a service with the default configuration, changed by change.
func start(t *testing.T, change func(*config.Config)) *running {
	t.Helper()
	c := config.Default()
	c.LogLevel = slog.LevelDebug
	if change != nil {
		change(&c)
	}
	r := &running{t: t, Faults: fault.NewSet(), Log: &lockedBuffer{}}
	groups, err := telemetry.ParseGroups(c.Telemetry)
	require.NoError(t, err)
	told, err := telemetry.New(telemetry.Options{Groups: groups, Log: r.Log, Level: c.LogLevel, Version: "test", Revision: "r",
		Mailboxes: []int{c.Mailbox}, Preset: c.LabelSets == config.LabelSetsPreset})
	require.NoError(t, err)
	r.Faults.Lie(told)
	told.Configured("", false, false, c.KeepAlive)
	aside := httptest.NewUnstartedServer(nil)
	c.RemoteURL = "http://" + aside.Listener.Addr().String() + "/verify"
	r.Service, err = service.New(c, told, r.Faults)
	require.NoError(t, err)
	aside.Config.Handler = admin.Handler(told, r.Service, r.Faults)
	aside.Start()
	front := httptest.NewServer(r.Service.Handler())
	r.URL, r.Admin = front.URL, aside.URL
	t.Cleanup(func() {
		r.Faults.Close()
		front.Close()
		aside.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		require.NoError(t, r.Service.Close(ctx))
		require.NoError(t, told.Close(ctx))
	})
	return r
}

// send makes one request with headers given as "Name: value", and gives status and body.
func (r *running) send(method, path, body string, headers ...string) (int, string) {
	r.t.Helper()
	request, err := http.NewRequest(method, r.URL+path, strings.NewReader(body))
	require.NoError(r.t, err)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(r.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(r.t, err)
	return response.StatusCode, string(text)
}

// dial opens a connection and writes to it as it is.
func (r *running) dial(text string) net.Conn {
	r.t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(r.URL, "http://"))
	require.NoError(r.t, err)
	_, err = io.WriteString(connection, text)
	require.NoError(r.t, err)
	return connection
}

// exchange writes a raw request, half-closes nothing, and gives the answer's status.
func (r *running) exchange(text string) int {
	connection := r.dial(text)
	defer connection.Close()
	connection.SetReadDeadline(time.Now().Add(10 * time.Second))
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	require.NoError(r.t, err)
	response.Body.Close()
	return response.StatusCode
}

// reading is one scrape: families by name.
type reading map[string]*dto.MetricFamily

func (r *running) scrape() reading {
	r.t.Helper()
	response, err := http.Get(r.URL + "/metrics")
	require.NoError(r.t, err)
	defer response.Body.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(response.Body)
	require.NoError(r.t, err)
	return families
}

// value sums the series of a family that have the labels, given as name, value, name, value. A
// histogram's value is its count.
func (m reading) value(name string, labels ...string) float64 {
	sum := 0.0
	for _, metric := range m[name].GetMetric() {
		if !has(metric, labels) {
			continue
		}
		sum += metric.GetCounter().GetValue() + metric.GetGauge().GetValue() + float64(metric.GetHistogram().GetSampleCount())
	}
	return sum
}

// sum adds what the histograms observed.
func (m reading) sum(name string, labels ...string) float64 {
	sum := 0.0
	for _, metric := range m[name].GetMetric() {
		if has(metric, labels) {
			sum += metric.GetHistogram().GetSampleSum()
		}
	}
	return sum
}

func has(metric *dto.Metric, labels []string) bool {
	for i := 0; i < len(labels); i += 2 {
		found := false
		for _, label := range metric.GetLabel() {
			found = found || label.GetName() == labels[i] && label.GetValue() == labels[i+1]
		}
		if !found {
			return false
		}
	}
	return true
}

// atRest waits until nothing is in flight and gives a scrape of that moment.
func (r *running) atRest(ended float64) reading {
	r.t.Helper()
	var m reading
	require.Eventually(r.t, func() bool {
		m = r.scrape()
		return m.value("brrtrouter_active_requests") == 0 && m.value("brrtrouter_channel_queue_depth") == 0 &&
			m.value("brrtrouter_requests_total")+m.value("brrtrouter_requests_aborted_total") >= ended
	}, 20*time.Second, 5*time.Millisecond)
	return m
}

// events returns the log's lines by message.
func (r *running) events() map[string][]map[string]any {
	out := map[string][]map[string]any{}
	for line := range strings.Lines(r.Log.String()) {
		var event map[string]any
		require.NoError(r.t, json.Unmarshal([]byte(line), &event), line)
		message := event["msg"].(string)
		out[message] = append(out[message], event)
	}
	return out
}

const (
	goodKey    = "X-API-Key: test-key"
	goodRemote = "X-Remote-Key: remote-test-key"
)

// bearer makes an Authorization header; change may spoil the claims.
func bearer(t *testing.T, scope string, change func(jwt.MapClaims)) string {
	t.Helper()
	claims := jwt.MapClaims{"iss": config.DemoIssuer, "aud": config.DemoAudience, "scope": scope, "exp": time.Now().Add(time.Hour).Unix()}
	if change != nil {
		change(claims)
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(config.DemoBearerSecret))
	require.NoError(t, err)
	return "Authorization: Bearer " + token
}
