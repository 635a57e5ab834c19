package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"brrtload/internal/expected"
	"brrtload/internal/tier"
	"brrtload/reports"
)

// A load of its own, in place of the fixture's.
const (
	judgedByP99 = `
budgets:
  - {id: p99, expr: 'histogram_quantile(0.99, sum(rate(brrtload_latency_seconds[range()] anchored)))', must: '< 2'}
`
	steadily  = "connections: 50\nstages: [{rate: 100, duration: 6s}]\nrequests: [{get: /}]\n"
	forWeeks  = "connections: 2\nstages: [{rate: 10, duration: 700h}]\nrequests: [{get: /}]\n"
	tooMany   = "connections: 4\nstages: [{rate: 10000000, duration: 1s}]\nrequests: [{get: /}]\n"
	oneHit    = "connections: 2\nstages: [{rate: 1, duration: 1s}]\nrequests: [{get: /}]\n" + judgedByP99
	slowly300 = "connections: 2\nstages: [{rate: 300, duration: 2s}]\nrequests: [{get: /}]\n"
	everyTime = "connections: 2\nstages: [{rate: 50, duration: 3s}]\nrequests: [{get: /}]\ntransport: {keep_alive: false}\nassert: [client]\n"
	fifty     = "connections: 50\nstages: [{rate: max, duration: 1s}]\nrequests: [{get: /}]\n"
)

// troublesOfRuns are made by what stands here for the row of the page that has their name.
var troublesOfRuns = map[string]ending{
	"it ends with status 0 before it is ready": {target: "exit 0", upset: func(_ *testing.T, u *upset) {
		u.ready = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
	}},
	"it ends with status 0 under load": {
		target: strings.ReplaceAll(mortal, "exit 7", "exit 0"),
		upset: func(t *testing.T, u *upset) {
			u.scrape(1, u.after(endOfWarmup), func() { u.die(t) })
		},
	},
	"it starts two seconds late": {target: sleeper, upset: func(_ *testing.T, u *upset) {
		began := time.Now()
		u.ready = func(w http.ResponseWriter, _ *http.Request) {
			u.once.Do(func() { began = time.Now() })
			if time.Since(began) < 2*time.Second {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		}
	}},
	"its command does not exist":            {keys: ", listener: any, command: [no-such-command]"},
	"its command may not be executed":       {keys: ", listener: any, command: [/etc/passwd]"},
	"something else answers at its address": {keys: ", command: [sleep, '3600']"},
	"its host name does not exist": {
		at:   func(*testing.T, *upset) string { return "http://no-such-host.invalid" },
		keys: ", ready_timeout: 3s",
	},
	"its certificate has expired": {at: expired, keys: ", ready_timeout: 3s"},
	"it listens on IPv6 alone":    {at: overIPv6},
	"it hangs under load, its metrics too": {yaml: "timeout: 2s\n", upset: func(_ *testing.T, u *upset) {
		u.scraped = func(w http.ResponseWriter, r *http.Request) {
			if u.passed(endOfWarmup) {
				<-r.Context().Done()
			}
			u.expose(w, r)
		}
		u.served = func() {
			if u.passed(endOfWarmup) {
				time.Sleep(3 * time.Second)
			}
		}
	}},
	"it stops itself (SIGSTOP) and answers by another process": {target: "kill -STOP $$"},
	"it stalls for three seconds of six, and p99 must be below 2 s": {
		whole: steadily + judgedByP99,
		upset: func(_ *testing.T, u *upset) {
			u.served = func() {
				if into := u.into(); into > 1500*time.Millisecond && into < 4500*time.Millisecond {
					time.Sleep(4500*time.Millisecond - into)
				}
			}
		},
	},
	"it takes no new connections midway, and each hit needs one; its metrics have a listener of their own": {
		whole: everyTime,
		at:    closing,
	},
	"its answers take three seconds, at 300 hits/s on two connections": {
		whole: slowly300,
		upset: func(_ *testing.T, u *upset) {
			u.served = func() { time.Sleep(3 * time.Second) }
		},
	},
	"it is asked for ten million hits a second":  {whole: tooMany},
	"it gets one hit, and p99 must be below 2 s": {whole: oneHit},

	"64 descriptors for two connections": {shell: `ulimit -n 64; exec "$@"`},
	"40 descriptors, and 50 connections wanted": {
		whole: fifty,
		shell: `ulimit -n 40; exec "$@"`,
		upset: func(_ *testing.T, u *upset) {
			u.served = func() { time.Sleep(50 * time.Millisecond) }
		},
	},
	"12 descriptors":                  {target: sleeper, shell: `ulimit -n 12; exec "$@"`},
	"600 MB of address space":         {shell: `ulimit -v 600000; exec "$@"`},
	"a memory limit of 16 MiB for Go": {shell: `export GOMEMLIMIT=16MiB; exec "$@"`},
	"no environment at all, a temporary directory that is not there": {
		shell: `exec env -i RUN="$RUN" TMPDIR=/no/such/directory "$@"`,
	},
	"HTTP_PROXY names what is no proxy": {
		shell: `export HTTP_PROXY=http://127.0.0.1:1; exec "$@"`,
	},
	"all three standard streams are closed":               {shell: `exec "$@" <&- >&- 2>&-`},
	"standard output is full":                             {shell: `exec "$@" >/dev/full`},
	"standard output goes to head, which has seen enough": {shell: `set -o pipefail; "$@" | head -1`},
	"the run directory is removed under load": {target: sleeper, upset: func(_ *testing.T, u *upset) {
		u.scrape(1, u.after(endOfWarmup), func() { _ = os.RemoveAll(u.run) })
	}},
	"the working directory is not there": {
		shell: `mkdir "$RUN.cwd"; cd "$RUN.cwd"; rmdir "$RUN.cwd"; exec "$1" run fixture.yaml`,
	},

	"SIGINT in a load of 700 hours": {whole: forWeeks, target: sleeper, upset: func(t *testing.T, u *upset) {
		u.served = func() { u.once.Do(func() { u.interrupt(t) }) }
	}},
	"SIGUSR1 and SIGPIPE under load": {target: sleeper, upset: func(t *testing.T, u *upset) {
		u.scrape(1, u.after(endOfWarmup), func() { u.signal(t, syscall.SIGUSR1, ""); u.signal(t, syscall.SIGPIPE, "") })
	}},
	"SIGQUIT under load": {target: "sleep 3600; true", upset: func(t *testing.T, u *upset) {
		u.scrape(1, u.after(endOfWarmup), func() { u.signal(t, syscall.SIGQUIT, "") })
	}},
	"SIGSTOP for two seconds under load, then SIGCONT": {whole: steadily, upset: func(t *testing.T, u *upset) {
		u.served = func() {
			if u.into() > time.Second {
				u.once.Do(func() {
					u.signal(t, syscall.SIGSTOP, "")
					time.AfterFunc(2*time.Second, func() { u.signal(t, syscall.SIGCONT, "") })
				})
			}
		}
	}},
}

// TestFaults makes every fault of docs/faults.md, and the run must end as the page says. No process
// is left.
func TestFaults(t *testing.T) {
	tier.Long(t)
	var all []ending
	for _, row := range everyFault() {
		e, made := troublesOfRuns[row.Name]
		require.True(t, made, "nothing makes the fault %q", row.Name)
		e.name, e.status = row.Name, row.Status
		e.either = row.Says
		all = append(all, e)
	}
	require.Len(t, all, len(troublesOfRuns), "every fault that is made stands on the page")
	bringToEnd(t, all, 4)
}

// The page and what makes its faults have the same rows; the runs themselves take minutes.
func TestPageOfFaults(t *testing.T) {
	table := everyFault()
	require.Len(t, table, len(troublesOfRuns))
	for _, row := range table {
		require.Contains(t, troublesOfRuns, row.Name)
		require.Contains(t, []int{0, 1, 2, 3, 4, 5, reports.StatusInternal, reports.StatusInterrupted}, row.Status)
	}
}

// everyFault lists the rows of docs/faults.md.
func everyFault() (all []expected.Trouble) {
	for _, group := range expected.Faults {
		all = append(all, group.Faults...)
	}
	return all
}

// expired serves the fixture with a certificate that was good until an hour ago.
func expired(t *testing.T, u *upset) string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-2 * time.Hour),
		NotAfter:     time.Now().Add(-time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	s := httptest.NewUnstartedServer(u.fixture)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

// closing serves hits at a listener that is closed in the middle of the load, and metrics at the
// fixture's own.
func closing(t *testing.T, u *upset) string {
	hits := httptest.NewServer(u.fixture)
	t.Cleanup(hits.Close)
	u.served = func() {
		if u.into() > 1500*time.Millisecond {
			u.once.Do(func() { _ = hits.Listener.Close() })
		}
	}
	return hits.URL + "', metrics: '" + u.URL + "/metrics"
}

// overIPv6 serves the fixture at the IPv6 loopback address.
func overIPv6(t *testing.T, u *upset) string {
	listener, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Logf("this machine has no IPv6, so that IPv4 stands for it: %v", err)
		return u.URL
	}
	s := httptest.NewUnstartedServer(u.fixture)
	require.NoError(t, s.Listener.Close())
	s.Listener = listener
	s.Start()
	t.Cleanup(s.Close)
	return s.URL
}

// A run directory whose files were damaged afterwards is the user's to mend, and never a pass.
func TestADamagedRunDirectory(t *testing.T) {
	f := service(t)
	o := f.load(t, "target: {url: "+f.URL+"}\n"+scenario)
	require.Equal(t, reports.StatusPass, o.status, o.stdout+o.stderr)
	for name, row := range map[string]struct {
		file string
		harm func(*testing.T, string)
		says string
	}{
		"bytes of the samples are overwritten": {"tsdb/*/chunks/*", overwrite, "damaged"},
		"bytes of the index are overwritten":   {"tsdb/*/index", overwrite, ""},
		"the evidence is cut":                  {"evidence.json", cut, "unexpected end of JSON input"},
		"the result is cut":                    {"result.json", cut, "unexpected end of JSON input"},
		"the samples are gone":                 {"tsdb", remove, "no such file"},
		"the sources are gone":                 {"sources", remove, "is not a run directory"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "run")
			require.NoError(t, os.CopyFS(dir, os.DirFS(o.dir)))
			found, err := filepath.Glob(filepath.Join(dir, row.file))
			require.NoError(t, err)
			require.NotEmpty(t, found)
			row.harm(t, found[0])
			status, _, said := carriedOut("verify", dir)
			require.Equal(t, reports.StatusUsage, status, said)
			require.Contains(t, said, row.says)
		})
	}
}

func overwrite(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	for i := len(text) / 3; i < min(len(text)/3+400, len(text)); i++ {
		text[i] ^= 0xff
	}
	require.NoError(t, os.WriteFile(file, text, 0o644))
}

func cut(t *testing.T, file string) { require.NoError(t, unix.Truncate(file, 100)) }

func remove(t *testing.T, file string) { require.NoError(t, os.RemoveAll(file)) }
