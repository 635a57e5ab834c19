package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"brrtload/assertions"
	"brrtload/internal/tier"
	"brrtload/reports"
)

// initial is a service of testdata/services/init that init is tried on as it stands, without
// anything said but where it is.
type initial struct {
	name  string
	tools []string // commands that building it takes
	from  string   // its directory
	build string   // carried out by sh there, once
	// scripts for sh there, each a process; PORT, METRICS_PORT and BACKEND_PORT are free ports, DIR
	// is a directory of its own
	start []string
	ready string   // path that answers when it is up
	at    string   // where the metrics are, when not at the service's own address: a port's variable
	finds []string // in the table or the scenario
	exact int      // identities that must be exact, at least
	ends  int      // the exit status of a run
}

const (
	webPython = "python3 -m venv env && env/bin/pip install --quiet --disable-pip-version-check -r requirements.txt"
	webNode   = "npm install --silent --no-audit --no-fund"
	gunicorn  = "exec env/bin/gunicorn --no-control-socket -b 127.0.0.1:$PORT "
	workers   = "-w 2 -k uvicorn_worker.UvicornWorker "
	// runNginx starts nginx in a directory of its own, at a port.
	runNginx = `mkdir -p $DIR/tmp && sed "s/\${PORT}/$%s/" nginx.conf >$DIR/nginx.conf && exec root/usr/sbin/nginx -p $DIR -c nginx.conf`
)

var initials = []initial{
	{name: "fastapi", tools: []string{"python3"}, from: "web-python", build: webPython, ready: "/items", exact: 2,
		start: []string{"exec env/bin/uvicorn fastapi_service:app --port $PORT --log-level warning"},
		finds: []string{"status, as classes (2xx)", `handler="none"`, `counted, with handler="/metrics"`}},
	{
		name:  "fastapi-gunicorn",
		tools: []string{"python3"},
		from:  "web-python",
		build: webPython,
		ready: "/items",
		ends:  reports.StatusInconclusive,
		start: []string{gunicorn + workers + "fastapi_service:app"},
		finds: []string{
			"SEVERAL answer in turn",
			"finding: several processes answer in turn, each with its own counts",
		},
	},
	{
		name:  "fastapi-multiprocess",
		tools: []string{"python3"},
		from:  "web-python",
		build: webPython,
		ready: "/items",
		exact: 2,
		start: []string{
			"PROMETHEUS_MULTIPROC_DIR=$DIR " + gunicorn + workers + "-c gunicorn_conf.py fastapi_service:app",
		},
		finds: []string{"status, as classes (2xx)", "no request was missed: one serves, or their counts are merged"},
	},
	{name: "flask", tools: []string{"python3"}, from: "web-python", build: webPython, ready: "/items", exact: 2,
		start: []string{gunicorn + "flask_service:app"},
		finds: []string{"flask_http_request_total", "each unmatched path makes a series of its own (label path)"}},
	{name: "express", tools: []string{"npm", "node"}, from: "web-node", build: webNode, ready: "/items", exact: 1,
		start: []string{"exec node express.js"},
		finds: []string{
			"status_code, as codes",
			"each path makes a series of its own (label path)",
			"text/plain without a version",
		}},
	{name: "fastify", tools: []string{"npm", "node"}, from: "web-node", build: webNode, ready: "/items", exact: 1,
		start: []string{"exec node fastify.js"},
		finds: []string{`request!~"no such path|head"`, `counted, with route="/metrics"`}},
	{name: "promhttp", tools: []string{"go"}, from: "promhttp", ready: "/items", exact: 2,
		start: []string{"exec ./service"},
		finds: []string{`request!~"no such path"`, "http_requests_in_flight"}},
	{name: "otel-go", tools: []string{"go"}, from: "otel-go", build: "go build -o service .", ready: "/items", exact: 1,
		start: []string{"exec ./service"},
		finds: []string{
			"http_server_request_duration_seconds_count",
			`server_address="brrtload.invalid": callers make series`,
		}},
	{name: "prometheus", tools: []string{"prometheus"}, from: "debian", ready: "/-/ready", exact: 2,
		start: []string{
			"exec prometheus --config.file=prometheus.yml --web.listen-address=127.0.0.1:$PORT --storage.tsdb.path=$DIR --log.level=warn",
		},
		finds: []string{
			"prometheus_http_requests_total",
			`request!~"no such path`,
			`counted, with handler="/metrics"`,
		}},
	{
		name:  "caddy",
		tools: []string{"apt-get", "dpkg"},
		from:  "debian",
		build: fetchDebian,
		ready: "/items",
		at:    "METRICS_PORT",
		exact: 1,
		start: []string{"HOME=$DIR exec root/usr/bin/caddy run --config Caddyfile --adapter caddyfile"},
		finds: []string{"caddy_http_request_duration_seconds", "another Host         not counted"},
	},
	{
		name:  "haproxy",
		tools: []string{"apt-get", "dpkg"},
		from:  "debian",
		build: fetchDebian,
		ready: "/items",
		at:    "METRICS_PORT",
		exact: 1,
		start: []string{
			fmt.Sprintf(runNginx, "BACKEND_PORT"),
			"LD_LIBRARY_PATH=$(echo root/usr/lib/*-linux-gnu) exec root/usr/sbin/haproxy -db -f haproxy.cfg",
		},
		finds: []string{"code, as classes (2xx)"},
	},
	{
		name:  "nginx",
		tools: []string{"apt-get", "dpkg"},
		from:  "debian",
		build: fetchDebian,
		ready: "/items",
		at:    "METRICS_PORT",
		exact: 1,
		start: []string{
			fmt.Sprintf(runNginx, "PORT"),
			"exec root/usr/bin/prometheus-nginx-exporter -nginx.scrape-uri=http://127.0.0.1:$PORT/stub_status -web.listen-address=127.0.0.1:$METRICS_PORT -nginx.retries=100 -nginx.retry-interval=200ms",
		},
		finds: []string{
			"one total for all statuses",
			"no label distinguishes them from requests",
			"the metrics are of another process",
		},
	},
	{
		name:  "axum",
		tools: []string{"cargo"},
		from:  "axum",
		build: "cargo build --quiet --release --locked",
		ready: "/items",
		exact: 2,
		start: []string{"exec target/release/service"},
		finds: []string{
			"axum_http_requests_total",
			"each path makes a series of its own (label endpoint)",
			`counted, with endpoint="/metrics"`,
			"text/plain without a version",
		},
	},
	{
		name:  "spring",
		tools: []string{"java", "mvn"},
		from:  "spring",
		build: "mvn -q -B package -DskipTests",
		ready: "/actuator/prometheus",
		exact: 1,
		start: []string{
			"exec java -Xmx128m -jar target/service-1.jar --server.address=127.0.0.1 --server.port=$PORT --management.endpoints.web.exposure.include=prometheus",
		},
		finds: []string{`all with uri="/**"`, "summary without buckets", `counted, with uri="/actuator/prometheus"`},
	},
}

const fetchDebian = "sh fetch.sh caddy haproxy liblua5.3-0 libopentracing-c-wrapper0 libopentracing1 nginx prometheus-nginx-exporter"

// init ends in minutes on services that are not ours and names their quirks; what it writes runs
// at once, with exact identities; and ten more runs with other seeds accuse nothing. Only a machine
// without CPU to spare leaves something undecided.
func TestInitOnServices(t *testing.T) {
	tier.Long(t)
	for _, s := range initials {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			defer together.turn()()
			url, metrics := s.serve(t)
			dir := t.TempDir()
			flags := []string{"init", url, "-o", "service.yaml", "-q"}
			if metrics != "" {
				flags = append(flags, "--metrics", metrics)
			}
			began := time.Now()
			out, status := inDirectory(dir, flags...)
			require.Zero(t, status, out)
			require.Less(t, time.Since(began), 5*time.Minute, "half a minute where the machine is quiet")
			t.Logf("in %s:\n%s", time.Since(began).Round(time.Second), out)
			written, err := os.ReadFile(filepath.Join(dir, "service.yaml"))
			require.NoError(t, err)
			for _, text := range s.finds {
				require.Contains(t, rejoined(out)+dense(string(written)), dense(text))
			}
			most := 0
			for seed := range 11 {
				most = max(most, s.runs(t, dir, seed))
			}
			require.GreaterOrEqual(t, most, s.exact)
		})
	}
}

// runs runs what init wrote, and holds its verdict and identities to what is expected. All but the
// first run are short.
func (s initial) runs(t *testing.T, dir string, seed int) (exact int) {
	t.Helper()
	to := fmt.Sprintf("run%d", seed)
	flags := []string{"run", "service.yaml", "-q", "--dir", to, "--seed", strconv.Itoa(seed)}
	if seed > 0 {
		flags = append(flags, "--duration", "3s", "--rate", "50") // a p99 needs a hundred answers
	}
	out, status := inDirectory(dir, flags...)
	r, err := reports.Read(filepath.Join(dir, to))
	require.NoError(t, err, out)
	switch short := shortage(r); {
	case status == s.ends, status == reports.StatusInconclusive && short != "":
	case status == reports.StatusFail && short != "": // a budget on times
	default:
		t.Errorf("%s, seed %d: exit status %d (%s): %s", s.name, seed, status, short, out)
	}
	if ids := accusing(r); len(ids) > 0 {
		t.Errorf("%s, seed %d: accused by %v: %s", s.name, seed, ids, out)
	}
	for _, c := range r.Checks {
		if c.Kind == "identity" && c.Verdict == assertions.Pass {
			exact++
		}
	}
	if exact < s.exact && shortage(r) == "" {
		t.Errorf("%s, seed %d: %d identities are exact, want %d: %s", s.name, seed, exact, s.exact, out)
	}
	return exact
}

// inDirectory runs brrtload there.
func inDirectory(dir string, args ...string) (out string, status int) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program("brrtload"), args...)
	cmd.Dir = dir
	text, _ := cmd.CombinedOutput() // the exit status is looked at
	return string(text), cmd.ProcessState.ExitCode()
}

// building lets one service be built at a time: several are built in the same directory.
var building sync.Mutex

// built returns the directory of a built service. It stays where it is, so that the next test has
// nothing to install.
func (s initial) built(t *testing.T) string {
	t.Helper()
	building.Lock()
	defer building.Unlock()
	for _, tool := range s.tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	source := filepath.Join("testdata", "services", "init", s.from)
	sum := sha256.New()
	require.NoError(t, fs.WalkDir(os.DirFS(source), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(source, path))
		fmt.Fprintf(sum, "%s %d\n%s", path, len(text), text)
		return err
	}))
	fmt.Fprint(sum, s.build)
	dir := filepath.Join(
		os.TempDir(),
		fmt.Sprintf("brrtload-services-%d", os.Getuid()),
		fmt.Sprintf("%s-%x", s.from, sum.Sum(nil)[:6]),
	)
	done := filepath.Join(dir, "built")
	if _, err := os.Stat(done); err == nil {
		return dir
	}
	require.NoError(t, os.RemoveAll(dir))
	require.NoError(t, os.MkdirAll(filepath.Dir(dir), 0o700))
	require.NoError(t, os.CopyFS(dir, os.DirFS(source)))
	if s.name == "promhttp" { // by this module's own client_golang
		out, err := exec.Command("go", "build", "-o", filepath.Join(dir, "service"), "./"+source).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	build := exec.Command("sh", "-c", s.build)
	build.Dir = dir
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.NoError(t, os.WriteFile(done, nil, 0o644))
	return dir
}

// serve starts the service on free ports, and waits until it answers.
func (s initial) serve(t *testing.T) (url, metrics string) {
	t.Helper()
	dir := s.built(t)
	own := t.TempDir()
	env := append(os.Environ(), "DIR="+own)
	ports := map[string]string{}
	for _, name := range []string{"PORT", "METRICS_PORT", "BACKEND_PORT"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer l.Close() //nolint:errcheck // it is closed below; no two are the same
		ports[name] = strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
		env = append(env, name+"="+ports[name])
		require.NoError(t, l.Close())
	}
	for _, script := range s.start {
		service := exec.Command("sh", "-c", script)
		service.Dir, service.Env = dir, env
		service.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
		file, err := os.CreateTemp(own, "log")
		require.NoError(t, err)
		service.Stdout, service.Stderr = file, file
		require.NoError(t, service.Start())
		t.Cleanup(func() {
			_ = syscall.Kill(-service.Process.Pid, syscall.SIGKILL)
			_ = service.Wait() // it was killed
			text, _ := os.ReadFile(file.Name())
			_ = file.Close()
			if t.Failed() {
				t.Logf("%s: %s", s.name, text)
			}
		})
	}
	url = "http://127.0.0.1:" + ports["PORT"]
	if s.at != "" {
		metrics = "http://127.0.0.1:" + ports[s.at] + "/metrics"
	}
	up := func(at string) bool {
		answer, err := http.Get(at)
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	}
	for end := time.Now().Add(2 * time.Minute); !up(url+s.ready) || metrics != "" && !up(metrics); time.Sleep(50 * time.Millisecond) {
		require.True(t, time.Now().Before(end), "%s did not answer", strings.TrimSpace(s.name))
	}
	return url, metrics
}
